"""Link messages through real workers: against a provider of 50 ms, and against bare Celery."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

from benchmarks import app_holders, ground, no_ops
from benchmarks.measure import Result
from config import clock, embedded, run
from config.celery import app
from config.models import Offset
from payouts import app_holders as holders
from payouts import opening

MOST = 100_000  # messages, whatever --rows says
DELAY_MS, SIDE_BY_SIDE, PROCESSES = 50, 16, 2
NO_OPS = 8000
SHARE, TIMES = 0.7, 10  # of what the provider's concurrency allows; no-ops in a message's time
PATIENCE = 900  # seconds
WAITING = "SELECT count(*) FROM payouts_message WHERE state = 'queued' AND channel = 'sms'"
KEEP = "CREATE TABLE bench_waiting AS SELECT * FROM payouts_message"
# Numbers that end in 1: those to which the demo's provider fails on purpose do not.
ALL_BY_SMS = """
    UPDATE bench_waiting
    SET channel = 'sms', address = '+8180' || lpad((id * 10 + 1)::text, 8, '0')
"""


def dispatched(rows: int, rounds: int) -> Result:
    """`rows` link messages by two worker processes, every state durable."""
    rows = min(rows, MOST)
    redis = embedded.start_redis(settings.VAR_DIR)
    environment = {
        **os.environ,
        "REDIS_URL": embedded.redis_url(settings.VAR_DIR),
        "SMS_DAILY_BUDGET_YEN": "100000000",
        "PYTHONWARNINGS": "ignore",
    }
    ideal, slow, fast, bare = [], [], [], []
    try:
        laid(rows)
        for _ in range(rounds):
            bare.append(min(NO_OPS, rows) / no_op_seconds(environment, min(NO_OPS, rows)))
            again(rows)
            fast.append(rows / worked(environment | {"SMS_PROVIDER": "demo"}, rows))
            again(rows)
            with provider() as (address, count):
                slow.append(worked(environment | {"SMS_PROVIDER": address}, rows))
                if count() != {"messages": rows, "twice": 0}:
                    raise RuntimeError(f"the provider counts {count()}, not {rows}")
            ideal.append(rows * DELAY_MS / 1000 / SIDE_BY_SIDE / PROCESSES)
    finally:
        run.stop(redis)
        Offset.objects.all().delete()
    middle = sorted(fast)[rounds // 2], sorted(bare)[rounds // 2]
    share = sorted(i / s for i, s in zip(ideal, slow, strict=True))[rounds // 2]
    return Result(
        "dispatch",
        rows,
        {"provider of 50 ms, no slot idle": ideal, "dispatch at 50 ms": slow},
        goals={"dispatch at 50 ms": 1 / SHARE},
        figures={
            "share of the provider's concurrency": round(share, 3),
            "messages a second at 50 ms": round(rows / sorted(slow)[rounds // 2]),
            "messages a second at 0 ms": round(middle[0]),
            "no-op tasks a second": round(middle[1]),
            "times the no-ops": round(middle[0] / middle[1], 1),
            "a message in no-ops, 0 ms": round(middle[1] / middle[0], 3),
        },
        limits={"a message in no-ops, 0 ms": 1 / TIMES},
    )


def laid(rows: int) -> None:
    """Released payouts by SMS with their links and messages, and a copy of the latter."""
    app_holders.holders(rows)
    app_holders.run_of(ground.clerks())
    with clock.at(ground.LINKS_GO):
        holders.open_for_app_holders()
        opening.release_due()
    ground.execute("DROP TABLE IF EXISTS bench_waiting")
    ground.execute(KEEP)
    ground.execute(ALL_BY_SMS)
    if (found := ground.value("SELECT count(*) FROM bench_waiting")) != rows:
        raise RuntimeError(f"{found} messages wait, not {rows}")


def again(rows: int) -> None:
    """All messages wait again, as they were written; links may go."""
    ground.execute("TRUNCATE payouts_message CASCADE")
    ground.execute("INSERT INTO payouts_message SELECT * FROM bench_waiting ORDER BY id")
    ground.execute("TRUNCATE payouts_spending, payouts_pace, config_jobrun")
    ground.execute("VACUUM ANALYZE payouts_message")
    ahead = ground.LINKS_GO - clock.real_now()
    Offset.objects.update_or_create(id=1, defaults={"ahead": ahead})


def worked(environment: dict[str, str], rows: int) -> float:
    """Seconds from the first message to the last; raises RuntimeError for a state that is lost."""
    with worker(environment, "-B", "-s", str(settings.VAR_DIR / f"beat-{time.monotonic_ns()}")):
        began = until(lambda: ground.value(WAITING) < rows, 0.02)
        ended = until(lambda: ground.value(WAITING) == 0, 0.1)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FILTER (WHERE state = 'sent' AND provider_ref <> ''),
                      (SELECT count(*) FROM payouts_attempt WHERE outcome = 'accepted')
               FROM payouts_message"""
        )
        if cursor.fetchone() != (rows, rows):
            raise RuntimeError("a state is lost")
    return ended - began


def no_op_seconds(environment: dict[str, str], count: int) -> float:
    """Seconds that two processes need for so many tasks that do nothing."""
    queue = "no_ops"
    app.conf.broker_url = environment["REDIS_URL"].replace("unix:", "redis+socket:", 1)
    with app.connection_for_write() as link:
        for _ in range(count):
            no_ops.nothing.apply_async(queue=queue, connection=link)
        waiting = link.default_channel.client.llen
        with worker(environment, "-I", "benchmarks.no_ops", queues=queue):
            began = until(lambda: waiting(queue) < count, 0.002)
            ended = until(lambda: waiting(queue) == 0, 0.005)
    return ended - began


@contextmanager
def worker(environment: dict[str, str], *more: str, queues: str = run.QUEUES) -> Iterator[None]:
    """A real worker of two processes."""
    command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "-Q", queues]
    command += ["-c", str(PROCESSES), "-l", "ERROR", "--without-mingle", "--without-gossip", *more]
    process = run.start(environment, command)
    try:
        yield
    finally:
        run.stop(process)


@contextmanager
def provider() -> Iterator[tuple[str, Callable[[], dict[str, int]]]]:
    """The slow provider: its SMS_PROVIDER, and its own count."""
    command = [sys.executable, "-m", "benchmarks.slow_provider", str(DELAY_MS)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    port = int(process.stdout.readline())
    address = f"http_json+http://KEY:SECRET@127.0.0.1:{port}/sms?concurrency={SIDE_BY_SIDE}"

    def count() -> dict[str, int]:
        with urlopen(f"http://127.0.0.1:{port}/count", timeout=10) as answer:
            return json.load(answer)

    try:
        yield address, count
    finally:
        with suppress(ValueError):
            process.stdout.close()
        run.stop(process)


def until(holds: Callable[[], bool], every: float) -> float:
    """The moment at which something holds."""
    end = time.perf_counter() + PATIENCE
    while not holds():
        if time.perf_counter() > end:
            raise RuntimeError("the messages do not go")
        time.sleep(every)
    return time.perf_counter()
