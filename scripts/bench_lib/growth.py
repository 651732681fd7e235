"""What must not grow: the price of a change with savepoints, with table ids and with tables, and memory over stops and resumes."""

import time
from dataclasses import dataclass

from stack_lib.progress import StackError, say

from . import process_cost
from .measurements import Bench
from .orders import DATABASE

SAVEPOINT_ROWS = 120_000
TABLES, PARTITIONS = 1000, 6
ID_TABLES, ID_ROUNDS = 200, 5000
CYCLES, CHANGES_PER_CYCLE = 6, 500_000


@dataclass
class Growth:
    bench: Bench

    def savepoints(self) -> dict:
        """One transaction of single rows, without savepoints and with one before each."""
        plain = self.transaction("INSERT INTO orders SELECT {row};")
        kept = self.transaction("SAVEPOINT s{n}; INSERT INTO orders SELECT {row}; RELEASE SAVEPOINT s{n};")
        return {"run": "savepoints", "rows": SAVEPOINT_ROWS, "cpu_us_without": plain, "cpu_us_with": kept,
                "ratio": round(kept / plain, 2)}

    def transaction(self, statement: str) -> float:
        self.bench.stop_at_an_empty_table()
        say("mysql", f"writing {SAVEPOINT_ROWS} rows in one transaction")
        rows = "".join(statement.format(n=n, row=self.bench.orders.row(n)) for n in range(SAVEPOINT_ROWS))
        self.bench.orders.mysql.execute(f"USE {DATABASE}; BEGIN; {rows} COMMIT;")
        result = self.bench.catch_up("savepoints", SAVEPOINT_ROWS)
        self.bench.worker.renew()
        return result["cpu_us_per_change"]

    def tables(self) -> dict:
        """The same number of changes in one table and spread over many, whose topics have several partitions each."""
        one, many = self.spread(1), self.spread(TABLES)
        return {"run": "tables", "tables": TABLES, "partitions": PARTITIONS, "changes": self.bench.changes,
                "cpu_us_one": one, "cpu_us_many": many, "ratio": round(many / one, 2)}

    def spread(self, tables: int) -> float:
        """Processor time until as many records are in the topics as there are changes, the first of each table left out."""
        worker, orders = self.bench.worker, self.bench.orders
        names = orders.create_copies(tables)
        worker.start()
        worker.create_connector("no_data", tables=f"{DATABASE}[.]copy_.*", partitions=PARTITIONS)
        worker.await_streaming()
        # Topics and schemas are made at a table's first change.
        orders.insert_into_each(names, 0, 1)
        self.await_offset()
        worker.stop_connector()
        worker.end()
        say("mysql", f"writing {self.bench.changes} changes to {tables} tables")
        orders.insert_into_each(names, 1, 1 + self.bench.changes // tables)
        worker.start()
        before = worker.cpu_seconds()
        worker.resume_connector()
        self.await_offset()
        used = worker.cpu_seconds() - before
        worker.renew()
        return round(used * 1e6 / self.bench.changes, 2)

    def ids(self) -> dict:
        """A million table ids: `FLUSH TABLES`, and a row into each table, again and again."""
        worker, orders = self.bench.worker, self.bench.orders
        names = orders.create_copies(ID_TABLES)
        worker.start()
        worker.create_connector("no_data", tables=f"{DATABASE}[.]copy_.*", partitions=1)
        worker.await_streaming()
        seen = []
        for first in range(0, ID_ROUNDS, ID_ROUNDS // 10):
            orders.insert_after_flush(names, first, first + ID_ROUNDS // 10)
            self.await_offset()
            seen.append(process_cost.rss_mb(worker.pid))
        return {"run": "ids", "ids": ID_TABLES * ID_ROUNDS, "rss_mb": seen}

    def cycles(self) -> dict:
        """One connector, stopped, given changes to catch up on, resumed, again and again."""
        worker, orders = self.bench.worker, self.bench.orders
        orders.create()
        worker.start()
        worker.create_connector("no_data")
        worker.await_streaming()
        seen = []
        for cycle in range(CYCLES):
            worker.stop_connector()
            seen.append(process_cost.rss_mb(worker.pid))
            first = cycle * CHANGES_PER_CYCLE
            orders.insert(first, first + CHANGES_PER_CYCLE, 1000)
            worker.resume_connector()
            self.await_offset()
        worker.stop_connector()
        seen.append(process_cost.rss_mb(worker.pid))
        return {"run": "cycles", "changes_per_cycle": CHANGES_PER_CYCLE, "rss_mb_when_stopped": seen}

    def await_offset(self) -> None:
        """Until the stored offset has everything that the server has executed. A change of its own moves it there."""
        worker, mysql = self.bench.worker, self.bench.orders.mysql
        wanted = mysql.execute("SELECT @@GLOBAL.gtid_executed").replace("\\n", "").replace("\n", "")
        while True:
            if worker.has_failed("bench"):
                raise StackError(f"the connector failed: {worker.status('bench')}")
            stored = (worker.offset("bench") or {}).get("gtids", "")
            if mysql.execute(f"SELECT GTID_SUBSET('{wanted}', '{stored}')").strip() == "1":
                return
            time.sleep(0.5)
