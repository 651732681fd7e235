"""The MySQL server of a recording: empty before each case, and the one place that tells when a connector streams."""

import time
from dataclasses import dataclass

from stack_lib.mysql_server import MySqlServer
from stack_lib.progress import StackError

SYSTEM_DATABASES = ("information_schema", "mysql", "performance_schema", "sys")
MARK_DATABASE = "recorder"
MARK_TABLE = f"{MARK_DATABASE}.mark"
DUMP_TIMEOUT_SECONDS = 30


@dataclass
class Origin:
    """Where a case began: positions and transaction numbers are compared by their distance from here."""
    uuid: str
    transactions: int
    file: str
    pos: int


class SourceServer:
    def __init__(self, server: MySqlServer):
        self.server = server

    def empty(self, row_metadata: str) -> Origin:
        self.end_dumps()
        names = self.column("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")
        for name in names:
            if name not in SYSTEM_DATABASES:
                self.run("DROP DATABASE `" + name.replace("`", "``") + "`")
        self.run(f"SET GLOBAL binlog_row_metadata = {row_metadata}; RESET BINARY LOGS AND GTIDS")
        file, pos = self.column("SHOW BINARY LOG STATUS")[0].split("\t")[:2]
        return Origin(self.column("SELECT @@server_uuid")[0], 0, file, int(pos))

    def run(self, sql: str) -> None:
        self.server.execute(sql)

    def column(self, query: str) -> list[str]:
        return self.server.execute(query).splitlines()

    def create_mark(self) -> None:
        self.run(f"CREATE DATABASE {MARK_DATABASE}; CREATE TABLE {MARK_TABLE} (id INT PRIMARY KEY)")

    def dumps(self) -> list[str]:
        return self.column("SELECT ID FROM performance_schema.processlist WHERE COMMAND LIKE 'Binlog Dump%'")

    def end_dumps(self) -> None:
        """A dump thread whose client is gone notices it only at its next write."""
        deadline = time.monotonic() + DUMP_TIMEOUT_SECONDS
        while dumps := self.dumps():
            for dump in dumps:
                self.kill(dump)
            if time.monotonic() > deadline:
                raise StackError(f"mysql: binlog dump threads {dumps} do not end")
            time.sleep(0.05)

    def kill(self, thread: str) -> None:
        try:
            self.run(f"KILL {thread}")
        except StackError as error:
            # It ended by itself in the meantime.
            if "Unknown thread id" not in str(error):
                raise
