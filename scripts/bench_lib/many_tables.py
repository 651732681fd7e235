"""Thousands of small tables, and a long history of their definitions."""

from .orders import DATABASE, DURABLE, FAST

# Statements are sent to one client at once; the server is not waited for in between.
STATEMENTS = "USE {database};\n{statements}\n"


class ManyTables:
    def __init__(self, mysql, count: int):
        self.mysql, self.count = mysql, count

    def create(self) -> None:
        """One row in all of them, so that one topic has to be made, and one schema: this is about tables."""
        self.mysql.execute(f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}")
        create = [f"CREATE TABLE {self.name(number)} (id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(20));"
                  for number in range(self.count)]
        self.run([*create, f"INSERT INTO {self.name(self.count - 1)} VALUES (1, 'the last');"])

    def alter(self, times: int) -> None:
        """So many statements that the schema history has to hold."""
        self.run([f"ALTER TABLE {self.name(number % self.count)} COMMENT = 'the {number}th';" for number in range(times)])

    def name(self, number: int) -> str:
        return f"a_table_with_a_name_of_the_usual_length_{number:05}"

    def run(self, statements: list[str]) -> None:
        self.mysql.execute(FAST)
        try:
            self.mysql.execute(STATEMENTS.format(database=DATABASE, statements="\n".join(statements)))
        finally:
            self.mysql.execute(DURABLE)
