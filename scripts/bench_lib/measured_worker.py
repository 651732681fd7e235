"""A worker process under measurement: its REST interface, its processor time, its memory."""

import os
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path

from record_lib.connect_worker import ConnectWorker
from stack_lib import http_probe
from stack_lib.kafka_server import KafkaServer
from stack_lib.mysql_server import MySqlServer
from stack_lib.progress import StackError, tail
from stack_lib.registry_server import RegistryServer
from stack_lib.stack import Stack

from . import process_cost
from .orders import DATABASE, TABLE
from .transforms import TRANSFORMS

CONNECTOR = "bench"
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 60

# Everything else is as a user gets it.
PROPERTIES = """\
bootstrap.servers={kafka}
listeners={url}
group.id={name}
config.storage.topic={name}-configs
offset.storage.topic={name}-offsets
status.storage.topic={name}-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
exactly.once.source.support=enabled
key.converter=io.confluent.connect.avro.AvroConverter
key.converter.schema.registry.url={registry}
value.converter=io.confluent.connect.avro.AvroConverter
value.converter.schema.registry.url={registry}
"""


class MeasuredWorker(ConnectWorker):
    """With a group and topics that no run had before."""

    def __init__(self, stack: Stack, binary: Path, wrapper: list[str], transform: str | None = None):
        super().__init__(f"http://127.0.0.1:{stack.choose_port('bench_worker')}")
        self.binary, self.wrapper = binary, wrapper
        self.transforms = TRANSFORMS.get(transform, {})
        self.kafka = KafkaServer(stack).environment()["ROWMILL_KAFKA"]
        self.registry, self.mysql = RegistryServer(stack).url, MySqlServer(stack)
        self.folder = stack.folder("bench")
        self.log = self.folder / "log"
        self.log.write_bytes(b"")
        self.properties = self.folder / "worker.properties"
        self.process = None
        self.renew()

    def renew(self) -> None:
        """The next process is of another group, with other topics."""
        self.end()
        self.name = f"bench_{time.time_ns()}"
        self.properties.write_text(PROPERTIES.format(
            kafka=self.kafka, url=self.url, name=self.name, registry=self.registry))

    @property
    def topic(self) -> str:
        return f"{self.name}.{TABLE}"

    def start(self) -> float:
        """The seconds until REST answered."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, self.binary, "worker", self.properties], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not http_probe.is_ok(f"{self.url}/"):
            if self.process.poll() is not None or time.monotonic() - began > START_TIMEOUT_SECONDS:
                raise StackError(f"rowmill does not answer; {self.log}:\n{tail(self.log)}")
            time.sleep(0.005)
        return time.monotonic() - began

    def create_connector(self, snapshot_mode: str, tables: str = TABLE, partitions: int = 1) -> None:
        mysql = self.mysql.environment()
        self.create(CONNECTOR, {
            "connector.class": "io.debezium.connector.mysql.MySqlConnector",
            "tasks.max": "1",
            "topic.prefix": self.name,
            "database.hostname": mysql["ROWMILL_MYSQL_HOST"],
            "database.port": mysql["ROWMILL_MYSQL_PORT"],
            "database.user": mysql["ROWMILL_MYSQL_USER"],
            "database.password": mysql["ROWMILL_MYSQL_PASSWORD"],
            "database.server.id": str(os.getpid()),
            "database.include.list": DATABASE,
            "table.include.list": tables,
            "snapshot.mode": snapshot_mode,
            "schema.history.internal.kafka.bootstrap.servers": self.kafka,
            "schema.history.internal.kafka.topic": f"{self.name}-history",
            "topic.creation.default.partitions": str(partitions),
            "topic.creation.default.replication.factor": "1",
            **self.transforms,
        })

    def await_streaming(self) -> None:
        self.wait(self.is_streaming, f"{CONNECTOR} streams; see {self.log}")

    def is_streaming(self) -> bool:
        if self.has_failed(CONNECTOR):
            raise StackError(f"{CONNECTOR} failed: {self.status(CONNECTOR)}")
        offset = self.offset(CONNECTOR)
        return offset is not None and "snapshot" not in offset

    def logged_at(self, words: str) -> list[float]:
        """When lines with these words were logged, in seconds."""
        lines = (line.split() for line in self.log.read_text().splitlines() if words in line)
        return [datetime.fromisoformat(line[0]).timestamp() for line in lines if line]

    def logged_sum(self, words: str, field: str) -> int:
        """What the lines with these words say of a field, added up."""
        lines = (line for line in self.log.read_text().splitlines() if words in line)
        return sum(int(word.partition("=")[2]) for line in lines for word in line.split() if word.startswith(f"{field}="))

    def stop_connector(self) -> None:
        self.stop(CONNECTOR)

    def resume_connector(self) -> None:
        self.resume(CONNECTOR)

    @property
    def pid(self) -> int:
        """Of the worker itself, below whatever wraps it."""
        if not self.wrapper:
            return self.process.pid
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self.process.pid

    def cpu_seconds(self) -> float:
        return process_cost.cpu_seconds(self.pid)

    def peak_rss_mb(self) -> float:
        return process_cost.peak_rss_mb(self.pid)

    def end(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
