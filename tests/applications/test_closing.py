"""The seal on the list of applications: it counts what came in time, and changes nobody's right."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, connection, transaction

from applications import closing, intake
from applications.answers import Answers
from applications.models import Application, ApplicationStep, Claim, Closing
from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from tests.applications import rows
from tests.applications.test_intake import POINTS

DEADLINE = NOTICE.dates.applications_close
SETTLED = DEADLINE + timedelta(minutes=5)
MICROSECOND = timedelta(microseconds=1)
LAST = DEADLINE - MICROSECOND
LATER = DEADLINE + timedelta(days=14)

pytestmark = pytest.mark.django_db


def close(at: datetime = SETTLED) -> Closing:
    with clock.at(at):
        return closing.close_applications()


def receive(
    at: datetime = LAST, *, now: datetime | None = None, who: Answers = POINTS, **options: object
) -> Application:
    """What arrived at `at`, stored at `now`."""
    with clock.at(now or at):
        return intake.receive(who, arrived_at=at, submission_id=uuid4(), **options)


def postponed() -> Postponement:
    """The deadline two weeks later, by two people."""
    return Postponement.objects.create(
        key="applications_close",
        until=LATER,
        reason="test",
        prepared_at=DEADLINE,
        prepared_by=rows.clerk("manager"),
        approved_at=DEADLINE,
        approved_by=rows.clerk("manager"),
    )


def chained(told: list[tuple[str, str]]) -> str:
    """The hash as the office's paper tells to compute it: over (receipt number, arrival)."""
    link = b""
    for receipt, arrived in told:
        link = hashlib.sha256(link + f"{receipt},{arrived}\n".encode()).digest()
    return link.hex()


@contextmanager
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """Other connections, closed afterwards."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def close_elsewhere(at: datetime = SETTLED) -> Closing:
    try:
        return close(at)
    finally:
        connection.close()


def test_nothing_is_sealed_before_five_minutes_have_passed() -> None:
    with pytest.raises(Refused) as refused:
        close(SETTLED - MICROSECOND)
    assert refused.value.code == "early"
    assert Closing.objects.count() == 0
    assert close(SETTLED).closed_at == SETTLED


def test_the_list_is_counted_and_chained_in_order_of_arrival() -> None:
    second = rows.application("1", arrived_at=LAST, receipt_number="BBBB")
    third = rows.application("2", arrived_at=LAST, receipt_number="AAAA")
    first = rows.application("3", arrived_at=rows.ARRIVED, receipt_number="CCCC")
    assert first.pk > third.pk > second.pk
    row = close()
    assert (row.count, row.sha256) == (
        3,
        chained(
            [
                ("CCCC", "2023-04-05T10:00:00.000000+09:00"),
                ("BBBB", "2023-04-30T23:59:59.999999+09:00"),
                ("AAAA", "2023-04-30T23:59:59.999999+09:00"),
            ]
        ),
    )


def test_an_empty_list_is_sealed_too() -> None:
    row = close()
    assert (row.count, row.sha256, row.deadline) == (0, "", DEADLINE)


def test_what_came_after_an_older_deadline_is_not_of_its_list() -> None:
    rows.application("1", arrived_at=LAST)
    rows.application("2", arrived_at=DEADLINE, closes_at=LATER)
    assert close().count == 1


@pytest.mark.parametrize("changed", ["receipt_number", "arrived_at", "gone"])
def test_any_later_change_of_the_list_shows(changed: str) -> None:
    row, other = rows.application("1"), rows.application("2")
    sealed = close()
    if changed == "gone":
        Application.objects.filter(pk=other.pk).update(arrived_at=DEADLINE, closes_at=LATER)
    elif changed == "arrived_at":
        Application.objects.filter(pk=row.pk).update(arrived_at=rows.ARRIVED + MICROSECOND)
    else:
        Application.objects.filter(pk=row.pk).update(receipt_number="ZZZZ")
    assert closing.chained(DEADLINE) != (sealed.count, sealed.sha256)


def test_late_and_twice_give_the_same_row() -> None:
    rows.application("1")
    first = close(SETTLED + timedelta(days=30))
    rows.application("2")
    again = close(SETTLED + timedelta(days=60))
    assert again == first
    assert list(Closing.objects.values_list("pk", "count", "sha256", "closed_at")) == [
        (first.pk, 1, first.sha256, SETTLED + timedelta(days=30))
    ]


def test_the_tally_tells_what_lies_before_the_office() -> None:
    coupon = rows.coupon()
    rows.application(coupon)
    rows.application("999999999999", prefecture_code="14").move("held")
    rows.application("999999999998", method="bank").move("withdrawn")
    rows.application("")
    rows.application("5", arrived_at=DEADLINE, closes_at=LATER)
    assert close().tally == {
        "states": {"held": 1, "received": 2, "withdrawn": 1},
        "methods": {"bank": 1, "points": 3},
        "prefectures": {"14": 1, "22": 3},
        "pending_matches": {"clean": 1, "not_found": 2, "to_follow": 1},
    }


def test_every_claim_is_matched_once_more() -> None:
    row = rows.application("123456789012")
    rows.coupon("123456789012")
    close()
    assert row.claims.get().match == Claim.Match.CLEAN


def test_a_postponement_is_sealed_by_itself() -> None:
    rows.application("1")
    first = close()
    postponed()
    with pytest.raises(Refused):
        close(SETTLED + timedelta(days=1))
    rows.application("2", arrived_at=DEADLINE, closes_at=LATER)
    second = close(LATER + timedelta(minutes=5))
    assert list(Closing.objects.order_by("deadline").values_list("deadline", "count")) == [
        (DEADLINE, 1),
        (LATER, 2),
    ]
    assert (first.sha256 != second.sha256, second.deadline) == (True, LATER)


def test_nobody_s_right_changes_by_it() -> None:
    in_time = receive()
    before = list(Application.objects.values())
    history = ApplicationStep.objects.count()
    sealed = close()
    assert list(Application.objects.values()) == before
    assert ApplicationStep.objects.count() == history
    assert in_time.claims.get(position=1).state == "pending"
    posted = receive(LAST, now=SETTLED + timedelta(days=3), entered_by=rows.clerk("call_centre"))
    assert posted.arrived_at == LAST  # a paper that came in time is entered afterwards
    assert close(SETTLED + timedelta(days=4)) == sealed
    assert Application.objects.count() == 2


def test_the_deadline_holds_without_it() -> None:
    assert receive(LAST).state == "received"
    with pytest.raises(Refused) as refused:
        receive(DEADLINE)
    assert refused.value.code == "closed"
    assert Closing.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_what_is_being_stored() -> None:
    """An application that arrived in time, whose transaction commits after the deadline."""
    with elsewhere() as pool:
        with transaction.atomic():
            stored = receive(LAST, now=DEADLINE + timedelta(seconds=30))
            sealing = pool.submit(close_elsewhere)
            with pytest.raises(TimeoutError):
                sealing.result(0.5)
            assert Closing.objects.count() == 0
        row = sealing.result(20)
    told = stored.arrived_at.isoformat(timespec="microseconds")
    assert (row.count, row.sha256) == (1, chained([(stored.receipt_number, told)]))


@pytest.mark.django_db(transaction=True)
def test_who_is_storing_waits_for_nobody_but_the_seal() -> None:
    with elsewhere() as pool, transaction.atomic():
        receive(LAST)
        other = pool.submit(store_elsewhere, LAST)
        assert other.result(20) == "received"


def store_elsewhere(at: datetime) -> str:
    try:
        return receive(at, who=replace(POINTS, delivery="+818012345678")).state
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_seal_once() -> None:
    rows.application("1")
    start = Barrier(3)

    def act() -> int:
        start.wait(10)
        return close_elsewhere().pk

    with elsewhere() as pool:
        found = {job.result(20) for job in [pool.submit(act) for _ in range(3)]}
    assert found == {Closing.objects.get().pk}


def test_a_closing_is_never_rewritten(app_role: psycopg.Connection) -> None:
    row = close()
    for sql in ("UPDATE applications_closing SET count = 9", "DELETE FROM applications_closing"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_role.execute(sql)
        with (
            pytest.raises((IntegrityError, InternalError), match="append-only"),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    assert Closing.objects.get().count == row.count == 0


def test_the_command_tells_the_tally_and_is_safe_twice() -> None:
    rows.application("1")
    out = StringIO()
    with clock.at(SETTLED):
        for _ in range(2):
            call_command("close_applications", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert lines[0] == f"締切 2023年4月30日（日）23:59　1件　SHA-256 {Closing.objects.get().sha256}"
    assert lines[1:5] == [
        "  states: received 1",
        "  methods: points 1",
        "  prefectures: 22 1",
        "  pending_matches: not_found 1",
    ]


def test_the_command_tells_in_one_line_why_not() -> None:
    with clock.at(DEADLINE), pytest.raises(CommandError, match="5分"):
        call_command("close_applications")
