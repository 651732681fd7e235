"""The measured table, and MySQL's own way to fill it: the rows are made inside the server, nothing is sent to it."""

from concurrent.futures import ThreadPoolExecutor

from stack_lib.mysql_server import MySqlServer

DATABASE = "bench"
TABLE = f"{DATABASE}.orders"
LOADERS = 2

# A row is a function of its number, so two runs write the same bytes.
ROW = """\
  n, n * 7919 % 100003, 1 + n % 7, (n * 37 % 10000000) / 100, ELT(1 + n % 4, 'placed', 'paid', 'shipped', 'returned'),
  CONCAT('leave it with the neighbour at number ', n % 1000), '2026-01-01' + INTERVAL n * 1013000 MICROSECOND,
  FROM_UNIXTIME(1767225600 + n), JSON_OBJECT('channel', ELT(1 + n % 3, 'web', 'app', 'shop'), 'coupon', n % 97,
    'gift', n % 2 = 0, 'tags', JSON_ARRAY('fragile', 'express'), 'weight', CAST(n % 5000 AS DOUBLE) / 1000, 'agent', CONCAT('a', n % 89)),
  n % 5"""

SCHEMA = f"""\
DROP DATABASE IF EXISTS {DATABASE};
CREATE DATABASE {DATABASE};
USE {DATABASE};
CREATE TABLE orders (
  id BIGINT NOT NULL PRIMARY KEY,
  customer_id INT NOT NULL,
  quantity INT NOT NULL,
  amount DECIMAL(12,2) NOT NULL,
  status VARCHAR(20) NOT NULL,
  note VARCHAR(100),
  ordered_at DATETIME(3) NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  attributes JSON,
  priority TINYINT NOT NULL
);
CREATE TABLE numbers (i INT NOT NULL PRIMARY KEY);
SET cte_max_recursion_depth = 10000;
INSERT INTO numbers WITH RECURSIVE up AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM up WHERE i < 9999) SELECT i FROM up;
DELIMITER //
CREATE PROCEDURE insert_orders(at BIGINT, end BIGINT, step INT)
BEGIN
  WHILE at < end DO
    INSERT INTO orders SELECT {ROW} FROM (SELECT at + i AS n FROM numbers WHERE i < step) AS rows_of_one;
    SET at = at + step;
  END WHILE;
END //
CREATE PROCEDURE update_orders(at BIGINT, end BIGINT, step INT)
BEGIN
  WHILE at < end DO
    UPDATE orders SET quantity = quantity + 1, amount = amount + 1, status = 'paid', updated_at = updated_at + INTERVAL 1 DAY
      WHERE id >= at AND id < at + step;
    SET at = at + step;
  END WHILE;
END //
DELIMITER ;
"""

FAST = "SET GLOBAL sync_binlog = 0, innodb_flush_log_at_trx_commit = 0"
DURABLE = "SET GLOBAL sync_binlog = 1, innodb_flush_log_at_trx_commit = 1"


class Orders:
    def __init__(self, mysql: MySqlServer):
        self.mysql = mysql

    def create(self) -> None:
        self.mysql.execute(SCHEMA)

    def insert(self, first: int, end: int, rows_per_transaction: int, logged: bool = True) -> None:
        self.call("insert_orders", first, end, rows_per_transaction, logged)

    def update(self, first: int, end: int, rows_per_transaction: int) -> None:
        self.call("update_orders", first, end, rows_per_transaction, True)

    def insert_at_once(self, count: int) -> None:
        """One transaction, whatever its size."""
        rows = f"SELECT a.i * 10000 + b.i AS n FROM numbers a CROSS JOIN numbers b WHERE a.i < {-(-count // 10000)}"
        self.relaxed(lambda: self.mysql.execute(
            f"USE {DATABASE}; INSERT INTO orders SELECT {ROW} FROM ({rows}) AS all_rows WHERE n < {count};"))

    def row(self, number: int) -> str:
        """The select list of one row."""
        return f"{ROW} FROM (SELECT {number} AS n) AS one"

    def create_copies(self, count: int) -> list[str]:
        """So many empty tables like the measured one."""
        self.create()
        names = [f"copy_{number}" for number in range(count)]
        self.mysql.execute(f"USE {DATABASE};" + "".join(f"CREATE TABLE {name} LIKE orders;" for name in names))
        return names

    def insert_into_each(self, names: list[str], first: int, end: int) -> None:
        """Rows first..end into every table, in transactions of ten rows, table after table."""
        steps = [(at, min(10, end - at)) for at in range(first, end, 10)]
        rows = "FROM (SELECT {at} + i AS n FROM numbers WHERE i < {step}) AS rows_of_one"
        self.relaxed(lambda: self.mysql.execute(f"USE {DATABASE};" + "".join(
            f"INSERT INTO {name} SELECT {ROW} {rows.format(at=at, step=step)};" for at, step in steps for name in names)))

    def insert_after_flush(self, names: list[str], first: int, end: int) -> None:
        """Rows first..end into every table; before each, the server opens all tables anew."""
        self.relaxed(lambda: self.mysql.execute(f"USE {DATABASE};" + "".join(
            "FLUSH NO_WRITE_TO_BINLOG TABLES;" + "".join(f"INSERT INTO {name} SELECT {self.row(n)};" for name in names)
            for n in range(first, end))))

    def call(self, procedure: str, first: int, end: int, step: int, logged: bool) -> None:
        """Several sessions at once, each on its own keys; without the binlog the rows are there for a snapshot only."""
        share = -(-(end - first) // LOADERS // step) * step
        def load(at: int) -> None:
            log = "" if logged else "SET sql_log_bin = 0; "
            self.mysql.execute(f"{log}USE {DATABASE}; CALL {procedure}({at}, {min(at + share, end)}, {step});")
        def all_loads() -> None:
            with ThreadPoolExecutor(LOADERS) as pool:
                list(pool.map(load, range(first, end, share)))
        self.relaxed(all_loads)

    def relaxed(self, load) -> None:
        """Nothing is measured while rows are loaded, so nothing needs to survive a crash meanwhile."""
        self.mysql.execute(FAST)
        try:
            load()
        finally:
            self.mysql.execute(DURABLE)
