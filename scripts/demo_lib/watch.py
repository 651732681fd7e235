"""A consumer that counts: `rowmill tail --json`, read in the background."""

import json
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

from stack_lib.progress import StackError

from .connector import DATABASE, PREFIX
from .rowmill_worker import RowmillWorker
from .trickle import TABLES


class Watch:
    def __init__(self, worker: RowmillWorker, errors: Path):
        self.seen: Counter[tuple[str, str]] = Counter()
        # Of each streamed change: when it was committed, and how long it took to become visible.
        self.latencies_ms: list[tuple[float, float]] = []
        self.first_event_at = None
        # By table: its topic has one partition, so what precedes the event of a GTID has been seen with it.
        self.last_gtid: dict[str, str] = {}
        self.records = 0
        self.changed = threading.Condition()
        self.errors = errors
        with errors.open("ab") as output:
            self.process = subprocess.Popen(
                [worker.binary, "tail", "--worker", worker.properties, "--prefix", PREFIX, "--json"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output, start_new_session=True, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self) -> None:
        for line in self.process.stdout:
            event = json.loads(line)
            with self.changed:
                self.count(event)
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def count(self, event: dict) -> None:
        if event["operation"] == "ddl":
            return
        self.records += 1
        if self.first_event_at is None:
            self.first_event_at = time.monotonic()
        table = event.get("table") or event["topic"].removeprefix(f"{PREFIX}.")
        self.seen[table, event["operation"]] += 1
        if event.get("latency_ms") is not None:
            self.latencies_ms.append((event["committed_ms"], event["latency_ms"]))
        if event.get("gtid"):
            self.last_gtid[table] = event["gtid"]

    def has_seen_all_of(self, gtid: str) -> bool:
        """Whether an event of this transaction has come in every table that it changed, which is all of them."""
        return all(self.last_gtid.get(f"{DATABASE}.{table}") == gtid for table in TABLES)

    def wait(self, what: str, seconds: float, is_so) -> None:
        """Until `is_so()`, looked at after each event."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not is_so():
                left = deadline - time.monotonic()
                if self.process.poll() is not None:
                    raise StackError(f"rowmill tail ended with code {self.process.returncode}:\n{self.errors.read_text()}")
                if left <= 0:
                    raise StackError(f"after {seconds:.0f} s still not: {what}")
                self.changed.wait(min(left, 1))

    def latency_ms(self, percentile: float, committed_before: float) -> float:
        ordered = sorted(latency for committed, latency in self.latencies_ms if committed < 1000 * committed_before)
        return ordered[min(int(len(ordered) * percentile), len(ordered) - 1)] if ordered else 0.0

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
