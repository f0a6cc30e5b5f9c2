"""The stage of a rehearsal: engines and processes of its own, under VAR_DIR/rehearse.

The same programs as production runs (web, worker, beat) and the simulator of a gift provider. Runs
beside `make run` and touches nothing of it. The database is made anew each time.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from config import clock, embedded, run
from config.notice import NOTICE

# Settings of who asks that are not the rehearsal's; its secrets are those of trying out.
NOT_OURS = ("SECRET_KEY", "FIELD_KEYS", "LINK_KEYS", "GIFT_SECRET", "HASH_KEY")
NOT_OURS += ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "NOTICE_FILE", "CLOCK")
KEPT = "hosho_tables"  # the database to copy from
MUCH = str(10**9)  # a whole scheme's messages go on one day of the database's clock

Say = Callable[[str], None]


@contextmanager
def standing(
    var: Path, say: Say, urls: dict[str, str] | None = None, **changes: str
) -> Iterator[dict[str, str]]:
    """The environment of a standing site; everything ends with the block.

    `urls` name an empty, migrated database of the caller's own instead; `changes`: other settings.
    """
    var.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.callback(run.stop, embedded.start_redis(var))
        forget_bells(var)
        environment = settings(var) | (urls or embedded.database_urls(var)) | changes
        if urls is None:
            tables(var, environment, say)
        static(var, environment)
        start_clock(environment)
        stack.callback(run.stop, run.start(environment, simulator(var, environment)))
        port = int(environment["PORT"])
        processes = run.site(environment, port)
        for process in processes:
            stack.callback(run.stop, process)
        run.wait_until_open(port, processes)
        say(f"web, workers and beat stand on port {port}")
        yield environment


def forget_bells(var: Path) -> None:
    """Bells of a rehearsal that was broken off name slots of another time."""
    with redis.Redis.from_url(embedded.redis_url(var)) as client:
        client.flushall()


def static(var: Path, environment: dict[str, str]) -> None:
    """What the web serves, hashed as in production, where the settings ask for that."""
    if environment.get("HASHED_STATIC") == "0":
        (var / "static").mkdir(exist_ok=True)
    else:
        run.collect_static(var, environment)


def tables(var: Path, environment: dict[str, str], say: Say) -> None:
    """An empty database: a copy of one that was migrated, made where the migrations changed."""
    root = embedded.postgres(var).get_uri()
    made, kept = sql.Identifier(embedded.DATABASE), sql.Identifier(KEPT)
    with psycopg.connect(root, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(made))
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [KEPT],
        ).fetchone()
        if found != (state_of_migrations(),):
            say("making the tables")
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(kept))
            embedded.database_urls(var)
            run.manage(environment, "migrate", "--verbosity", "0")
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(copy.format(kept, made))
            told = sql.SQL("COMMENT ON DATABASE {} IS {}")
            connection.execute(told.format(kept, sql.Literal(state_of_migrations())))
        else:
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER hosho_owner")
            connection.execute(copy.format(made, kept))


def state_of_migrations() -> str:
    """A hash over all migrations."""
    digest = hashlib.sha256()
    for path in sorted(run.BASE.glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def start_clock(environment: dict[str, str]) -> None:
    """Let the clock begin before the outage, before any process reads it."""
    ahead = NOTICE.dates.outage_from.replace(hour=12) - clock.real_now()
    with psycopg.connect(environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("INSERT INTO config_offset (id, ahead) VALUES (1, %s)", [ahead])


def settings(var: Path) -> dict[str, str]:
    """The settings of the rehearsal's processes."""
    port = int(os.environ.get("PORT") or run.free_port())
    gifts = run.free_port()
    api = f"api+http://127.0.0.1:{gifts}"
    own = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    return {
        **own,
        "VAR_DIR": str(var),
        "REDIS_URL": embedded.redis_url(var),
        "REHEARSAL": "1",
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "TRUSTED_PROXIES": "1",
        "SIMULATOR_PORT": str(gifts),
        "GIFT_PROVIDERS": run.gift_providers(api),
        "SMS_NUMBER_A_DAY": MUCH,
        "SMS_DAILY_BUDGET_YEN": MUCH,
        "SMS_RECEIPT_BUDGET_YEN": MUCH,
        "BEAT_FILE": str(var / "beat-schedule"),
        "PYTHONWARNINGS": "ignore",
    }


def simulator(var: Path, environment: dict[str, str]) -> list[str]:
    """The gift provider, with an empty book."""
    state = var / "gifts.sqlite"
    for old in var.glob("gifts.sqlite*"):
        old.unlink()
    module = "payouts.outbound.gifts.simulator"
    told = ["--port", environment["SIMULATOR_PORT"], "--state", str(state)]
    return [sys.executable, "-m", module, *told, "--today", f"{NOTICE.dates.outage_day}"]


def live(environment: dict[str, str], *arguments: str) -> int:
    """The rehearsal itself, as one more process on the stage; returns its exit code."""
    command = [sys.executable, "-m", "rehearsal.live", *arguments]
    return subprocess.run(command, env=environment, cwd=run.BASE).returncode
