"""MySQL 9 from Debian's unstable suite, the only one that has a MySQL server.

`bin/` holds a wrapper for each program. `template/` is an initialized data folder with the stack's users; copying it makes
a fresh server in a second.
"""

import hashlib
from pathlib import Path

from . import cache, debian_packages
from .progress import run_logged

SUITE = "sid"
PACKAGES = ["mysql-server-core", "mysql-client-core"]
PROGRAMS = ["mysqld", "mysql", "mysqladmin", "mysqlbinlog", "mysqldump"]

USER, PASSWORD = "rowmill", "rowmill-password"
# Runs inside --initialize, before there is a binary log: a fresh server has executed no GTID.
USERS_SQL = f"""\
CREATE USER 'root'@'127.0.0.1';
GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT, LOCK TABLES, XA_RECOVER_ADMIN
  ON *.* TO '{USER}'@'%';
"""

# Beside those that every server gets (mysql_server.py).
OPTIONS = ["--mysqlx=OFF", "--gtid-mode=ON", "--enforce-gtid-consistency=ON"]
# The data folder with its users is part of what is installed: other users, another entry.
NAME = f"mysql-9-{hashlib.sha256(USERS_SQL.encode()).hexdigest()[:8]}"


def install() -> Path:
    return cache.entry(NAME, build)


def program(name: str) -> Path:
    return cache.cache_root() / NAME / "bin" / name


def client() -> Path:
    """The interactive client that knows this server's ways to log in."""
    return program("mysql")


def layout(home: Path) -> list[str]:
    """The options that tell mysqld where its parts are."""
    usr = home / "root" / "usr"
    return [
        "--no-defaults", f"--basedir={usr}", f"--plugin-dir={usr}/lib/mysql/plugin",
        f"--lc-messages-dir={usr}/share/mysql", f"--character-sets-dir={usr}/share/mysql/charsets",
    ]


def build(part: Path) -> None:
    log = cache.install_log(NAME)
    log.unlink(missing_ok=True)
    debian_packages.unpack(NAME, SUITE, PACKAGES, part, log)
    libraries = ("usr/lib/mysql/private", *(str(path.relative_to(part / "root")) for path in
                                            (part / "root").glob("usr/lib/*/mysql/private")))
    debian_packages.write_wrappers(NAME, part, PROGRAMS, libraries)
    initialize_template(NAME, part, layout(part), log)


def initialize_template(name: str, part: Path, layout: list[str], log: Path) -> None:
    users = part / "users.sql"
    users.write_text(USERS_SQL)
    template = part / "template"
    run_logged(name, "initializing the template data folder", [
        part / "bin" / "mysqld", *layout, "--initialize-insecure", "--user=root",
        f"--datadir={template}", f"--init-file={users}"], log)
    (template / "auto.cnf").unlink(missing_ok=True)
