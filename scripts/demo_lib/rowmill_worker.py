"""The worker of the demo: a properties file as a user would write it, and the process that runs on it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from stack_lib import http_probe, prerequisites
from stack_lib.kafka_server import KafkaServer
from stack_lib.progress import StackError, run_logged, say, tail
from stack_lib.registry_server import RegistryServer
from stack_lib.stack import Stack

REPOSITORY = Path(__file__).resolve().parents[2]
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30

BUILD = ["cargo", "build", "--release", "--locked", "--package", "worker", "--bin", "rowmill"]
PROPERTIES = """\
bootstrap.servers={kafka}
group.id=demo
listeners={url}

config.storage.topic=demo-configs
offset.storage.topic=demo-offsets
status.storage.topic=demo-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1

key.converter=io.confluent.connect.avro.AvroConverter
key.converter.schema.registry.url={registry}
value.converter=io.confluent.connect.avro.AvroConverter
value.converter.schema.registry.url={registry}
"""


class RowmillWorker:
    def __init__(self, stack: Stack, binary: Path):
        self.binary = binary
        self.url = f"http://127.0.0.1:{stack.choose_port('rowmill', 'ROWMILL_REST_PORT')}"
        folder = stack.folder("rowmill")
        self.log = folder / "worker.log"
        self.properties = folder / "worker.properties"
        self.properties.write_text(PROPERTIES.format(
            kafka=KafkaServer(stack).environment()["ROWMILL_KAFKA"], registry=RegistryServer(stack).url, url=self.url))
        self.process = None

    def start(self) -> None:
        """Returns when REST answers. A Ctrl-C at the terminal is the demo's to handle, not the worker's."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "worker", self.properties], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        while not http_probe.is_ok(f"{self.url}/"):
            self.require_running()
            if time.monotonic() - began > START_TIMEOUT_SECONDS:
                raise StackError(f"rowmill does not answer after {START_TIMEOUT_SECONDS} s; {self.log}:\n{tail(self.log)}")
            time.sleep(0.02)
        say("rowmill", f"answers at {self.url} after {time.monotonic() - began:.1f} s")

    def require_running(self) -> None:
        if self.process.poll() is not None:
            raise StackError(f"rowmill ended with code {self.process.returncode}; {self.log}:\n{tail(self.log)}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Drains: what is read is committed."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT_SECONDS)
            say("rowmill", "stopped")
        except subprocess.TimeoutExpired:
            say("rowmill", f"still there {STOP_TIMEOUT_SECONDS} s after SIGTERM, killing it")
            self.kill()


def needs() -> list[tuple[prerequisites.Tool, ...]]:
    """The groups of tools that `built_binary` cannot do without."""
    return [] if os.environ.get("ROWMILL_BIN") else [prerequisites.BUILD]


def built_binary() -> Path:
    """ROWMILL_BIN, or the release binary, which cargo brings up to date."""
    given = os.environ.get("ROWMILL_BIN")
    if given:
        if not Path(given).is_file():
            raise StackError(f"ROWMILL_BIN is {given}, and there is no such file")
        return Path(given).absolute()
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target").absolute()
    if sys.stderr.isatty():
        # Cargo's own progress bar.
        say("rowmill", f"{' '.join(BUILD)}  (minutes the first time)")
        if subprocess.run(BUILD, cwd=REPOSITORY).returncode != 0:
            raise StackError("rowmill was not built")
    else:
        run_logged("rowmill", "building the release binary", BUILD, target / "demo-build.log", cwd=REPOSITORY)
    return target / "release" / "rowmill"
