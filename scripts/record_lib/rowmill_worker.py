"""Our own worker on the worker properties of Debezium's, as a process of this run."""

import os
import signal
import subprocess
import time
from pathlib import Path

from stack_lib import http_probe
from stack_lib.incumbent_worker import DEFAULTS
from stack_lib.progress import StackError, say, tail
from stack_lib.stack import Stack

from .connect_worker import ConnectWorker

STOP_TIMEOUT_SECONDS = 30
REPOSITORY = Path(__file__).resolve().parents[2]


class RowmillWorker(ConnectWorker):
    def __init__(self, stack: Stack, kafka: str, registry: str):
        super().__init__(f"http://127.0.0.1:{stack.choose_port('rowmill_worker')}")
        self.kafka, self.registry = kafka, registry
        self.folder = stack.folder("rowmill")
        self.log = self.folder / "log"
        self.log.write_bytes(b"")
        self.start()

    def start(self) -> None:
        """With a group and internal topics that no run had before, so that it knows of no connector and no offset."""
        properties = self.folder / "worker.properties"
        text = DEFAULTS.format(registry=self.registry).replace("incumbent", f"rowmill-{time.time_ns()}")
        properties.write_text(f"{text}bootstrap.servers={self.kafka}\nlisteners={self.url}\n")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [binary(), "worker", properties], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.wait(self.answers, f"{self.url} answers; see {self.log}")
        except BaseException:
            self.end()
            raise

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise StackError(f"rowmill ended with code {self.process.returncode}; {self.log}:\n{tail(self.log)}")
        return http_probe.is_ok(f"{self.url}/")

    def forget(self, name: str) -> None:
        if self.exists(name):
            self.end()
            self.start()

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            say("rowmill", f"still there {STOP_TIMEOUT_SECONDS} s after SIGTERM, killing it")
            self.process.kill()
            self.process.wait()


def binary() -> Path:
    given = os.environ.get("ROWMILL_BIN")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    candidates = [Path(given)] if given else [target / profile / "rowmill" for profile in ("debug", "release")]
    built = [path for path in candidates if path.exists()]
    if not built:
        raise StackError("rowmill is not built; build it with: cargo build -p worker")
    return max(built, key=lambda path: path.stat().st_mtime)
