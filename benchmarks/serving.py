"""Servers to measure, started like production, with the processor time that they use."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from config import run

THREADS = "16"
BASE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and the process whose family does the work."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time of the server's processes until now."""
        return sum(times(pid) for pid in family(self.pid))


def family(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended while we looked
                continue
            parents.setdefault(int(fields[1]), []).append(int(path.name))
    found, new = [], [root]
    while new:
        found += new
        new = [child for pid in new for child in parents.get(pid, [])]
    return found


def times(pid: int) -> float:
    """User and system seconds of a process and of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def postgres_pid() -> int:
    """The postmaster of the benchmark's own server."""
    return int((settings.VAR_DIR / "postgres" / "postmaster.pid").read_text().split()[0])


@contextmanager
def granian(target: str, environment: dict[str, str], workers: int = 1) -> Iterator[Server]:
    """A WSGI application on the loopback, by the server of production."""
    port = run.free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(workers), "--blocking-threads", THREADS]
    command += ["--no-access-log", "--log-level", "error", target]
    with running(command, environment, port) as pid:
        yield Server(port, pid)


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[int]:
    """A process that listens on a port; ended with its family."""
    process = subprocess.Popen(command, env=environment, cwd=BASE, start_new_session=True)
    try:
        for _ in range(300):
            if run.taken(port):
                break
            if process.poll() is not None:
                raise RuntimeError(f"{command[2]} did not start")
            time.sleep(0.1)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
