"""What all servers of a stack have in common: one process each, found again by pid file, ended only if it is ours."""

import os
import signal
import subprocess
import time
from pathlib import Path

from .progress import StackError, say, tail
from .stack import Stack

START_TIMEOUT_SECONDS = float(os.environ.get("ROWMILL_START_TIMEOUT", 120))
STOP_TIMEOUT_SECONDS = 60


class Server:
    """A subclass names itself and says how to prepare, what to run and when it answers.

    Every command line contains a path below the stack's folder; that is how a process is known to be ours.
    """

    name: str
    port_variable: str

    def __init__(self, stack: Stack):
        self.stack = stack

    def install(self) -> None:
        raise NotImplementedError

    def prepare(self) -> None:
        """Make data folder and configuration; called before each start, with all ports chosen."""
        raise NotImplementedError

    def command(self) -> list:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What clients need to know; exported by `scripts/stack env`."""
        raise NotImplementedError

    def choose_ports(self) -> None:
        self.stack.choose_port(self.name, self.port_variable)

    def after_first_answer(self) -> None:
        """Called by `up` when the server answers, whether it was running before or not."""

    @property
    def folder(self) -> Path:
        return self.stack.folder(self.name)

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def pid_file(self) -> Path:
        return self.stack.home / self.name / "pid"

    @property
    def port(self) -> int:
        return self.stack.require_port(self.name)

    def was_started(self) -> bool:
        return self.stack.port(self.name) is not None

    def pid(self) -> int | None:
        """The pid of our running process; a number that now belongs to someone else is not ours."""
        try:
            pid = int(self.pid_file.read_text())
            command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if f"{self.stack.home}/".encode() in command_line else None

    def status(self) -> str:
        pid = self.pid()
        if pid is None:
            return "stopped"
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "T":
            return f"paused (pid {pid}, port {self.port})"
        return f"{'running' if self.answers() else 'not answering'} (pid {pid}, port {self.port})"

    def start(self) -> None:
        """Start on the ports chosen before and the data left before; return when it answers."""
        if self.pid() is not None:
            self.wait_until_it_answers(None, time.monotonic())
            return
        self.prepare()
        started = time.monotonic()
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                [str(part) for part in self.command()], cwd=self.folder, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.pid_file.write_text(f"{process.pid}\n")
        self.wait_until_it_answers(process, started)
        say(self.name, f"answers on port {self.port} after {time.monotonic() - started:.1f} s")

    def wait_until_it_answers(self, process: subprocess.Popen | None, started: float) -> None:
        said = started
        while not self.answers():
            if process and process.poll() is not None:
                raise StackError(f"{self.name} ended with code {process.returncode} while starting; {self.log}:\n{tail(self.log)}")
            now = time.monotonic()
            if now - started > START_TIMEOUT_SECONDS:
                raise StackError(f"{self.name} does not answer after {now - started:.0f} s "
                                 f"(ROWMILL_START_TIMEOUT); {self.log}:\n{tail(self.log)}")
            if now - said > 15:
                said = now
                say(self.name, f"still starting ({now - started:.0f} s)")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.send(signal.SIGTERM) is None:
            return
        self.send(signal.SIGCONT)
        if self.is_gone_within(STOP_TIMEOUT_SECONDS):
            say(self.name, "stopped")
        else:
            say(self.name, f"still there after {STOP_TIMEOUT_SECONDS} s, killing it")
            self.kill()

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        if not self.is_gone_within(STOP_TIMEOUT_SECONDS):
            raise StackError(f"{self.name}: process {self.pid()} survives SIGKILL")

    def send(self, which: signal.Signals) -> int | None:
        pid = self.pid()
        if pid is not None:
            os.kill(pid, which)
        return pid

    def is_gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.pid() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        self.pid_file.unlink(missing_ok=True)
        return True
