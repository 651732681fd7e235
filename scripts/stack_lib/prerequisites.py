"""Tools of the machine that the stack needs, and the one command that brings those that are missing."""

import re
import shutil
import subprocess
import sys

from .progress import StackError

# tool -> Debian package that has it
PACKAGES = {
    "java": "openjdk-17-jre-headless",
    "mvn": "maven",
    "tar": "tar",
    "gzip": "gzip",
    "cp": "coreutils",
    "xz": "xz-utils",
}
JAVA_AT_LEAST = 17


def check(*also: str) -> None:
    """Raise if a tool is missing; `also` names tools that only some commands need."""
    if sys.version_info < (3, 11):
        raise StackError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; install it: apt-get install -y python3")
    if not (shutil.which("apt-get") and shutil.which("dpkg") and sys.platform == "linux"):
        raise StackError("apt-get and dpkg are needed to unpack MySQL: run this on Debian 12 or newer (or in its container image)")
    missing = [tool for tool in (*PACKAGES, *also) if not shutil.which(tool)]
    if "java" not in missing and java_version() < JAVA_AT_LEAST:
        missing.append("java")
    if missing:
        packages = " ".join(sorted({PACKAGES.get(tool, tool) for tool in missing}))
        raise StackError(f"missing: {', '.join(missing)} (Java {JAVA_AT_LEAST} or newer); install with: apt-get install -y {packages}")


def java_version() -> int:
    text = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr
    match = re.search(r'version "(\d+)', text)
    return int(match.group(1)) if match else 0
