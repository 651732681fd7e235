"""Kafka's controller in a process of its own, for stacks that ask for it (`up --own-controller`).

With it a broker that is suspended is fenced by its controller meanwhile, as in clusters of several nodes. A node that is both
is suspended as a whole, so nobody is there to fence it.
"""

import socket

from .kafka_storage import KafkaStorage
from .server import Server

NODE_ID = 100

PROPERTIES = """\
process.roles=controller
node.id={node_id}
listeners=CONTROLLER://127.0.0.1:{port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
controller.listener.names=CONTROLLER
controller.quorum.voters={node_id}@127.0.0.1:{port}
log.dirs={data}
broker.session.timeout.ms=4000
"""


class KafkaController(Server):
    name = "controller"
    port_variable = "ROWMILL_KAFKA_CONTROLLER_PORT"

    def install(self) -> None:
        KafkaStorage(self).install()

    def choose_ports(self) -> None:
        super().choose_ports()
        KafkaStorage(self).choose_cluster()

    @property
    def voters(self) -> str:
        return f"{NODE_ID}@127.0.0.1:{self.port}"

    def prepare(self) -> None:
        storage = KafkaStorage(self)
        storage.properties.write_text(PROPERTIES.format(node_id=NODE_ID, port=self.port, data=storage.data))
        if not storage.is_formatted:
            storage.format()

    def command(self) -> list:
        return KafkaStorage(self).command("256m", "kafka.Kafka", KafkaStorage(self).properties)

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2):
                return True
        except OSError:
            return False

    def environment(self) -> dict[str, str]:
        return {}
