"""How a main class of Kafka's jars is run: the broker, its tools, and Debezium's worker."""

from pathlib import Path

from . import install_kafka

LOG4J = """\
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = OUT
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
"""


def command(folder: Path, heap: str, *main: str | Path) -> list:
    """The command line of `main` (class and arguments), which logs to its standard output."""
    log4j = folder / "log4j2.properties"
    log4j.write_text(LOG4J)
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={log4j}",
            "-cp", f"{install_kafka.libs()}/*", *main]
