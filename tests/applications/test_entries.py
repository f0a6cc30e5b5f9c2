"""Assisted entry: the clerk's draft, the moment that decides, the one door (N89)."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from applications import entries
from applications.entries import Agreed, Arrival
from applications.models import Application, AssistedEntry
from config import cipher, clock
from config.notice import NOTICE
from config.states import Refused
from tests.applications import rows
from tests.applications.test_intake import POINTS

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 4, 12, 12, tzinfo=clock.JST)
CLOSE = NOTICE.dates.applications_close
READ = Agreed(("coupons", "person", "receive"), "spoken")
SIGNED = Agreed((), "signed")
TYPED = {"person": {"name": "静岡 花子"}}


def begun(by: object = None) -> AssistedEntry:
    with clock.at(NOON):
        return entries.begin(by=by or rows.clerk("call_centre"))


def finished(
    arrival: Arrival, agreed: Agreed = READ, at: datetime = NOON, row: AssistedEntry | None = None
) -> Application:
    row = row or begun()
    with clock.at(at):
        return entries.finish(row, POINTS, arrival, agreed, by=row.by)


def test_a_draft_is_kept_encrypted_for_its_clerk() -> None:
    clerk = rows.clerk("call_centre")
    row = begun(clerk)
    with clock.at(NOON):
        entries.save(row, TYPED, by=clerk)
    assert "静岡".encode() not in bytes(row.typed)
    assert entries.typed(row) == TYPED
    assert list(entries.drafts(clerk)) == [row]
    with pytest.raises(Refused), clock.at(NOON):
        entries.save(row, {}, by=rows.clerk("call_centre"))


def test_a_draft_of_another_row_does_not_open() -> None:
    one, two = begun(), begun()
    with clock.at(NOON):
        entries.save(one, TYPED, by=one.by)
    one.pk = two.pk
    with pytest.raises(cipher.Unreadable):
        entries.typed(one)


def test_dropping_forgets_what_was_typed() -> None:
    row = begun()
    with clock.at(NOON):
        entries.save(row, TYPED, by=row.by)
        entries.drop(row, by=row.by)
        with pytest.raises(Refused):
            entries.save(row, TYPED, by=row.by)
    row.refresh_from_db()
    assert bytes(row.typed) == b""


def test_it_becomes_an_application_marked_as_entered() -> None:
    row = begun()
    with clock.at(NOON):
        entries.save(row, TYPED, by=row.by)
    made = finished(Arrival("phone", NOON), row=row)
    row.refresh_from_db()
    assert (made.entered_by, made.arrived_at, made.marks) == (row.by, NOON, [])
    assert (row.application, bytes(row.typed), row.read_back) == (made, b"", list(READ.read_back))


def test_the_same_draft_twice_is_one_application() -> None:
    row = begun()
    first = finished(Arrival("phone", NOON), row=row)
    assert finished(Arrival("phone", NOON), row=row) == first
    assert Application.objects.count() == 1


def test_a_paper_that_came_in_time_counts_after_the_deadline() -> None:
    with clock.at(CLOSE + timedelta(days=3)):
        arrived = entries.moment("letter", date(2023, 4, 30), None)
    made = finished(Arrival("letter", arrived), SIGNED, CLOSE + timedelta(days=3))
    assert (made.arrived_at, made.marks) == (CLOSE - timedelta(seconds=1), ["entered_late"])


def test_the_day_of_arrival_decides_and_not_the_postmark() -> None:
    at = CLOSE + timedelta(days=3)
    with clock.at(at):
        arrived = entries.moment("letter", date(2023, 5, 1), None)
    arrival = Arrival("letter", arrived, postmarked_on=date(2023, 4, 29))
    assert not entries.in_time(arrived, "points")
    with pytest.raises(Refused) as refused:
        finished(arrival, SIGNED, at)
    assert refused.value.code == "closed"
    assert AssistedEntry.objects.get().application is None


def test_a_paper_before_the_opening_is_kept_and_a_call_is_not() -> None:
    early = NOTICE.dates.site_opens - timedelta(days=2)
    assert finished(Arrival("letter", early), SIGNED).arrived_at == early
    with pytest.raises(Refused) as refused:
        finished(Arrival("phone", early), at=early)
    assert refused.value.code == "before"


MOMENTS = [
    ("phone", None, None, NOON),
    ("phone", None, time(11, 30), NOON - timedelta(minutes=30)),
    ("letter", None, None, NOON),
    ("letter", date(2023, 4, 11), None, datetime(2023, 4, 11, 23, 59, 59, tzinfo=clock.JST)),
]


@pytest.mark.parametrize(("way", "day", "hour", "told"), MOMENTS)
def test_the_moment_that_decides(
    way: str, day: date | None, hour: time | None, told: datetime
) -> None:
    with clock.at(NOON):
        assert entries.moment(way, day, hour) == told


@pytest.mark.parametrize(("day", "hour"), [(date(2023, 4, 13), None), (None, time(12, 1))])
def test_nothing_arrives_in_the_future(day: date | None, hour: time | None) -> None:
    with clock.at(NOON), pytest.raises(Refused, match="後"):
        entries.moment("phone", day, hour)


@pytest.mark.parametrize("agreed", [Agreed((), "spoken"), Agreed(("person",), "")])
def test_a_caller_hears_it_back_and_agrees(agreed: Agreed) -> None:
    with pytest.raises(Refused):
        finished(Arrival("phone", NOON), agreed)


BREAKING = {
    "without consent": "UPDATE applications_assistedentry SET consent = ''",
    "read back nothing": "UPDATE applications_assistedentry SET read_back = '{}'",
    "later than it was": "UPDATE applications_assistedentry SET arrived_at = finished_at + "
    "interval '1 second'",
    "another application": "UPDATE applications_assistedentry SET application_id = NULL",
    "typed kept": "UPDATE applications_assistedentry SET typed = 'x'",
}


@pytest.mark.parametrize("statement", BREAKING.values(), ids=BREAKING)
def test_the_database_refuses(statement: str) -> None:
    finished(Arrival("phone", NOON))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_who_entered_can_not_decide() -> None:
    made = Application.objects.filter(pk=finished(Arrival("phone", NOON)).pk)
    made.update(state="checked", checked_by=rows.clerk("reviewer"))
    with pytest.raises(IntegrityError), transaction.atomic():
        made.update(state="decided", decided_by=made.get().entered_by, decided_at=NOON)


def test_another_prefectures_clerk_is_refused() -> None:
    row = begun(rows.clerk("call_centre", "27"))
    with pytest.raises(Refused):
        finished(Arrival("phone", NOON), row=row)
