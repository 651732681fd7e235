"""The tables twice: as `SELECT` shows them, and as a copy made from the topics alone."""

import json
import subprocess

from stack_lib.mysql_server import MySqlServer
from stack_lib.progress import StackError

from .connector import DATABASE, PREFIX
from .rowmill_worker import RowmillWorker

# (table, key as text) -> row
Rows = dict[tuple[str, str], dict]
INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}


def source_rows(mysql: MySqlServer) -> Rows:
    """Every row of every table, in the notation of `rowmill tail`."""
    rows: Rows = {}
    for table, columns in table_columns(mysql).items():
        fields = ", ".join(f"'{name}', {notation(name, kind)}" for name, kind, _ in columns)
        keys = [name for name, _, is_key in columns if is_key]
        for line in select(mysql, f"SELECT JSON_OBJECT({fields}) FROM `{DATABASE}`.`{table}`"):
            row = json.loads(line)
            rows[table, key_text({key: row[key] for key in keys})] = row
    return rows


def derived_rows(worker: RowmillWorker) -> tuple[Rows, int]:
    """What is left when the topics are read from offset 0 and folded by key; and how many records there were to read."""
    result = subprocess.run(
        [worker.binary, "tail", "--worker", worker.properties, "--prefix", PREFIX, "--fold"],
        capture_output=True, text=True)
    if result.returncode != 0:
        raise StackError(f"rowmill tail --fold: {result.stderr.strip()}")
    rows: Rows = {}
    for line in result.stdout.splitlines():
        copy = json.loads(line)
        rows[copy["topic"].rpartition(".")[2], key_text(copy["key"])] = copy["row"]
    # "41 rows from 74 records of 4 topics"
    return rows, int(result.stderr.split(" from ")[1].split()[0])


def differences(source: Rows, copy: Rows) -> list[str]:
    found = []
    for table, key in sorted(source.keys() | copy.keys()):
        ours, theirs = source.get((table, key)), copy.get((table, key))
        if ours != theirs:
            found.append(f"{table} {key}\n  source: {json.dumps(ours, ensure_ascii=False)}\n  copy:   {json.dumps(theirs, ensure_ascii=False)}")
    return found


def table_columns(mysql: MySqlServer) -> dict[str, list[tuple[str, str, bool]]]:
    tables: dict[str, list[tuple[str, str, bool]]] = {}
    for line in select(mysql, "SELECT table_name, column_name, data_type, column_key = 'PRI' FROM information_schema.columns"
                              f" WHERE table_schema = '{DATABASE}' ORDER BY table_name, ordinal_position"):
        table, column, kind, is_key = line.split("\t")
        tables.setdefault(table, []).append((column, kind, is_key == "1"))
    return tables


def notation(column: str, kind: str) -> str:
    """A column as `rowmill tail` prints it: numbers as such, what a number cannot hold exactly as text."""
    quoted = f"`{column}`"
    if kind in INTEGERS or kind == "json":
        return quoted
    if kind == "datetime":
        digits = f"DATE_FORMAT({quoted}, '%Y-%m-%d %H:%i:%s.%f')"
        return f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {digits}))"
    if kind == "timestamp":
        return f"DATE_FORMAT(CONVERT_TZ({quoted}, @@SESSION.time_zone, '+00:00'), '%Y-%m-%dT%H:%i:%sZ')"
    return f"CAST({quoted} AS CHAR)"


def select(mysql: MySqlServer, statement: str) -> list[str]:
    result = subprocess.run(mysql.client("--batch", "--raw", "--skip-column-names", "--execute", statement),
                            capture_output=True, text=True)
    if result.returncode != 0:
        raise StackError(f"mysql: {result.stderr.strip()}")
    return result.stdout.splitlines()


def key_text(key: dict) -> str:
    return ",".join(f"{name}={value}" for name, value in key.items())
