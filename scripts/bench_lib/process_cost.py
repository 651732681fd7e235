"""What a process has used, from /proc."""

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads, ended ones included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / TICKS_PER_SECOND


def peak_rss_mb(pid: int) -> float:
    """The most memory it ever had resident, in 10^6 bytes."""
    return memory_mb(pid, "VmHWM")


def rss_mb(pid: int) -> float:
    """The memory it has resident now, in 10^6 bytes."""
    return round(memory_mb(pid, "VmRSS"), 1)


def memory_mb(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1e6
