"""The data folder of one Kafka node: formatted once, under the cluster id that all nodes of a stack share."""

import base64
import subprocess
import uuid
from pathlib import Path

from . import install_kafka, kafka_jvm
from .progress import StackError
from .server import Server


class KafkaStorage:
    def __init__(self, node: Server):
        self.node = node

    @property
    def properties(self) -> Path:
        return self.node.folder / "server.properties"

    @property
    def data(self) -> Path:
        return self.node.folder / "data"

    @property
    def is_formatted(self) -> bool:
        return (self.data / "meta.properties").exists()

    @property
    def version(self) -> str:
        """Of Kafka: all nodes of a stack have the same."""
        remembered = self.node.stack.state.get("kafka_version") if self.node.stack else None
        return install_kafka.VERSIONS[remembered or install_kafka.DEFAULT_VERSION]

    def install(self) -> None:
        install_kafka.install(self.version)

    def command(self, heap: str, *main: str | Path) -> list:
        return kafka_jvm.command(self.node.folder, heap, *main, version=self.version)

    def choose_cluster(self) -> None:
        if "kafka_cluster" not in self.node.stack.state:
            self.node.stack.remember(
                "kafka_cluster", base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "x"))

    def format(self, *arguments: str) -> None:
        self.run_tool("formatting the data folder", "kafka.tools.StorageTool", "format",
                      "-t", self.node.stack.state["kafka_cluster"], "-c", self.properties, *arguments)

    def run_tool(self, what: str, *main: str | Path) -> None:
        result = subprocess.run(self.command("128m", *main), capture_output=True, text=True)
        if result.returncode != 0:
            raise StackError(f"{self.node.name}: {what} failed:\n{result.stdout}{result.stderr}")
