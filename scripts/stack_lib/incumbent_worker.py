"""A distributed Kafka Connect worker with the real Debezium MySQL connector, on the Kafka of a stack."""

from pathlib import Path

from . import http_probe, install_apicurio_converters, install_incumbent, install_kafka, kafka_jvm
from .kafka_server import KafkaServer
from .progress import StackError
from .registry_server import RegistryServer
from .server import Server

# Come first in the file that the worker reads, so that a given properties file overrides them ...
DEFAULTS = """\
group.id=incumbent
config.storage.topic=incumbent-configs
offset.storage.topic=incumbent-offsets
status.storage.topic=incumbent-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=5
status.storage.partitions=2
exactly.once.source.support=enabled
key.converter=io.confluent.connect.avro.AvroConverter
key.converter.schema.registry.url={registry}
value.converter=io.confluent.connect.avro.AvroConverter
value.converter.schema.registry.url={registry}
scheduled.rebalance.max.delay.ms=0
"""
# ... and these come last: what only the stack knows.
OVERRIDES = """\
bootstrap.servers={kafka}
plugin.path={plugins}
listeners=http://127.0.0.1:{port}
"""


class IncumbentWorker(Server):
    name = "incumbent"
    port_variable = "ROWMILL_INCUMBENT_PORT"

    def install(self) -> None:
        install_kafka.install()
        install_incumbent.install()
        install_apicurio_converters.install()

    @property
    def properties(self) -> Path:
        return self.folder / "worker.properties"

    def use_properties(self, given: Path | None) -> None:
        """Take group, topics, converters and the like from a worker's file; without one, from the defaults above."""
        kafka, registry = KafkaServer(self.stack), RegistryServer(self.stack)
        if kafka.pid() is None or registry.pid() is None:
            raise StackError(f"Kafka and the registry of {self.stack.home} do not run; start them with: scripts/stack up")
        values = {
            "kafka": kafka.environment()["ROWMILL_KAFKA"], "registry": registry.url,
            "plugins": plugin_path(), "port": self.port,
        }
        text = given.read_text() if given else ""
        self.properties.write_text(DEFAULTS.format(**values) + text + "\n" + OVERRIDES.format(**values))

    def prepare(self) -> None:
        if not self.properties.exists():
            raise StackError(f"the worker of Debezium was never started in {self.stack.home}; start it with: scripts/incumbent start")

    def command(self) -> list:
        return kafka_jvm.command(
            self.folder, "2g", "org.apache.kafka.connect.cli.ConnectDistributed", self.properties)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        # 200 only after the worker has joined its group and read its topics.
        return http_probe.is_ok(f"{self.url}/health")

    def environment(self) -> dict[str, str]:
        return {"ROWMILL_INCUMBENT": self.url, "ROWMILL_INCUMBENT_PROPERTIES": str(self.properties)}


def plugin_path() -> str:
    return f"{install_incumbent.plugin_path()},{install_apicurio_converters.plugin_path()}"
