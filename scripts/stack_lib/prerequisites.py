"""Tools of the machine that the scripts need, and the one command that brings those that are missing.

A script asks before it does anything that takes long. Scripts in bash ask with
`PYTHONPATH=scripts python3 -B -m stack_lib.prerequisites GROUP ...`.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from .progress import StackError

JAVA_AT_LEAST = 17
# As `rust-version` in Cargo.toml.
RUST_AT_LEAST = (1, 95)


@dataclass(frozen=True)
class Tool:
    name: str
    is_there: Callable[[], bool]
    # The Debian package that has it, or the command that brings it.
    package: str = ""
    command: str = ""


def succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    except OSError:
        return False


def program(name: str, package: str) -> Tool:
    return Tool(name, lambda: shutil.which(name) is not None, package)


def library(name: str, module: str, package: str) -> Tool:
    return Tool(f"{name} for development", lambda: succeeds("pkg-config", "--exists", module), package)


def has_java() -> bool:
    if not shutil.which("java"):
        return False
    text = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr
    match = re.search(r'version "(\d+)', text)
    return match is not None and int(match.group(1)) >= JAVA_AT_LEAST


def has_rust() -> bool:
    if not succeeds("cargo", "--version"):
        return False
    text = subprocess.run(["cargo", "--version"], capture_output=True, text=True).stdout
    match = re.search(r"(\d+)\.(\d+)", text)
    return match is not None and tuple(map(int, match.groups())) >= RUST_AT_LEAST


def rust() -> Tool:
    version = ".".join(map(str, RUST_AT_LEAST))
    bring = f"rustup default {version}"
    if not shutil.which("rustup"):
        bring = f'curl -sSf https://sh.rustup.rs | sh -s -- -y --default-toolchain {version} && . "$HOME/.cargo/env"'
    return Tool(f"cargo (Rust {version} or newer)", has_rust, command=bring)


SERVERS = (
    Tool(f"java (Java {JAVA_AT_LEAST} or newer)", has_java, "openjdk-17-jre-headless"),
    program("mvn", "maven"),
    program("tar", "tar"),
    program("gzip", "gzip"),
    program("cp", "coreutils"),
    program("xz", "xz-utils"),
)
# What the crates of C and C++ among the dependencies are compiled with and linked to.
NATIVE = (
    program("c++", "build-essential"),
    program("make", "build-essential"),
    program("pkg-config", "pkg-config"),
    library("OpenSSL", "openssl", "libssl-dev"),
    library("zlib", "zlib", "zlib1g-dev"),
)
BUILD = (rust(), *NATIVE)
LINTS = (
    Tool("rustfmt", lambda: succeeds("cargo", "fmt", "--version"), command="rustup component add rustfmt"),
    Tool("clippy", lambda: succeeds("cargo", "clippy", "--version"), command="rustup component add clippy"),
)
FUZZING = (
    *BUILD,
    Tool("a nightly compiler", lambda: succeeds("cargo", "+nightly", "--version"), command="rustup toolchain install nightly"),
    Tool("cargo-fuzz", lambda: succeeds("cargo", "+nightly", "fuzz", "--version"), command="cargo install cargo-fuzz"),
)
GROUPS = {"servers": SERVERS, "build": BUILD, "lints": LINTS, "fuzzing": FUZZING}


def check(*groups: tuple[Tool, ...]) -> None:
    """Raise if a tool of these groups is missing."""
    if sys.version_info < (3, 11):
        raise StackError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; install it: apt-get install -y python3")
    if SERVERS in groups and not (shutil.which("apt-get") and shutil.which("dpkg") and sys.platform == "linux"):
        raise StackError("apt-get and dpkg are needed to unpack MySQL: run this on Debian 12 or newer (or in its container image)")
    missing = [tool for group in groups for tool in group if not tool.is_there()]
    if missing:
        packages = " ".join(sorted({tool.package for tool in missing if tool.package}))
        commands = [f"apt-get install -y {packages}"] if packages else []
        commands += dict.fromkeys(tool.command for tool in missing if tool.command)
        raise StackError(f"missing: {', '.join(tool.name for tool in missing)}; install with: {' && '.join(commands)}")


def main() -> int:
    try:
        check(*(GROUPS[name] for name in sys.argv[1:]))
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
