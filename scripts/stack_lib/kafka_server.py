"""One Kafka node, broker and controller in one process (KRaft)."""

import base64
import socket
import struct
import subprocess
import uuid
from pathlib import Path

from . import install_kafka, kafka_jvm
from .progress import StackError
from .server import Server

LARGEST_MESSAGE = 64 * 1024 * 1024

# A static controller quorum: the address is not written into the metadata log, so the port may change between starts.
# A broker that was killed is let in again only when the session of its former self has expired (9 s by default).
PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller_port}
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
log.cleaner.backoff.ms=1000
message.max.bytes={largest}
replica.fetch.max.bytes={largest}
socket.request.max.bytes={largest_request}
"""


class KafkaServer(Server):
    name = "kafka"
    port_variable = "ROWMILL_KAFKA_PORT"

    def install(self) -> None:
        install_kafka.install()

    def choose_ports(self) -> None:
        super().choose_ports()
        self.stack.choose_port("kafka_controller")

    @property
    def properties(self) -> Path:
        return self.folder / "server.properties"

    def prepare(self) -> None:
        data = self.folder / "data"
        self.properties.write_text(PROPERTIES.format(
            port=self.port, controller_port=self.stack.require_port("kafka_controller"), data=data,
            largest=LARGEST_MESSAGE, largest_request=2 * LARGEST_MESSAGE))
        if not (data / "meta.properties").exists():
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "x")
            storage_tool = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", self.properties)
            result = subprocess.run(
                kafka_jvm.command(self.folder, "128m", *storage_tool), capture_output=True, text=True)
            if result.returncode != 0:
                raise StackError(f"{self.name}: formatting the data folder failed:\n{result.stdout}{result.stderr}")

    def command(self) -> list:
        return kafka_jvm.command(self.folder, "512m", "kafka.Kafka", self.properties)

    def answers(self) -> bool:
        """Metadata that names a broker: a node that is still fenced is not in it."""
        request = struct.pack(">hhih", 3, 1, 0, -1) + struct.pack(">i", 0)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                answer = connection.recv(12, socket.MSG_WAITALL)
        except OSError:
            return False
        return len(answer) == 12 and struct.unpack(">iii", answer)[2] > 0

    def environment(self) -> dict[str, str]:
        return {
            "ROWMILL_KAFKA": f"127.0.0.1:{self.port}",
            "ROWMILL_KAFKA_LIBS": str(install_kafka.libs()),
        }
