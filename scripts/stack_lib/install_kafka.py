"""Apache Kafka as the jars that Maven has: broker, command-line tools, and Kafka Connect's runtime for Debezium."""

from pathlib import Path

from . import cache, maven

# What `--kafka-version` takes. The older one has transactions as they were before KIP-890.
VERSIONS = {"4.3": "4.3.0", "3.9": "3.9.1"}
DEFAULT_VERSION = "4.3"
VERSION = VERSIONS[DEFAULT_VERSION]


def name(version: str) -> str:
    return f"kafka-{version}"


def coordinates(version: str) -> list[str]:
    kafka = [f"org.apache.kafka:{module}:{version}" for module in ("kafka_2.13", "kafka-tools", "connect-runtime", "connect-json")]
    # The older one brings another implementation of its log, and two are one too many.
    return kafka if logs_with_reload4j(version) else [*kafka, "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"]


def logs_with_reload4j(version: str) -> bool:
    return version.startswith("3.")


def install(version: str = VERSION) -> Path:
    return cache.entry(
        name(version), lambda part: maven.copy_with_dependencies(name(version), coordinates(version), part), lock=maven.LOCK)


def libs(version: str = VERSION) -> Path:
    return cache.cache_root() / name(version) / "libs"
