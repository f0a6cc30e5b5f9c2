"""The timetable: which job is due when, and one claim a slot.

Beat ticks in real time; the tick asks this table which slots are due by the business clock and
rings for them. A job claims its (job, slot) row before it acts: two schedulers give one effect, a
missed slot is seen and made up for, a worker that died is followed after its lease.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import wraps
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from config import clock
from config.models import JobRun, Postponement
from config.notice import NOTICE

LEASE = timedelta(minutes=15)  # longer than any job runs

Slots = Callable[[datetime], datetime | None]


def every(step: timedelta) -> Slots:
    """The newest multiple of `step` since midnight, Japanese time."""

    def slot(at: datetime) -> datetime:
        midnight = at.astimezone(clock.JST).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (at - midnight) // step * step

    return slot


def daily(hour: time) -> Slots:
    """The newest day's moment at `hour`, Japanese time."""

    def slot(at: datetime) -> datetime:
        today = datetime.combine(at.astimezone(clock.JST).date(), hour, clock.JST)
        return today if today <= at else today - timedelta(days=1)

    return slot


def once(key: str, after: timedelta = timedelta()) -> Slots:
    """`after` a date of the notice has passed, as postponed by decision."""

    def slot(at: datetime) -> datetime | None:
        due = NOTICE.end_of(key, Postponement.approved()) + after
        return due if due <= at else None

    return slot


def before(keys: tuple[str, ...], days: tuple[int, ...], hour: time) -> Slots:
    """The newest of the moments `days` before the last day of each of these dates, at `hour`."""

    def slot(at: datetime) -> datetime | None:
        extended = Postponement.approved()
        last_days = [
            (NOTICE.end_of(key, extended) - timedelta(microseconds=1)).astimezone(clock.JST).date()
            for key in keys
        ]
        moments = [
            datetime.combine(day - timedelta(days=each), hour, clock.JST)
            for day in last_days
            for each in days
        ]
        return max((moment for moment in moments if moment <= at), default=None)

    return slot


def since(key: str, step: timedelta) -> Slots:
    """Every `step` once a date of the notice has passed."""
    ticks = every(step)

    def slot(at: datetime) -> datetime | None:
        return ticks(at) if at >= NOTICE.end_of(key, Postponement.approved()) else None

    return slot


def rehearsing(slots: Slots) -> Slots:
    """The same moments, in rehearsals only."""

    def slot(at: datetime) -> datetime | None:
        return slots(at) if settings.REHEARSAL else None

    return slot


def daily_after(key: str, hour: time) -> Slots:
    """The newest day's moment at `hour` once a date of the notice has passed."""
    days = daily(hour)

    def slot(at: datetime) -> datetime | None:
        moment = days(at)
        return moment if moment >= NOTICE.end_of(key, Postponement.approved()) else None

    return slot


@dataclass(frozen=True)
class Job:
    """A job: its name, the Celery task that does it, its slots, and whether old runs are kept."""

    name: str
    task: str
    slot: Slots
    keep: bool = False


# The closing hash waits five minutes, so that no storing transaction is still under way.
TIMETABLE = (
    Job("sweep", "payouts.tasks.sweep", every(timedelta(seconds=2))),
    Job("settle_orders", "payouts.tasks.settle_orders", every(timedelta(seconds=10))),
    Job("match_receipts", "payouts.tasks.match_receipts", every(timedelta(seconds=5))),
    Job("expire_unconfirmed", "payouts.tasks.expire_unconfirmed", every(timedelta(minutes=10))),
    Job("other_channel", "applications.tasks.other_channel", every(timedelta(seconds=30))),
    Job("release_due", "payouts.tasks.release_due", every(timedelta(seconds=5))),
    Job("take_uploads", "coupons.tasks.take_uploads", every(timedelta(seconds=3))),
    Job("seal", "coupons.tasks.seal", since("cut_off", timedelta(minutes=1))),
    Job(
        "open_for_app_holders",
        "applications.tasks.open_for_app_holders",
        since("cut_off", timedelta(seconds=10)),
    ),
    Job("write_circulars", "applications.tasks.write_circulars", every(timedelta(seconds=10))),
    Job("ask_returned", "applications.tasks.ask_returned", every(timedelta(minutes=1))),
    Job("settle_transfers", "payouts.tasks.settle_transfers", daily(time(6)), keep=True),
    Job("reconcile", "applications.tasks.reconcile_books", daily(time(2)), keep=True),
    Job("approve_bulk", "applications.tasks.approve_bulk", every(timedelta(seconds=5))),
    Job("mark_risks", "applications.tasks.mark_risks", every(timedelta(minutes=5))),
    Job("count_tallies", "applications.tasks.count_tallies", every(timedelta(minutes=1))),
    Job("rematch", "applications.tasks.rematch", every(timedelta(minutes=10))),
    Job(
        "remind_numbers",
        "applications.tasks.remind_numbers",
        before(("applications_close", "number_to_follow_until"), (3, 1), time(10)),
        keep=True,
    ),
    Job(
        "close_applications",
        "applications.tasks.close_applications",
        once("applications_close", timedelta(minutes=5)),
        keep=True,
    ),
    Job(
        "close_receiving",
        "payouts.tasks.close_receiving",
        daily_after("receiving_closes", time(0, 5)),  # daily: some were given longer, one by one
        keep=True,
    ),
    Job("remind_receivers", "payouts.tasks.remind_receivers", every(timedelta(hours=1))),
    Job("look_at_stock", "payouts.tasks.look_at_stock", every(timedelta(minutes=10))),
    Job("forget_tries", "applications.tasks.forget_tries", daily(time(4))),
    Job("erase", "applications.tasks.erase", rehearsing(daily(time(3)))),
    Job(
        "demo_feed",
        "applications.tasks.demo_feed",
        rehearsing(every(timedelta(seconds=10))),
    ),
)


def due(at: datetime) -> list[tuple[Job, datetime]]:
    """The slots that are due and neither done nor in somebody's hands."""
    slots = [(job, slot) for job in TIMETABLE if (slot := job.slot(at))]
    taken = set(
        JobRun.objects.filter(
            Q(finished_at__isnull=False) | Q(lease_until__gt=Now()),
            job__in=[job.name for job, _ in slots],
            slot__in=[slot for _, slot in slots],
        ).values_list("job", "slot")
    )
    return [(job, slot) for job, slot in slots if (job.name, slot) not in taken]


def claim(job: str, slot: datetime) -> JobRun | None:
    """Take a slot, or take it over from one who died; None where it is done or in work."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO config_jobrun (job, slot, tries, lease_until, started_at, outcome, error)
               VALUES (%(job)s, %(slot)s, 1, clock_timestamp() + %(lease)s, %(at)s, '{}', '')
               ON CONFLICT (job, slot) DO UPDATE
               SET tries = config_jobrun.tries + 1, lease_until = excluded.lease_until
               WHERE config_jobrun.finished_at IS NULL
                 AND config_jobrun.lease_until < clock_timestamp()
               RETURNING id""",
            {"job": job, "slot": slot, "lease": LEASE, "at": clock.now()},
        )
        row = cursor.fetchone()
    return JobRun.objects.get(pk=row[0]) if row else None


@contextmanager
def claimed(name: str, slot: datetime) -> Iterator[JobRun | None]:
    """Claim a slot for the block; note its `outcome` and end afterwards, or free it on failure."""
    run = claim(name, slot)
    if run is None:
        yield None
        return
    try:
        yield run
    except Exception as error:
        JobRun.objects.filter(pk=run.pk, tries=run.tries).update(
            lease_until=Now(), error=type(error).__name__
        )
        raise
    JobRun.objects.filter(pk=run.pk, tries=run.tries).update(  # under its own lease only
        finished_at=clock.now(), outcome=run.outcome, error=""
    )
    if not next((job.keep for job in TIMETABLE if job.name == name), True):
        over = Q(finished_at__isnull=False) | Q(lease_until__lte=Now())
        JobRun.objects.filter(over, job=name, slot__lt=slot).delete()


def bell(name: str) -> Callable[[Callable[[], dict[str, Any]]], Any]:
    """The Celery task of a job: claims its slot, acts once, and keeps what the act returns."""

    def task(act: Callable[[], dict[str, Any]]) -> Any:
        @shared_task
        @wraps(act)
        def rung(slot: str) -> None:
            with claimed(name, datetime.fromisoformat(slot)) as run:
                if run:
                    run.outcome = act()

        return rung

    return task
