"""Workers are killed at work: nothing is lost, nothing goes twice (promise 4, R1)."""

import random
from contextlib import ExitStack

import pytest
from django.db import connection

from config import run
from config.states import Refused
from payouts import messages
from payouts.models import Attempt, Message, PayoutLine
from tests.faults.processes import LONG, MUTANT, SEED, kill, start_worker
from tests.faults.provider import Provider
from tests.payouts import rows
from tests.stories.waiting import until

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

MESSAGES, KILLS = (2000, 30) if LONG else (120, 4)


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
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE payouts_payout CASCADE")
                cursor.execute(
                    "CREATE UNIQUE INDEX payoutline_one_live ON payouts_payoutline"
                    " (coupon_id, edition) WHERE released_at IS NULL"
                )
