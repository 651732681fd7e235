"""The measurements: each prepares, does one thing with the worker, and answers what it cost."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from stack_lib.progress import StackError, say

from .many_tables import ManyTables
from .measured_worker import MeasuredWorker
from .orders import DATABASE, Orders
from .topic_reader import TopicReader

IDLE_SECONDS = 60
SETTLE_SECONDS = 10
LATENCY_SECONDS = 30
TRANSACTIONS_PER_SECOND = 200
# The first seconds of a trickle pay for the topic and the schemas.
WARM_UP_SECONDS = 5
WRITERS = 4


@dataclass
class Bench:
    worker: MeasuredWorker
    orders: Orders
    consumer: Path
    changes: int
    rows_per_transaction: int
    table_count: int

    def stream(self) -> dict:
        """Catching up: half inserts, half updates, in transactions of a few rows each."""
        self.stop_at_an_empty_table()
        rows = self.changes // 2
        say("mysql", f"writing {2 * rows} changes in transactions of {self.rows_per_transaction}")
        self.orders.insert(0, rows, self.rows_per_transaction)
        self.orders.update(0, rows, self.rows_per_transaction)
        return self.catch_up("stream", 2 * rows) | {"rows_per_transaction": self.rows_per_transaction}

    def huge(self) -> dict:
        """Catching up on one transaction."""
        self.stop_at_an_empty_table()
        say("mysql", f"inserting {self.changes} rows in one transaction")
        self.orders.insert_at_once(self.changes)
        return self.catch_up("huge", self.changes) | {"rows_per_transaction": self.changes}

    def snapshot(self) -> dict:
        """Reading the table."""
        self.orders.create()
        say("mysql", f"inserting {self.changes} rows")
        self.orders.insert(0, self.changes, 10000, logged=False)
        self.worker.start()
        return self.measured("snapshot", self.changes, lambda: self.worker.create_connector("initial"))

    def many_tables(self) -> dict:
        """A snapshot of very many tables with hardly a row in them; and a start beside a long schema history."""
        tables = ManyTables(self.orders.mysql, self.table_count)
        say("mysql", f"creating {self.table_count} tables")
        tables.create()
        self.worker.start()
        before = self.worker.cpu_seconds()
        self.worker.create_connector("initial", rf"{DATABASE}\..*")
        largest = self.largest_offset()
        used = self.worker.cpu_seconds() - before
        lock, unlock = (self.worker.logged_at(words)[0] for words in ("holding the", "released the read lock"))
        first, complete = (self.worker.logged_at(words)[0] for words in ("reading table", "the snapshot is complete"))
        say("mysql", f"altering {3 * self.table_count} times")
        tables.alter(3 * self.table_count)
        self.worker.wait(lambda: self.worker.logged_sum("recorded schema changes", "statements") > 3 * self.table_count, "all is recorded")
        self.worker.end()
        began = time.time()
        self.worker.start()
        self.worker.wait(lambda: len(self.worker.logged_at("recovered the schema history")) == 1, "the history is read")
        return {"run": "many_tables", "tables": self.table_count, "ms_per_table": round((complete - first) * 1000 / self.table_count, 2),
                "read_lock_s": round(unlock - lock, 2), "seconds": round(complete - lock, 1), "largest_offset_bytes": largest,
                "cpu_s": round(used, 1), "start_s": round(self.worker.logged_at("recovered the schema history")[0] - began, 1),
                "peak_rss_mb": round(self.worker.peak_rss_mb(), 1)}

    def largest_offset(self) -> int:
        """Looks at the stored offset until the snapshot is complete."""
        largest = 0
        while not self.worker.is_streaming():
            offset = self.worker.offset("bench")
            largest = max(largest, len(json.dumps(offset)) if offset else 0)
            time.sleep(0.2)
        return largest

    def latency(self) -> dict:
        """Single-row transactions at an even pace; from the commit, as MySQL stamps it, to a consumer's hands."""
        self.orders.create()
        self.worker.start()
        self.worker.create_connector("no_data")
        self.worker.await_streaming()
        skipped = WARM_UP_SECONDS * TRANSACTIONS_PER_SECOND
        count = skipped + LATENCY_SECONDS * TRANSACTIONS_PER_SECOND
        reader = self.reader(count, self.worker.registry, skipped)
        try:
            before, began = self.worker.cpu_seconds(), time.monotonic()
            self.trickle(count)
            seconds = time.monotonic() - began
            seen = reader.result()
            used = self.worker.cpu_seconds() - before
        finally:
            reader.end()
        latency = {f"{name}_ms": round(us / 1000, 1) for name, us in seen["latency_us"].items() if name != "count"}
        return {"run": "latency", "transactions": seen["latency_us"]["count"],
                "transactions_per_second": round(count / seconds)} | latency | {
                "cpu_us_per_change": round(used * 1e6 / count, 1), "peak_rss_mb": round(self.worker.peak_rss_mb(), 1)}

    def idle(self) -> dict:
        """A worker with one connector and nothing to do; and how long it takes to answer."""
        self.orders.create()
        first = self.worker.start()
        self.worker.create_connector("no_data")
        self.worker.await_streaming()
        self.worker.end()
        again = self.worker.start()
        self.worker.await_streaming()
        time.sleep(SETTLE_SECONDS)
        before = self.worker.cpu_seconds()
        time.sleep(IDLE_SECONDS)
        used = self.worker.cpu_seconds() - before
        return {"run": "idle", "cpu_s_per_minute": round(used * 60 / IDLE_SECONDS, 2),
                "first_start_ms": round(first * 1000), "start_ms": round(again * 1000),
                "peak_rss_mb": round(self.worker.peak_rss_mb(), 1)}

    def stop_at_an_empty_table(self) -> None:
        """Leaves a stored offset before the changes, and no process that has seen anything."""
        self.orders.create()
        self.worker.start()
        self.worker.create_connector("no_data")
        self.worker.await_streaming()
        self.worker.stop_connector()
        self.worker.end()

    def catch_up(self, run: str, count: int) -> dict:
        self.worker.start()
        return self.measured(run, count, self.worker.resume_connector)

    def measured(self, run: str, count: int, begin) -> dict:
        """From the REST call that begins the work until the last change is visible."""
        reader = self.reader(count)
        try:
            before, began_us = self.worker.cpu_seconds(), time.time_ns() // 1000
            begin()
            while not reader.is_done():
                if self.worker.has_failed("bench"):
                    raise StackError(f"the connector failed: {self.worker.status('bench')}")
                time.sleep(1)
            used = self.worker.cpu_seconds() - before
            seen = reader.result()
        finally:
            reader.end()
        seconds = (seen["last_us"] - began_us) / 1e6
        return {"run": run, "changes": seen["records"], "cpu_us_per_change": round(used * 1e6 / count, 2),
                "changes_per_s": round(count / seconds), "seconds": round(seconds, 1),
                "peak_rss_mb": round(self.worker.peak_rss_mb(), 1), "bytes_per_record": seen["bytes"] // count}

    def reader(self, count: int, registry: str = "", skipped: int = 0) -> TopicReader:
        return TopicReader(self.consumer, self.worker.kafka, self.worker.topic, count, registry, skipped)

    def trickle(self, count: int) -> None:
        """`count` commits at a fixed pace, in turn by several sessions: none waits for another's disk."""
        client = self.orders.mysql.client("--batch", DATABASE)
        writers = [subprocess.Popen(client, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(WRITERS)]
        began = time.monotonic()
        for number in range(count):
            due = began + number / TRANSACTIONS_PER_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
            pipe = writers[number % WRITERS].stdin
            pipe.write(f"CALL insert_orders({number}, {number + 1}, 1);\n".encode())
            pipe.flush()
        for writer in writers:
            writer.stdin.close()
            if writer.wait() != 0:
                raise StackError("a writer failed; its reason is above")
