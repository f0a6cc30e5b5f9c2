"""Workers are killed at work: nothing is lost, nothing goes twice (promise 4, R1)."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from config import clock, embedded, rehearsal, run
from config.models import Offset
from config.states import Refused
from payouts import messages
from payouts.models import Attempt, Message, PayoutLine
from tests.faults.provider import Provider
from tests.payouts import rows
from tests.stories.waiting import until

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

LONG = os.environ.get("FAULTS") == "long"
MESSAGES, KILLS = (2000, 30) if LONG else (120, 4)
MUTANT = os.environ.get("MUTANT", "")
SEED = int(os.environ.get("FAULT_SEED", "7"))


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A counting provider."""
    with Provider(SEED) as running:
        yield running


@pytest.fixture
def environment(
    app_database_url: str, tmp_path: Path, provider: Provider
) -> Iterator[dict[str, str]]:
    """Engines, and a worker's environment with a short lease, at a moment when links may go."""
    var = tmp_path / "var"
    (var / "static").mkdir(parents=True)
    Offset.objects.update_or_create(id=1, defaults={"ahead": rows.LINKS_GO - clock.real_now()})
    rehearsal.refresh()
    redis = embedded.start_redis(var)
    yield {
        **os.environ,
        "VAR_DIR": str(var),
        "DATABASE_URL": app_database_url,
        "REDIS_URL": embedded.redis_url(var),
        "SMS_PROVIDER": provider.setting,
        "LEASE_SECONDS": "3",
        "PROVIDER_TIMEOUT_SECONDS": "1",
        "SMS_RECEIPT_BUDGET_YEN": "100000000",
        "PYTHONWARNINGS": "ignore",
    }
    run.stop(redis)
    clock.set_offset(timedelta())


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


def write_messages() -> None:
    """Messages to be sent now, each to a number of its own."""
    for i in range(MESSAGES):
        to = messages.Reach("22", "sms", f"+81900{i:07d}")
        messages.write(f"decision:{i}", "decision", to, facts={"receipt": "K7Q2-M9XA-3BCD"})


def test_killed_workers_lose_and_double_nothing(
    environment: dict[str, str], provider: Provider
) -> None:
    write_messages()
    chance = random.Random(SEED)
    with ExitStack() as stack:
        worker = start_worker(environment)
        stack.callback(lambda: run.stop(worker))
        for _ in range(KILLS):
            goal = min(len(provider.sent) + chance.randrange(5, 25), MESSAGES)
            until(lambda goal=goal: len(provider.sent) >= goal, f"{goal} sent")
            kill(worker)
            worker = start_worker(environment)
        until(lambda: not Message.objects.filter(state="queued").exists(), "all sent")
    doubled = {key: count for key, count in provider.sent.items() if count > 1}
    retried = Attempt.objects.filter(number__gt=1).count()
    print(f"seed {SEED}: {MESSAGES} messages, {KILLS} kills, {retried} asked for again")
    assert len(provider.sent) == MESSAGES
    assert doubled == {}
    assert Message.objects.filter(state="sent").count() == MESSAGES


def test_one_coupon_is_never_in_two_payouts() -> None:
    if MUTANT == "constraint":
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX payoutline_one_live")
    coupon = rows.coupon()
    rows.payout(coupon)
    try:
        with pytest.raises(Refused):
            rows.payout(coupon)
        assert PayoutLine.objects.filter(coupon=coupon, released_at=None).count() == 1
    finally:
        if MUTANT == "constraint":
            PayoutLine.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE UNIQUE INDEX payoutline_one_live ON payouts_payoutline"
                    " (coupon_id, edition) WHERE released_at IS NULL"
                )
