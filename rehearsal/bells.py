"""The shared clock, and waiting for what the workers do by it.

The clock is moved by its one row, which web, workers and beat read for themselves. After a move
beat's tick is rung at once instead of within a second; what is due then runs in the real workers,
and the rehearsal waits until every slot of the timetable up to that moment is done.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import connection

from config import clock, jobs, rehearsal
from config.models import JobRun
from config.notice import NOTICE
from config.states import Refused

PATIENCE = 600.0  # seconds of real time after which something counts as not happening
PAUSE = 0.03
RING = 0.3  # seconds between two ticks of ours, beside beat's own,
GOES_BY = timedelta(seconds=5)  # and what goes by on the clock meanwhile, so that new slots come
MOST = 60  # times


class Stuck(Exception):
    """The workers did not do what was due."""


def go_to(moment: datetime) -> None:
    """Let the clock go on from here; where it has run past the moment by itself, it stays."""
    try:
        rehearsal.move_to(moment)
    except Refused as refused:
        if refused.code != "forward":
            raise
    rehearsal.refresh()


def settle() -> None:
    """Wait until every slot that is due now is done, and what is due in the outbox was tried."""
    at = clock.now()
    slots = {job.name: slot for job in jobs.TIMETABLE if (slot := job.slot(at))}
    wait(lambda: done(slots), f"the jobs due at {at:%m-%d %H:%M}")
    wait(sent, f"the messages due at {at:%m-%d %H:%M}")


def done(slots: dict[str, datetime]) -> bool:
    """Whether each job has finished this slot, or one after it."""
    finished = JobRun.objects.filter(job__in=slots, finished_at__isnull=False)
    newest: dict[str, datetime] = {}
    for job, slot in finished.values_list("job", "slot"):
        newest[job] = max(slot, newest.get(job, slot))
    return all(job in newest and newest[job] >= slot for job, slot in slots.items())


def sent() -> bool:
    """Whether nothing that is due by business time, and may go now, waits for its first try."""
    at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT NOT EXISTS (SELECT FROM payouts_message
                   WHERE state = 'queued' AND channel IN ('sms', 'email') AND attempts = 0
                     AND due_at <= %s AND (link_id IS NULL OR %s))""",
            [at, NOTICE.sends_links(at)],
        )
        return cursor.fetchone()[0]


def wait(holds: Callable[[], object], what: str) -> None:
    """Ring until it holds. Raises Stuck after PATIENCE seconds."""
    began = rung = time.monotonic()
    rings = 0
    ring()
    while not holds():
        now = time.monotonic()
        if now - began > PATIENCE:
            raise Stuck(what)
        if now - rung > RING:
            if not waiting():  # all bells were heard: what is missing comes with a later slot
                if rings < MOST:
                    go_to(clock.now() + GOES_BY)
                ring()
                rings += 1
            rung = now
        time.sleep(PAUSE)


def ring() -> None:
    """Beat's own bell, once more."""
    with current_app.connection_for_write(settings.CELERY_BROKER_URL) as broker:
        current_app.send_task("config.tasks.tick", expires=5, connection=broker)


def waiting() -> int:
    """How many bells lie unheard."""
    with current_app.connection_for_write(settings.CELERY_BROKER_URL) as broker:
        return broker.default_channel.client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)
