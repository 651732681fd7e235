"""One instance of the servers: a folder with their data, logs, pids, ports and remembered options.

Several stacks live side by side, each in its own folder (`ROWMILL_STACK`); they share nothing but the installs.
A port, once chosen, stays with its stack, so that clients survive a restart of the server.
"""

import json
import os
import random
import shutil
import socket
from pathlib import Path

from . import cache
from .progress import StackError

# Below the kernel's range for outgoing connections: a killed server's port must still be free when it returns.
PORT_RANGE = range(15000, 32000)


class Stack:
    def __init__(self, home: Path):
        self.home = home

    @classmethod
    def of_environment(cls) -> "Stack":
        home = os.environ.get("ROWMILL_STACK") or cache.cache_root() / "stacks" / "default"
        return cls(Path(home).absolute())

    def folder(self, name: str) -> Path:
        folder = self.home / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def locked(self):
        """Hold this for as long as services are started or stopped."""
        return cache.locked(self.home / "lock", str(self.home))

    def delete_contents(self) -> None:
        """All but the lock, which the caller holds."""
        for path in self.home.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()

    @property
    def state(self) -> dict:
        try:
            return json.loads((self.home / "state.json").read_text())
        except FileNotFoundError:
            return {}

    def remember(self, key: str, value) -> None:
        state = {**self.state, key: value}
        part = self.home / "state.json.part"
        part.write_text(json.dumps(state, indent=2) + "\n")
        part.rename(self.home / "state.json")

    def port(self, name: str) -> int | None:
        return self.state.get(f"{name}_port")

    def require_port(self, name: str) -> int:
        port = self.port(name)
        if port is None:
            raise StackError(f"{name} was never started in {self.home}; start it with: scripts/stack up")
        return port

    def choose_port(self, name: str, variable: str | None = None) -> int:
        """The port for a server that is about to start: the configured one, the one it had, or a free one."""
        configured = int(setting(self, variable) or 0) if variable else 0
        if configured:
            if not is_free(configured):
                raise StackError(f"{name}: port {configured} ({variable}) is taken")
            port = configured
        else:
            port = self.port(name)
            if not port or not is_free(port):
                taken = {value for key, value in self.state.items() if key.endswith("_port")}
                port = next(p for p in random.sample(PORT_RANGE, 500) if p not in taken and is_free(p))
        self.remember(f"{name}_port", port)
        return port


def setting(stack: Stack, variable: str) -> str | None:
    """A setting from the environment, unless it came there from `scripts/stack env` of another stack.

    A test that has one stack's address in its environment starts a second one without clearing it first.
    """
    owner = os.environ.get("ROWMILL_ENV_OF")
    if owner and Path(owner) != stack.home:
        return None
    return os.environ.get(variable)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do it: connections of the predecessor in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
