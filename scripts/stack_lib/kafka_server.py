"""One Kafka node, broker and controller in one process (KRaft), with a plain listener and one that demands a log-in."""

import base64
import socket
import struct
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import install_kafka, kafka_jvm
from .progress import StackError
from .sasl_listener import SaslListener
from .server import Server

LARGEST_MESSAGE = 64 * 1024 * 1024

# A static controller quorum: the address is not written into the metadata log, so the port may change between starts.
# A broker that was killed is let in again only when the session of its former self has expired (9 s by default).
PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners={listeners}
advertised.listeners={listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
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
        self.stack.choose_port("kafka_sasl")
        self.stack.choose_port("kafka_controller")

    @property
    def properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def sasl(self) -> SaslListener:
        return SaslListener(self.folder)

    def prepare(self) -> None:
        data = self.folder / "data"
        controller_port = self.stack.require_port("kafka_controller")
        ports = {"PLAINTEXT": self.port, "SASL_SSL": self.stack.require_port("kafka_sasl"), "CONTROLLER": controller_port}
        self.properties.write_text(PROPERTIES.format(
            listeners=",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items()),
            controller_port=controller_port, data=data,
            largest=LARGEST_MESSAGE, largest_request=2 * LARGEST_MESSAGE) + self.sasl.properties())
        # A virtual machine each, so both at once.
        with ThreadPoolExecutor() as pool:
            certificate = pool.submit(self.sasl.make_certificate)
            self.format(data)
            certificate.result()

    def format(self, data: Path) -> None:
        if (data / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "x")
        users = [argument for user, log_in in self.sasl.scram_users().items()
                 for argument in ("--add-scram", log_in.replace("[", f"[name={user},"))]
        self.run_tool("formatting the data folder", "kafka.tools.StorageTool", "format", "-t", cluster,
                      "-c", self.properties, *users)
        self.sasl.scram_users_made.touch()

    def after_first_answer(self) -> None:
        """A stack that was formatted before there was a SASL listener gets its users now."""
        if self.sasl.scram_users_made.exists():
            return
        for user, log_in in self.sasl.scram_users().items():
            self.run_tool("making a user", "kafka.admin.ConfigCommand", "--bootstrap-server", f"127.0.0.1:{self.port}",
                          "--alter", "--entity-type", "users", "--entity-name", user, "--add-config", log_in)
        self.sasl.scram_users_made.touch()

    def run_tool(self, what: str, *main: str | Path) -> None:
        result = subprocess.run(kafka_jvm.command(self.folder, "128m", *main), capture_output=True, text=True)
        if result.returncode != 0:
            raise StackError(f"{self.name}: {what} failed:\n{result.stdout}{result.stderr}")

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
        sasl_port = self.stack.port("kafka_sasl")
        return {
            "ROWMILL_KAFKA": f"127.0.0.1:{self.port}",
            "ROWMILL_KAFKA_LIBS": str(install_kafka.libs()),
        } | (self.sasl.environment(sasl_port) if sasl_port else {})
