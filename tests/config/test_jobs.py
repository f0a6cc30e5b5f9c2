"""The timetable: slots to the microsecond, one effect a slot, what was missed or died made up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from config import clock, jobs
from config.models import JobRun, Postponement
from config.notice import NOTICE
from tests.payouts import rows

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
NOON = datetime(2023, 4, 10, 12, tzinfo=clock.JST)
CLOSES = NOTICE.dates.applications_close


def job(name: str, slot: jobs.Slots, *, keep: bool = False) -> jobs.Job:
    return jobs.Job(name, f"tests.{name}", slot, keep)


@pytest.fixture
def timetable(monkeypatch: pytest.MonkeyPatch) -> tuple[jobs.Job, ...]:
    """Three jobs; the first and the last leave no old runs behind."""
    table = (
        job("often", jobs.every(10 * SECOND)),
        job("close", jobs.once("applications_close"), keep=True),
        job("nightly", jobs.daily(time(3))),
    )
    monkeypatch.setattr(jobs, "TIMETABLE", table)
    return table


def postpone(until: datetime, *, approved: bool = True) -> Postponement:
    """Another end of the applications, decided by two people."""
    second = {"approved_at": NOON, "approved_by": rows.clerk("second")} if approved else {}
    return Postponement.objects.create(
        key="applications_close",
        until=until,
        reason="test",
        prepared_at=NOON,
        prepared_by=rows.clerk("first"),
        **second,
    )


def due(at: datetime) -> list[tuple[str, datetime]]:
    return [(found.name, slot) for found, slot in jobs.due(at)]


def die(run: JobRun) -> None:
    """Its worker is gone and its lease is over."""
    JobRun.objects.filter(pk=run.pk).update(lease_until=F("lease_until") - jobs.LEASE - SECOND)


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        (NOON, NOON),
        (NOON - MICROSECOND, NOON - 10 * SECOND),
        (NOON + 10 * SECOND - MICROSECOND, NOON),
        (NOON + 10 * SECOND, NOON + 10 * SECOND),
        (NOON.astimezone(UTC), NOON),
    ],
)
def test_every_gives_the_newest_multiple(at: datetime, slot: datetime) -> None:
    assert jobs.every(10 * SECOND)(at) == slot


def test_every_counts_from_midnight_in_japan() -> None:
    slot = jobs.every(timedelta(hours=7))
    midnight = NOON.replace(hour=0)
    assert slot(midnight - MICROSECOND) == midnight - timedelta(hours=3)
    assert slot(midnight) == midnight
    assert slot(midnight.astimezone(UTC)) == midnight


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        (NOON, NOON),
        (NOON - MICROSECOND, NOON - timedelta(days=1)),
        (NOON + timedelta(days=1) - MICROSECOND, NOON),
        (NOON.astimezone(UTC), NOON),
    ],
)
def test_daily_gives_the_newest_day_s_hour(at: datetime, slot: datetime) -> None:
    assert jobs.daily(time(12))(at) == slot


@pytest.mark.django_db
def test_once_is_due_from_its_microsecond_on() -> None:
    slot = jobs.once("applications_close", timedelta(minutes=5))
    moment = CLOSES + timedelta(minutes=5)
    assert [slot(moment - MICROSECOND), slot(moment)] == [None, moment]
    assert slot(moment + timedelta(days=90)) == moment


@pytest.mark.django_db
def test_once_follows_a_postponement_that_two_people_decided() -> None:
    slot = jobs.once("applications_close")
    later = CLOSES + timedelta(days=14)
    postpone(later + timedelta(days=1), approved=False)
    assert slot(CLOSES) == CLOSES
    postpone(later)
    assert [slot(CLOSES), slot(later - MICROSECOND), slot(later)] == [None, None, later]


@pytest.mark.django_db
def test_since_is_due_in_steps_from_its_microsecond_on() -> None:
    slot = jobs.since("applications_close", 10 * SECOND)
    assert [slot(CLOSES - MICROSECOND), slot(CLOSES)] == [None, CLOSES]
    assert slot(CLOSES + 20 * SECOND - MICROSECOND) == CLOSES + 10 * SECOND
    postpone(CLOSES + timedelta(days=1))
    assert slot(CLOSES + 10 * SECOND) is None


@pytest.mark.django_db
def test_before_gives_the_newest_of_its_moments() -> None:
    slot = jobs.before(("applications_close",), (3, 1), time(10))
    third, last = (CLOSES.replace(month=4, day=day, hour=10) for day in (27, 29))
    assert [slot(third - MICROSECOND), slot(third)] == [None, third]
    assert [slot(last - MICROSECOND), slot(last), slot(CLOSES)] == [third, last, last]
    postpone(CLOSES + timedelta(days=7))
    assert slot(last) is None
    assert slot(third + timedelta(days=7)) == third + timedelta(days=7)


def test_rehearsing_is_due_in_rehearsals_only(settings: Settings) -> None:
    slot = jobs.rehearsing(jobs.every(10 * SECOND))
    feed = next(each for each in jobs.TIMETABLE if each.name == "demo_feed")
    settings.REHEARSAL = True
    assert [slot(NOON), feed.slot(NOON)] == [NOON, NOON]
    settings.REHEARSAL = False
    assert [slot(NOON), feed.slot(NOON)] == [None, None]


@pytest.mark.django_db
def test_due_keeps_the_order_of_the_timetable(timetable: tuple[jobs.Job, ...]) -> None:
    night = CLOSES.replace(hour=3)
    assert due(CLOSES) == [
        ("often", CLOSES),
        ("close", CLOSES),
        ("nightly", night - timedelta(days=1)),
    ]
    assert due(CLOSES - MICROSECOND) == [
        ("often", CLOSES - 10 * SECOND),
        ("nightly", night - timedelta(days=1)),
    ]
    assert [found.task for found, _ in jobs.due(CLOSES)] == [each.task for each in timetable]


@pytest.mark.django_db
@pytest.mark.usefixtures("timetable")
def test_what_is_done_or_in_work_is_not_due() -> None:
    run = jobs.claim("often", NOON)
    assert ("often", NOON) not in due(NOON)
    die(run)
    assert ("often", NOON) in due(NOON)
    with jobs.claimed("often", NOON):
        pass
    assert ("often", NOON) not in due(NOON)
    assert ("often", NOON + 10 * SECOND) in due(NOON + 10 * SECOND)


@pytest.mark.django_db
@pytest.mark.usefixtures("timetable")
def test_a_missed_slot_is_made_up_once() -> None:
    weeks_later = CLOSES + timedelta(days=40)
    assert ("close", CLOSES) in due(weeks_later)
    with clock.at(weeks_later), jobs.claimed("close", CLOSES) as run:
        run.outcome = {"count": 3}
    assert "close" not in dict(due(weeks_later))
    assert list(JobRun.objects.values_list("slot", "started_at", "finished_at", "outcome")) == [
        (CLOSES, weeks_later, weeks_later, {"count": 3})
    ]


@pytest.mark.django_db
def test_a_claim_holds_one_slot_of_one_job() -> None:
    first = jobs.claim("often", NOON)
    assert (first.job, first.slot, first.tries) == ("often", NOON, 1)
    assert jobs.claim("often", NOON) is None
    assert jobs.claim("often", NOON + SECOND).tries == 1
    assert jobs.claim("other", NOON).tries == 1


@pytest.mark.django_db
def test_who_died_is_followed_after_the_lease() -> None:
    first = jobs.claim("often", NOON)
    JobRun.objects.update(lease_until=F("lease_until") - jobs.LEASE + timedelta(minutes=1))
    assert jobs.claim("often", NOON) is None
    die(first)
    assert jobs.claim("often", NOON).tries == 2
    assert jobs.claim("often", NOON) is None


@pytest.mark.django_db
def test_a_jump_of_the_rehearsal_clock_frees_no_lease() -> None:
    jobs.claim("often", NOON)
    with clock.at(NOON + timedelta(days=100)):
        assert jobs.claim("often", NOON) is None


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_give_one_effect() -> None:
    effects, start = [], Barrier(6)

    def schedule(_: int) -> None:
        start.wait(10)
        try:
            with jobs.claimed("often", NOON) as run:
                if run:
                    effects.append(run.tries)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(schedule, range(6)))
    assert effects == [1]
    assert JobRun.objects.get().finished_at is not None


@pytest.mark.django_db
@pytest.mark.usefixtures("timetable")
def test_a_failure_frees_the_slot_and_is_told() -> None:
    with pytest.raises(LookupError), jobs.claimed("close", CLOSES):
        raise LookupError("nothing of a person is kept")
    run = JobRun.objects.get()
    assert (run.error, run.finished_at, run.tries) == ("LookupError", None, 1)
    assert ("close", CLOSES) in due(CLOSES)
    with jobs.claimed("close", CLOSES) as run:
        run.outcome = {"count": 1}
    run = JobRun.objects.get()
    assert (run.error, run.outcome, run.tries) == ("", {"count": 1}, 2)
    assert "close" not in dict(due(CLOSES))


@pytest.mark.django_db
def test_who_lost_the_lease_writes_no_end() -> None:
    with jobs.claimed("often", NOON) as slow:
        die(slow)
        other = jobs.claim("often", NOON)
        slow.outcome = {"by": "the slow one"}
    run = JobRun.objects.get()
    assert (run.tries, run.finished_at, run.outcome) == (other.tries, None, {})


@pytest.mark.django_db
def test_who_lost_the_lease_frees_nothing_by_failing() -> None:
    with pytest.raises(LookupError), jobs.claimed("often", NOON) as slow:
        die(slow)
        jobs.claim("often", NOON)
        raise LookupError
    assert JobRun.objects.get().error == ""
    assert jobs.claim("often", NOON) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("timetable")
def test_old_runs_of_frequent_jobs_go_and_kept_ones_stay() -> None:
    for name in ("often", "close", "unknown"):
        for step in range(3):
            with jobs.claimed(name, NOON + step * SECOND):
                pass
    kept = JobRun.objects.order_by("job", "slot").values_list("job", "slot")
    last = NOON + 2 * SECOND
    assert list(kept) == [
        *(("close", NOON + step * SECOND) for step in range(3)),
        ("often", last),
        *(("unknown", NOON + step * SECOND) for step in range(3)),
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("timetable")
def test_what_failed_or_died_before_goes_with_the_next_success() -> None:
    with pytest.raises(LookupError), jobs.claimed("often", NOON):
        raise LookupError
    die(jobs.claim("often", NOON + SECOND))
    in_work = jobs.claim("often", NOON + 2 * SECOND)
    with jobs.claimed("often", NOON + 3 * SECOND):
        pass
    left = JobRun.objects.order_by("slot").values_list("slot", flat=True)
    assert list(left) == [in_work.slot, NOON + 3 * SECOND]


def test_names_in_the_timetable_are_their_own() -> None:
    names = [each.name for each in jobs.TIMETABLE]
    assert len(set(names)) == len(names)


@pytest.mark.django_db
def test_points_lapse_daily_after_the_end_for_those_who_got_longer() -> None:
    (found,) = [each for each in jobs.TIMETABLE if each.name == "close_receiving"]
    end, first = NOTICE.dates.receiving_closes, timedelta(minutes=5)
    assert found.slot(end) is None
    assert found.slot(end + first - MICROSECOND) is None
    assert found.slot(end + first) == end + first
    assert found.slot(end + timedelta(days=9, hours=3)) == end + timedelta(days=9) + first
