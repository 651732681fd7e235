"""MySQL 9 from Debian's unstable suite, unpacked and not installed.

Its libraries are newer than a stable machine's, so nothing of it may touch the system: packages are resolved against an
empty private package state, unpacked into one folder, and run through that folder's own dynamic loader.
`bin/` holds a wrapper per program that does so. `template/` is an initialized data folder with the stack's users;
copying it makes a fresh server in a second.
"""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from . import cache
from .progress import StackError, run_logged, say

SUITE = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
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

# The data folder with its users is part of what is installed: other users, another entry.
NAME = f"mysql-9-{hashlib.sha256(USERS_SQL.encode()).hexdigest()[:8]}"

WRAPPER = """\
#!/bin/sh
# Runs {program} with the libraries it was built for, whatever this machine has.
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
lib=$root/{triplet}
exec "$root/{loader}" --library-path "$lib:$lib/mysql/private:$root/usr/lib/mysql/private" "$root/usr/{folder}/{program}" "$@"
"""


def install() -> Path:
    return cache.entry(NAME, build)


def program(name: str) -> Path:
    return cache.cache_root() / NAME / "bin" / name


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
    archives = download(part / "apt", log)
    root = part / "root"
    unpack(archives, root, log)
    shutil.rmtree(part / "apt")
    write_wrappers(part)
    initialize_template(part, log)


def download(state: Path, log: Path) -> list[Path]:
    if not KEYRING.exists():
        raise StackError(f"{KEYRING} is missing; install it: apt-get install -y debian-archive-keyring")
    for folder in ("lists/partial", "cache/archives/partial", "state"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {debian_archive()} {SUITE} main\n")
    options = []
    for key, value in {
        "Dir::State": state / "state", "Dir::State::lists": state / "lists", "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache", "Dir::Etc::sourcelist": state / "sources.list", "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null", "Dir::Etc::preferences": "/dev/null",
        "APT::Install-Recommends": "false", "APT::Sandbox::User": "", "APT::Keep-Downloaded-Packages": "true",
        "Acquire::Languages": "none", "Acquire::Retries": "3",
    }.items():
        options += ["-o", f"{key}={value}"]
    run_logged(NAME, "reading the package lists", ["apt-get", *options, "update", "--error-on=any"], log)
    run_logged(NAME, "downloading the server, the client and their libraries",
               ["apt-get", *options, "-y", "--allow-remove-essential", "--download-only", "install", *PACKAGES], log)
    return sorted((state / "cache" / "archives").glob("*.deb"))


def debian_archive() -> str:
    """The Debian archive this machine is configured with; printing the addresses works before any `apt-get update`."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    codename = release.get("VERSION_CODENAME", "").strip('"')
    printed = subprocess.run(["apt-get", "--print-uris", "update"], capture_output=True, text=True).stdout
    match = re.search(rf"^'([^']+?)/*/dists/{re.escape(codename)}/", printed, re.MULTILINE)
    if release.get("ID", "").strip('"') != "debian" or not match:
        raise StackError("no Debian archive is configured for apt on this machine; see: apt-get --print-uris update")
    return match.group(1)


def unpack(archives: list[Path], root: Path, log: Path) -> None:
    wanted = [deb for deb in archives if not re.match(r"(lib)?perl", deb.name)]
    say(NAME, f"unpacking {len(wanted)} packages")
    for deb in wanted:
        with log.open("ab") as output:
            subprocess.run(["dpkg", "-x", deb, root], check=True, stdout=output, stderr=output)
        # A package may still ship /lib or /bin as a real folder, beside the merged /usr of the others.
        for name in ("lib", "bin", "sbin", "lib64"):
            folder = root / name
            if folder.is_dir() and not folder.is_symlink():
                shutil.copytree(folder, root / "usr" / name, symlinks=True, dirs_exist_ok=True)
                shutil.rmtree(folder)
    for name in ("lib", "bin", "sbin", "lib64"):
        if not (root / name).exists() and (root / "usr" / name).is_dir():
            (root / name).symlink_to(f"usr/{name}")


def write_wrappers(part: Path) -> None:
    root = part / "root"
    loader = next((root / "usr").rglob("ld-linux-*.so.*"), None)
    libc = next((root / "usr" / "lib").glob("*/libc.so.6"), None)
    if not loader or not libc:
        raise StackError(f"{NAME}: the unpacked packages hold no C library; see {cache.install_log(NAME)}")
    (part / "bin").mkdir()
    for name in PROGRAMS:
        folder = next((f for f in ("sbin", "bin") if (root / "usr" / f / name).exists()), None)
        if not folder:
            raise StackError(f"{NAME}: the packages {PACKAGES} hold no {name}")
        wrapper = part / "bin" / name
        wrapper.write_text(WRAPPER.format(
            program=name, folder=folder, triplet=libc.parent.relative_to(root), loader=loader.relative_to(root)))
        wrapper.chmod(0o755)


def initialize_template(part: Path, log: Path) -> None:
    users = part / "users.sql"
    users.write_text(USERS_SQL)
    template = part / "template"
    run_logged(NAME, "initializing the template data folder", [
        part / "bin" / "mysqld", *layout(part), "--initialize-insecure", "--user=root",
        f"--datadir={template}", f"--init-file={users}"], log)
    (template / "auto.cnf").unlink(missing_ok=True)
