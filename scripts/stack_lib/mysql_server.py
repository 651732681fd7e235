"""A MySQL server with GTIDs and row events, on a copy of the initialized template folder."""

import hashlib
import shlex
import socket
import subprocess
import tempfile
from pathlib import Path

from . import install_mariadb, install_mysql, install_mysql_8_0
from .install_mysql import PASSWORD, USER
from .progress import StackError, say
from .server import Server
from .stack import Stack, setting

# What `--mysql-version` takes, and how each is installed. MariaDB is there to be refused.
VERSIONS = {"9": install_mysql, "8.0": install_mysql_8_0, "mariadb-10.11": install_mariadb}
DEFAULT_VERSION = "9"
# Of servers of every version; addresses and paths come besides.
OPTIONS = [
    "--skip-name-resolve", "--secure-file-priv=", "--log-bin=binlog", "--relay-log=relay", "--sync-binlog=1",
    "--innodb-flush-log-at-trx-commit=1", "--max-allowed-packet=256M", "--max-connections=500",
]
OPTIONS_VARIABLE = "ROWMILL_MYSQL_OPTIONS"
# sockaddr_un holds 107 bytes; MySQL appends ".lock" to the path.
SOCKET_PATH_LIMIT = 100


class MySqlServer(Server):
    name = "mysql"
    port_variable = "ROWMILL_MYSQL_PORT"

    @property
    def installation(self):
        """The module of this stack's version."""
        remembered = self.stack.state.get("mysql_version") if self.stack else None
        return VERSIONS[remembered or DEFAULT_VERSION]

    def install(self) -> None:
        self.installation.install()

    def remember_version(self, given: str | None) -> None:
        """A version stays with the stack: data of one are not for another."""
        remembered = self.stack.state.get("mysql_version", DEFAULT_VERSION)
        if given and given != remembered and self.data.is_dir():
            raise StackError(f"{self.name}: the data in {self.stack.home} are those of version {remembered}; "
                             "give --fresh to lose them, or name another folder in ROWMILL_STACK")
        if given:
            self.stack.remember("mysql_version", given)

    @property
    def data(self) -> Path:
        return self.stack.home / self.name / "data"

    @property
    def socket(self) -> Path:
        path = self.stack.home / self.name / "mysql.sock"
        if len(str(path)) < SOCKET_PATH_LIMIT:
            return path
        return Path(tempfile.gettempdir()) / f"rowmill-{hashlib.sha256(str(path).encode()).hexdigest()[:12]}.sock"

    def remember_options(self, given: list[str]) -> None:
        """Options stay with the stack until others are given."""
        options = shlex.split(setting(self.stack, OPTIONS_VARIABLE) or "") + given
        if options:
            self.stack.remember("mysql_options", options)

    def prepare(self) -> None:
        self.remove_socket()
        if not self.data.is_dir():
            self.copy_template()

    def kill(self) -> None:
        super().kill()
        self.remove_socket()

    def remove_socket(self) -> None:
        """Remove what a killed server leaves: as long as its pid exists, if only as an unreaped child, no other starts."""
        self.socket.unlink(missing_ok=True)
        self.socket.with_name(self.socket.name + ".lock").unlink(missing_ok=True)

    def copy_template(self) -> None:
        # `cp` and not shutil: it shares blocks where the file system can, and keeps holes.
        part = self.folder / "data.part"
        subprocess.run(["rm", "-rf", part], check=True)
        subprocess.run(["cp", "-a", "--reflink=auto", self.installation.install() / "template", part], check=True)
        part.rename(self.data)
        # Unique among the stacks of a machine, and kept for life: replicas and binlog clients tell servers apart by it.
        self.stack.remember("server_id", self.port)

    def command(self) -> list:
        home = self.installation.install()
        return [
            self.installation.program("mysqld"), *self.installation.layout(home), f"--datadir={self.data}",
            "--user=root", "--bind-address=127.0.0.1", f"--port={self.port}", f"--socket={self.socket}",
            f"--pid-file={self.folder / 'mysqld.pid'}", f"--server-id={self.stack.state['server_id']}",
            "--report-host=127.0.0.1", f"--report-port={self.port}", *OPTIONS, *self.installation.OPTIONS,
            *self.stack.state.get("mysql_options", []),
        ]

    def answers(self) -> bool:
        """A greeting of protocol 10; an error packet (too many connections, host blocked) is none."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                return connection.recv(5)[4:] == b"\x0a"
        except OSError:
            return False

    def environment(self) -> dict[str, str]:
        return {
            "ROWMILL_MYSQL_HOST": "127.0.0.1",
            "ROWMILL_MYSQL_PORT": str(self.port),
            "ROWMILL_MYSQL_USER": USER,
            "ROWMILL_MYSQL_PASSWORD": PASSWORD,
            "ROWMILL_MYSQL_ROOT_USER": "root",
            "ROWMILL_MYSQL_SOCKET": str(self.socket),
            "ROWMILL_MYSQL_BIN": str(self.installation.client().parent),
        }

    def client(self, *arguments: str) -> list[str]:
        """The `mysql` client as root, over TCP as everyone else."""
        return [str(self.installation.client()), "--no-defaults", "--protocol=tcp", "--host=127.0.0.1",
                f"--port={self.port}", "--user=root", "--default-character-set=utf8mb4", *arguments]

    def execute(self, statements: str) -> str:
        result = subprocess.run(self.client("--batch", "--skip-column-names"),
                                input=statements, capture_output=True, text=True)
        if result.returncode != 0:
            raise StackError(f"{self.name}: {result.stderr.strip()}")
        return result.stdout

    def replicate_from(self, source: Stack) -> None:
        """Follow another stack's server by GTID position; a server that already follows one is left as it is."""
        if self.execute("SELECT COUNT(*) FROM performance_schema.replication_connection_configuration"
                        " WHERE CHANNEL_NAME = '' AND HOST <> ''").strip() != "0":
            return
        self.execute(
            f"CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={MySqlServer(source).port},"
            f" SOURCE_USER='{USER}', SOURCE_PASSWORD='{PASSWORD}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1,"
            " SOURCE_CONNECT_RETRY=1, SOURCE_RETRY_COUNT=100000; START REPLICA;")
        say(self.name, f"follows the server of {source.home}")
