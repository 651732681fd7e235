"""Apache Kafka as the jars that Maven has: broker, command-line tools, and Kafka Connect's runtime for Debezium."""

from pathlib import Path

from . import cache, maven

VERSION = "4.3.0"
NAME = f"kafka-{VERSION}"
COORDINATES = [
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    f"org.apache.kafka:kafka-tools:{VERSION}",
    f"org.apache.kafka:connect-runtime:{VERSION}",
    f"org.apache.kafka:connect-json:{VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",
]


def install() -> Path:
    return cache.entry(NAME, lambda part: maven.copy_with_dependencies(NAME, COORDINATES, part), lock=maven.LOCK)


def libs() -> Path:
    return cache.cache_root() / NAME / "libs"
