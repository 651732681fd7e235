"""A Kafka broker (KRaft) with a plain listener and two that want to know who asks. The controller is in the same process, unless the
stack has one of its own, as every stack of several brokers."""

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import install_kafka
from .kafka_controller import KafkaController
from .kafka_storage import KafkaStorage
from .progress import StackError
from .sasl_listener import SaslListener
from .server import Server
from .stack import Stack

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
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
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
# Of one among three, behind the lines above, which it overrides: one broker can be away, and nothing waits for it.
OF_THREE = """\
node.id={number}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
"""


def addresses(ports: dict[str, int]) -> str:
    return ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())


class KafkaServer(Server):
    """The first broker of a stack is `kafka`, the others are `kafka-2` and `kafka-3`."""

    name = "kafka"
    port_variable = "ROWMILL_KAFKA_PORT"

    def __init__(self, stack: Stack, number: int = 1):
        super().__init__(stack)
        self.number = number
        if number > 1:
            self.name, self.port_variable = f"kafka-{number}", None

    def install(self) -> None:
        self.storage.install()

    def choose_ports(self) -> None:
        super().choose_ports()
        self.stack.choose_port(f"{self.name}_sasl")
        self.stack.choose_port(f"{self.name}_tls")
        if self.number == 1:
            self.stack.choose_port("kafka_controller")
        self.storage.choose_cluster()

    def remember_cluster(self, brokers: int | None, version: str | None) -> None:
        """Number and version of the brokers stay with the stack: data of one are not for another."""
        for key, given, default in (
                ("kafka_brokers", brokers, 1), ("kafka_version", version, install_kafka.DEFAULT_VERSION)):
            remembered = self.stack.state.get(key, default)
            if given and given != remembered and self.was_started():
                raise StackError(f"{self.name}: the stack in {self.stack.home} was made with {key.partition('_')[2]} {remembered}; "
                                 "give --fresh to lose its data, or name another folder in ROWMILL_STACK")
            if given:
                self.stack.remember(key, given)

    @property
    def cluster(self) -> list["KafkaServer"]:
        """All brokers of the stack."""
        return [KafkaServer(self.stack, number) for number in range(1, self.stack.state.get("kafka_brokers", 1) + 1)]

    @property
    def tls_port(self) -> int:
        """A stack may be older than this listener."""
        return self.stack.port(f"{self.name}_tls") or self.stack.choose_port(f"{self.name}_tls")

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
        clients = {"PLAINTEXT": self.port, "SASL_SSL": self.stack.require_port(f"{self.name}_sasl"),
                   "SSL": self.tls_port}
        listeners = dict(clients)
        if self.is_controller:
            controller_port = self.stack.require_port("kafka_controller")
            roles, voters = ROLES, f"1@127.0.0.1:{controller_port}"
            listeners["CONTROLLER"] = controller_port
        else:
            roles, voters = "broker", KafkaController(self.stack).voters
        of_three = OF_THREE.format(number=self.number) if len(self.cluster) > 1 else ""
        self.storage.properties.write_text(PROPERTIES.format(
            roles=roles, voters=voters, listeners=addresses(listeners), advertised=addresses(clients),
            data=self.storage.data, largest=LARGEST_MESSAGE, largest_request=2 * LARGEST_MESSAGE) + of_three + self.sasl.properties())
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
        if self.number > 1 or self.sasl.scram_users_made.exists():
            return
        for user, log_in in self.sasl.scram_users().items():
            self.storage.run_tool("making a user", "kafka.admin.ConfigCommand", "--bootstrap-server", f"127.0.0.1:{self.port}",
                          "--alter", "--entity-type", "users", "--entity-name", user, "--add-config", log_in)
        self.sasl.scram_users_made.touch()

    def command(self) -> list:
        return self.storage.command("512m", "kafka.Kafka", self.storage.properties)

    def answers(self) -> bool:
        """Metadata that names this broker: a node that is still fenced is not in it."""
        request = struct.pack(">hhih", 3, 1, 0, -1) + struct.pack(">i", 0)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                length = connection.recv(4, socket.MSG_WAITALL)
                answer = connection.recv(struct.unpack(">i", length)[0], socket.MSG_WAITALL) if len(length) == 4 else b""
        except OSError:
            return False
        return struct.pack(">ih9si", self.number, 9, b"127.0.0.1", self.port) in answer

    def environment(self) -> dict[str, str]:
        if self.number > 1:
            return {}
        sasl_port = self.stack.port("kafka_sasl")
        return {
            "ROWMILL_KAFKA": ",".join(f"127.0.0.1:{broker.port}" for broker in self.cluster),
            "ROWMILL_KAFKA_LIBS": str(install_kafka.libs(self.storage.version)),
        } | (self.sasl.environment(sasl_port, self.stack.port("kafka_tls")) if sasl_port else {})
