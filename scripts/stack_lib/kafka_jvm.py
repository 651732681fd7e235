"""How a main class of Kafka's jars is run: the broker, its tools, and Debezium's worker."""

from pathlib import Path

from . import install_kafka

LOG4J_2 = """\
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = OUT
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
"""

RELOAD4J = """\
log4j.rootLogger=INFO, OUT
log4j.appender.OUT=org.apache.log4j.ConsoleAppender
log4j.appender.OUT.layout=org.apache.log4j.PatternLayout
log4j.appender.OUT.layout.ConversionPattern=%d{ISO8601} %-5p %c{1}: %m%n
"""


def command(folder: Path, heap: str, *main: str | Path, version: str = install_kafka.VERSION) -> list:
    """The command line of `main` (class and arguments), which logs to its standard output."""
    if install_kafka.logs_with_reload4j(version):
        log_settings, text, option = folder / "log4j.properties", RELOAD4J, "-Dlog4j.configuration=file:"
    else:
        log_settings, text, option = folder / "log4j2.properties", LOG4J_2, "-Dlog4j2.configurationFile="
    log_settings.write_text(text)
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", f"{option}{log_settings}",
            "-cp", f"{install_kafka.libs(version)}/*", *main]
