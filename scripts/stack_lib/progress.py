"""What a person sees while a step runs: time-stamped lines on stderr, and one clear sentence when it fails."""

import subprocess
import sys
import threading
import time
from pathlib import Path

HEARTBEAT_SECONDS = 15

_running: set[subprocess.Popen] = set()
_abandoned = threading.Event()


class StackError(Exception):
    """A failure that the reader can act on; its text is all that is printed."""


def say(subject: str, text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {subject}: {text}", file=sys.stderr, flush=True)


def tail(path: Path, lines: int = 25) -> str:
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return "(no log yet)"
    return "\n".join(text.splitlines()[-lines:])


def run_logged(subject: str, what: str, command: list, log: Path, **popen) -> None:
    """Run a long step with its output in `log`; say every now and then that it is still at it."""
    if _abandoned.is_set():
        raise StackError(f"{subject}: interrupted before {what}")
    say(subject, what)
    started = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"\n== {what}: {' '.join(map(str, command))}\n".encode())
        output.flush()
        process = subprocess.Popen(
            [str(part) for part in command],
            **{"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **popen},
        )
        _running.add(process)
        while True:
            try:
                code = process.wait(timeout=HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                say(subject, f"still {what} ({time.monotonic() - started:.0f} s)")
        _running.discard(process)
    if code != 0:
        raise StackError(f"{subject}: {what} failed (exit code {code}); the end of {log}:\n{tail(log)}")


def abandon_steps() -> None:
    """End the steps that still run, on whichever threads, and let no other begin; they fail there."""
    _abandoned.set()
    for process in list(_running):
        process.kill()
