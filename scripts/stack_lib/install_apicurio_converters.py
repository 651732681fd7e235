"""Apicurio's converters, as one Kafka Connect plugin folder.

Those of version 2, which speak version 2 of the registry's API: what those of version 3 need is not published as a whole.
"""

from pathlib import Path

from . import cache, maven

VERSION = "2.6.13.Final"
NAME = f"apicurio-converters-{VERSION}"
# What Kafka Connect has itself: classes that both know must be the same.
NOT_WANTED = ["connect-*", "kafka-clients-*", "slf4j-api-*", "lz4-java-*", "snappy-java-*", "zstd-jni-*",
              "jackson-annotations-*", "jackson-core-*", "jackson-databind-*"]


def install() -> Path:
    return cache.entry(NAME, build, lock=maven.LOCK)


def plugin_path() -> Path:
    return cache.cache_root() / NAME / "plugins"


def build(part: Path) -> None:
    maven.copy_with_dependencies(NAME, [f"io.apicurio:apicurio-registry-utils-converter:{VERSION}"], part)
    libs = part / "libs"
    for pattern in NOT_WANTED:
        for jar in libs.glob(pattern):
            jar.unlink()
    (part / "plugins").mkdir()
    libs.rename(part / "plugins" / "apicurio")
