"""Packages of any suite of Debian, unpacked into a folder of the cache and not installed.

Their libraries may be newer than this machine's, so nothing of them may touch the system: they are resolved against an empty
private package state, unpacked into one folder, and run through that folder's own dynamic loader (`write_wrappers`).
"""

import re
import shutil
import subprocess
from pathlib import Path

from .progress import StackError, run_logged, say

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

WRAPPER = """\
#!/bin/sh
# Runs {program} with the libraries it was built for, whatever this machine has.
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
exec "$root/{loader}" --library-path "{libraries}" "$root/{program}" "$@"
"""


def unpack(name: str, suite: str, packages: list[str], part: Path, log: Path) -> None:
    """Put `packages` and everything they depend on into `part/root`; `name` is what the progress is printed for."""
    apt = PrivateApt(part / "apt", suite)
    apt.run(name, "reading the package lists", ["update", "--error-on=any"], log)
    apt.run(name, f"downloading {', '.join(packages)} and what they depend on",
            ["-y", "--allow-remove-essential", "--download-only", "install", *packages], log)
    unpack_archives(name, apt.archives(), part / "root", log)
    shutil.rmtree(part / "apt")


def unpack_alone(name: str, suite: str, package: str, part: Path, log: Path) -> None:
    """Put one package, without what it depends on, into `part/root`."""
    apt = PrivateApt(part / "apt", suite)
    apt.run(name, "reading the package lists", ["update", "--error-on=any"], log)
    apt.run(name, f"downloading {package}", ["download", package], log, cwd=apt.state)
    unpack_archives(name, sorted(apt.state.glob("*.deb")), part / "root", log)
    shutil.rmtree(part / "apt")


class PrivateApt:
    """apt with lists, cache and settings of its own, and one suite of the archive that the machine is configured with."""

    def __init__(self, state: Path, suite: str):
        if not KEYRING.exists():
            raise StackError(f"{KEYRING} is missing; install it: apt-get install -y debian-archive-keyring")
        self.state = state
        for folder in ("lists/partial", "cache/archives/partial", "state"):
            (state / folder).mkdir(parents=True)
        (state / "status").touch()
        (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {debian_archive()} {suite} main\n")

    def run(self, name: str, what: str, arguments: list[str], log: Path, **popen) -> None:
        state = self.state
        options = []
        for key, value in {
            "Dir::State": state / "state", "Dir::State::lists": state / "lists", "Dir::State::status": state / "status",
            "Dir::Cache": state / "cache", "Dir::Etc::sourcelist": state / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null", "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null", "APT::Install-Recommends": "false", "APT::Sandbox::User": "",
            "APT::Keep-Downloaded-Packages": "true", "Acquire::Languages": "none", "Acquire::Retries": "3",
        }.items():
            options += ["-o", f"{key}={value}"]
        run_logged(name, what, ["apt-get", *options, *arguments], log, **popen)

    def archives(self) -> list[Path]:
        return sorted((self.state / "cache" / "archives").glob("*.deb"))


def debian_archive() -> str:
    """The Debian archive this machine is configured with; printing the addresses works before any `apt-get update`."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    codename = release.get("VERSION_CODENAME", "").strip('"')
    printed = subprocess.run(["apt-get", "--print-uris", "update"], capture_output=True, text=True).stdout
    match = re.search(rf"^'([^']+?)/*/dists/{re.escape(codename)}/", printed, re.MULTILINE)
    if release.get("ID", "").strip('"') != "debian" or not match:
        raise StackError("no Debian archive is configured for apt on this machine; see: apt-get --print-uris update")
    return match.group(1)


def unpack_archives(name: str, archives: list[Path], root: Path, log: Path) -> None:
    wanted = [deb for deb in archives if not re.match(r"(lib)?perl", deb.name)]
    say(name, f"unpacking {len(wanted)} packages")
    for deb in wanted:
        with log.open("ab") as output:
            subprocess.run(["dpkg", "-x", deb, root], check=True, stdout=output, stderr=output)
        # A package may still ship /lib or /bin as a real folder, beside the merged /usr of the others.
        for folder_name in ("lib", "bin", "sbin", "lib64"):
            folder = root / folder_name
            if folder.is_dir() and not folder.is_symlink():
                shutil.copytree(folder, root / "usr" / folder_name, symlinks=True, dirs_exist_ok=True)
                shutil.rmtree(folder)
    for folder_name in ("lib", "bin", "sbin", "lib64"):
        if not (root / folder_name).exists() and (root / "usr" / folder_name).is_dir():
            (root / folder_name).symlink_to(f"usr/{folder_name}")


def write_wrappers(name: str, part: Path, programs: list[str], libraries: tuple[str, ...] = ()) -> None:
    """Make `part/bin/PROGRAM` for each; `libraries` are folders below `part/root` to look into besides the usual ones."""
    root = part / "root"
    loader = next((root / "usr").rglob("ld-linux-*.so.*"), None)
    libc = next((root / "usr" / "lib").glob("*/libc.so.6"), None)
    if not loader or not libc:
        raise StackError(f"{name}: the unpacked packages hold no C library")
    folders = [libc.parent.relative_to(root), *libraries]
    (part / "bin").mkdir()
    for program in programs:
        found = next((f for f in ("usr/sbin", "usr/bin", "opt/mysql/bin") if (root / f / program).exists()), None)
        if not found:
            raise StackError(f"{name}: the unpacked packages hold no {program}")
        wrapper = part / "bin" / program
        wrapper.write_text(WRAPPER.format(
            program=f"{found}/{program}", loader=loader.relative_to(root),
            libraries=":".join(f"$root/{folder}" for folder in folders)))
        wrapper.chmod(0o755)
