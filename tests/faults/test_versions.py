"""A deploy: the old version's workers and the new one's work side by side for a while (R17)."""

from contextlib import ExitStack

import pytest
from celery import Celery
from django.db import connection

from config import run
from payouts import messages
from payouts.models import Message
from tests.faults.processes import LONG, start_worker
from tests.faults.provider import Provider
from tests.stories.waiting import until

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

MESSAGES = 2000 if LONG else 150


def write(first: int, last: int) -> None:
    for i in range(first, last):
        to = messages.Reach("22", "sms", f"+81900{i:07d}")
        messages.write(f"decision:{i}", "decision", to, facts={"receipt": "K7Q2-M9XA-3BCD"})


def ring_for_tomorrow(environment: dict[str, str]) -> None:
    """A bell of a task that only a newer version has, in every queue."""
    app = Celery(broker=environment["REDIS_URL"].replace("unix:", "redis+socket:", 1))
    for queue in run.QUEUES.split(","):
        app.send_task("payouts.tasks.of_tomorrow", queue=queue)
    app.close()


def test_old_and_new_workers_side_by_side_lose_and_double_nothing(
    environment: dict[str, str], provider: Provider
) -> None:
    write(0, MESSAGES // 2)
    with connection.cursor() as cursor:  # what a newer web process may have written already
        cursor.execute(
            """INSERT INTO payouts_message
               SELECT (jsonb_populate_record(m, '{"key": "tomorrow:1", "kind": "of_tomorrow"}'
                       || jsonb_build_object('id', m.id + 1000000))).*
               FROM payouts_message m WHERE key = 'decision:0'"""
        )
    ring_for_tomorrow(environment)
    known = Message.objects.exclude(kind="of_tomorrow")
    with ExitStack() as stack:
        old = start_worker(environment)
        stack.callback(lambda: run.stop(old))
        until(lambda: len(provider.sent) >= 10, "the old version sends")
        new = start_worker(environment)
        stack.callback(lambda: run.stop(new))
        write(MESSAGES // 2, MESSAGES)
        ring_for_tomorrow(environment)
        old.terminate()  # a warm end in the middle of its work, as a deploy does it
        until(lambda: not known.filter(state="queued").exists(), "all sent")
    doubled = {key: count for key, count in provider.sent.items() if count > 1}
    print(f"{MESSAGES} messages by two versions")
    assert (len(provider.sent), doubled) == (MESSAGES, {})
    assert known.filter(state="sent").count() == MESSAGES
    left = Message.objects.get(key="tomorrow:1")
    assert (left.state, left.attempts) == ("queued", 0)
