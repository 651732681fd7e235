"""The cache folder: what is installed once and shared by every stack of this user.

An entry either is complete or does not exist: it is built in `NAME.part` under a file lock and renamed when done,
so neither a killed install nor two installs at once can leave something that only looks finished.
"""

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Callable

from .progress import say


def cache_root() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("ROWMILL_CACHE") or Path(base) / "rowmill").absolute()


def install_log(name: str) -> Path:
    return cache_root() / "logs" / f"install-{name}.log"


@contextmanager
def locked(path: Path, subject: str):
    """Hold an exclusive lock on `path`; the kernel drops it when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(subject, f"waiting for another run that holds {path}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def entry(name: str, build: Callable[[Path], None], lock: str | None = None) -> Path:
    """The folder of a complete entry, built by `build(part_folder)` if it is not there yet.

    Entries that name the same `lock` are built one after the other (Maven's local repository is not made for two at once).
    """
    complete = cache_root() / name
    if complete.is_dir():
        return complete
    with locked(cache_root() / "locks" / (lock or name), name):
        if complete.is_dir():
            return complete
        part = complete.with_name(f"{name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        build(part)
        part.rename(complete)
        say(name, "installed")
    return complete
