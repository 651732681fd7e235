"""Changes as a shop makes them, a few transactions a second, and a count of what must arrive because of them."""

import random
import subprocess
from collections import Counter

from stack_lib.mysql_server import MySqlServer
from stack_lib.progress import StackError

from .connector import DATABASE

FIRST_NAMES = ["Ana", "Björn", "Chloé", "Đorđe", "Ewa", "Федор", "Γιώργος", "陽菜"]
LAST_NAMES = ["Åberg", "Ćwik", "D'Souza", "García", "İnan", "Müller", "Nguyễn", "山本"]
NOTES = ["gift wrap 🎁", "ring twice", "c'est urgent", "позвоните", 'the "red" one']
TABLES = ["customers", "products", "orders", "order_lines"]
NEXT_STATUS = {"new": "paid", "paid": "shipped"}


class Trickle:
    """Writes to the tables of inventory.sql, of which it knows the keys."""

    def __init__(self, mysql: MySqlServer, seed: int):
        self.mysql = mysql
        self.random = random.Random(seed)
        # What a consumer must see, by (table, operation).
        self.expected: Counter[tuple[str, str]] = Counter()
        self.transactions = 0
        self.customers = [1001, 1002, 1003, 1004]
        self.products = [1, 2, 3, 4, 5]
        self.status = {10001: "shipped", 10002: "paid", 10003: "new"}
        self.lines = {10001: [1, 2], 10002: [1, 2], 10003: [1]}
        self.client = None

    def commit_one(self) -> None:
        """One transaction more, of a random kind."""
        kinds = [self.order, self.order, self.advance, self.advance, self.reprice, self.move, self.renumber, self.reward,
                 self.cancel, self.sign_up, self.change_mind]
        statements = self.random.choice(kinds)()
        self.send("BEGIN", *statements, "COMMIT")
        self.transactions += 1

    def finish(self) -> None:
        """Returns when all is committed. The last transaction is the last in every table's topic, and deletes nothing."""
        self.send("BEGIN", *self.sign_up(), *self.order(), *self.reprice(), "COMMIT")
        self.transactions += 1
        client, self.client = self.client, None
        _, errors = client.communicate()
        if client.returncode != 0:
            raise StackError(f"the changes failed: {errors.strip()}")

    def abandon(self) -> None:
        if self.client and self.client.poll() is None:
            self.client.kill()
            self.client.wait()

    def send(self, *statements: str) -> None:
        if self.client is None:
            self.client = subprocess.Popen(
                self.mysql.client(DATABASE), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                text=True, start_new_session=True)
        try:
            self.client.stdin.write("".join(f"{statement};\n" for statement in statements))
            self.client.stdin.flush()
        except BrokenPipeError:
            raise StackError(f"the changes failed: {self.client.stderr.read().strip()}") from None

    def expect(self, table: str, operation: str, count: int = 1) -> None:
        self.expected[f"{DATABASE}.{table}", operation] += count
        if operation == "delete":
            self.expected[f"{DATABASE}.{table}", "tombstone"] += count

    def sign_up(self) -> list[str]:
        customer = self.customers[-1] + 1
        self.customers.append(customer)
        first, last = self.random.choice(FIRST_NAMES), self.random.choice(LAST_NAMES)
        self.expect("customers", "create")
        return [f"INSERT INTO customers (id, first_name, last_name, email) VALUES"
                f" ({customer}, {text(first)}, {text(last)}, 'c{customer}@example.com')"]

    def order(self) -> list[str]:
        order = max(self.status) + 1
        products = self.random.sample(self.products, self.random.randint(1, 3))
        self.status[order], self.lines[order] = "new", list(range(1, len(products) + 1))
        note = self.random.choice([None, *NOTES])
        self.expect("orders", "create")
        self.expect("order_lines", "create", len(products))
        lines = ", ".join(f"({order}, {line}, {product}, {self.random.randint(1, 4)}, {self.random.randint(100, 99999) / 100:.2f})"
                          for line, product in enumerate(products, 1))
        return [f"INSERT INTO orders (id, customer_id, note, ordered_at) VALUES"
                f" ({order}, {self.random.choice(self.customers)}, {text(note)}, NOW(3))",
                f"INSERT INTO order_lines (order_id, line_no, product_id, quantity, price) VALUES {lines}"]

    def advance(self) -> list[str]:
        open_orders = [order for order, status in self.status.items() if status in NEXT_STATUS]
        if not open_orders:
            return self.order()
        order = self.random.choice(open_orders)
        self.status[order] = NEXT_STATUS[self.status[order]]
        self.expect("orders", "update")
        return [f"UPDATE orders SET status = '{self.status[order]}', total = total + 1.01 WHERE id = {order}"]

    def reprice(self) -> list[str]:
        self.expect("products", "update")
        return [f"UPDATE products SET price = price + 0.05,"
                f" attributes = JSON_SET(COALESCE(attributes, '{{}}'), '$.repriced', {self.transactions})"
                f" WHERE id = {self.random.choice(self.products)}"]

    def move(self) -> list[str]:
        customer = self.random.choice(self.customers)
        self.expect("customers", "update")
        return [f"UPDATE customers SET email = 'c{customer}.{self.transactions}@example.org' WHERE id = {customer}"]

    def reward(self) -> list[str]:
        """One statement, several rows."""
        customers = self.random.sample(self.customers, 3)
        self.expect("customers", "update", len(customers))
        return [f"UPDATE customers SET points = points + 10 WHERE id IN ({', '.join(map(str, customers))})"]

    def renumber(self) -> list[str]:
        """A key changes: the old key is deleted, and the row appears under the new one."""
        order = self.random.choice(list(self.lines))
        lines = self.lines[order]
        line = lines.pop(0)
        new = max([line, *lines]) + 1
        lines.append(new)
        self.expect("order_lines", "delete")
        self.expect("order_lines", "create")
        return [f"UPDATE order_lines SET line_no = {new} WHERE order_id = {order} AND line_no = {line}"]

    def cancel(self) -> list[str]:
        if len(self.status) < 4:
            return self.order()
        # Never the newest: its number would be given again.
        order = self.random.choice(sorted(self.status)[:-1])
        del self.status[order]
        self.expect("order_lines", "delete", len(self.lines.pop(order)))
        self.expect("orders", "delete")
        return [f"DELETE FROM order_lines WHERE order_id = {order}", f"DELETE FROM orders WHERE id = {order}"]

    def change_mind(self) -> list[str]:
        """Rolled back to the savepoint, so only the update is ever seen."""
        return ["SAVEPOINT before_it", "DELETE FROM order_lines", "ROLLBACK TO SAVEPOINT before_it", *self.move()]


def text(value: str | None) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
