"""MariaDB 10.11 from Debian 12: not a server that Rowmill reads from, but one that people connect it to."""

import hashlib
from pathlib import Path

from . import cache, debian_packages
from .install_mysql import PASSWORD, USER
from .progress import StackError, run_logged

SUITE = "bookworm"
PACKAGES = ["mariadb-server-core", "mariadb-client-core"]
OPTIONS = ["--binlog-format=ROW"]
# A server that only fills its data folder makes no users before it has read the rights; root is among what is filled in.
USERS_SQL = f"""\
FLUSH PRIVILEGES;
CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT, LOCK TABLES ON *.* TO '{USER}'@'%';
"""
SYSTEM_TABLES = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"]
NAME = f"mariadb-10.11-{hashlib.sha256(USERS_SQL.encode()).hexdigest()[:8]}"


def install() -> Path:
    return cache.entry(NAME, build)


def program(name: str) -> Path:
    return cache.cache_root() / NAME / "bin" / {"mysqld": "mariadbd", "mysql": "mariadb"}.get(name, name)


def client() -> Path:
    return program("mysql")


def layout(home: Path) -> list[str]:
    usr = home / "root" / "usr"
    return ["--no-defaults", f"--basedir={usr}", f"--lc-messages-dir={usr}/share/mysql",
            f"--character-sets-dir={usr}/share/mysql/charsets"]


def build(part: Path) -> None:
    log = cache.install_log(NAME)
    log.unlink(missing_ok=True)
    debian_packages.unpack(NAME, SUITE, PACKAGES, part, log)
    debian_packages.write_wrappers(NAME, part, ["mariadbd", "mariadb"])
    initialize_template(part, log)


def initialize_template(part: Path, log: Path) -> None:
    scripts = part / "root" / "usr" / "share" / "mysql"
    missing = [name for name in SYSTEM_TABLES if not (scripts / name).exists()]
    if missing:
        raise StackError(f"{NAME}: the packages {PACKAGES} hold no {', '.join(missing)}")
    template = part / "template"
    (template / "mysql").mkdir(parents=True)
    statements = part / "bootstrap.sql"
    statements.write_text("".join(
        ["USE mysql;\n", *((scripts / name).read_text() for name in SYSTEM_TABLES), USERS_SQL]))
    with statements.open() as bootstrap:
        run_logged(NAME, "initializing the template data folder", [
            part / "bin" / "mariadbd", *layout(part), "--bootstrap", "--user=root", f"--datadir={template}"],
            log, stdin=bootstrap)
