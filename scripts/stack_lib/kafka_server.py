"""One Kafka broker (KRaft) with a plain listener and one that demands a log-in; the controller is in the same process, unless
the stack has one of its own."""

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import install_kafka, kafka_jvm
from .kafka_controller import KafkaController
from .kafka_storage import KafkaStorage
from .progress import StackError
from .sasl_listener import SaslListener
from .server import Server

LARGEST_MESSAGE = 64 * 1024 * 1024

# Of a broker that is its own controller.
ROLES = "broker,controller"
# A static controller quorum: the address is not written into the metadata log, so the port may change between starts.
# A broker that was killed is let in again only when the session of its former self has expired (9 s by default).
PROPERTIES = """\
process.roles={roles}
node.id=1
listeners={listeners}
advertised.listeners={advertised}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters={voters}
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


def addresses(ports: dict[str, int]) -> str:
    return ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())


class KafkaServer(Server):
    name = "kafka"
    port_variable = "ROWMILL_KAFKA_PORT"

    def install(self) -> None:
        install_kafka.install()

    def choose_ports(self) -> None:
        super().choose_ports()
        self.stack.choose_port("kafka_sasl")
        self.stack.choose_port("kafka_controller")
        self.storage.choose_cluster()

    @property
    def storage(self) -> KafkaStorage:
        return KafkaStorage(self)

    @property
    def is_controller(self) -> bool:
        return not KafkaController(self.stack).was_started()

    @property
    def sasl(self) -> SaslListener:
        return SaslListener(self.folder)

    def prepare(self) -> None:
        clients = {"PLAINTEXT": self.port, "SASL_SSL": self.stack.require_port("kafka_sasl")}
        listeners = dict(clients)
        controller_port = self.stack.require_port("kafka_controller")
        if self.is_controller:
            roles, voters = ROLES, f"1@127.0.0.1:{controller_port}"
            listeners["CONTROLLER"] = controller_port
        else:
            roles, voters = "broker", KafkaController(self.stack).voters
        self.storage.properties.write_text(PROPERTIES.format(
            roles=roles, voters=voters, listeners=addresses(listeners), advertised=addresses(clients),
            data=self.storage.data, largest=LARGEST_MESSAGE, largest_request=2 * LARGEST_MESSAGE) + self.sasl.properties())
        # A virtual machine each, so both at once.
        with ThreadPoolExecutor() as pool:
            certificate = pool.submit(self.sasl.make_certificate)
            self.format()
            certificate.result()

    def format(self) -> None:
        if self.storage.is_formatted:
            return
        if not self.is_controller:
            # Users live in the metadata, which is the controller's.
            self.storage.format()
            return
        users = [argument for user, log_in in self.sasl.scram_users().items()
                 for argument in ("--add-scram", log_in.replace("[", f"[name={user},"))]
        self.storage.format(*users)
        self.sasl.scram_users_made.touch()

    def after_first_answer(self) -> None:
        """A stack that was formatted without users of SASL gets them now."""
        if self.sasl.scram_users_made.exists():
            return
        for user, log_in in self.sasl.scram_users().items():
            self.storage.run_tool("making a user", "kafka.admin.ConfigCommand", "--bootstrap-server", f"127.0.0.1:{self.port}",
                          "--alter", "--entity-type", "users", "--entity-name", user, "--add-config", log_in)
        self.sasl.scram_users_made.touch()

    def command(self) -> list:
        return kafka_jvm.command(self.folder, "512m", "kafka.Kafka", self.storage.properties)

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
