"""The rehearsal clock: forward only, one for all processes, of rehearsals only."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from os import environ

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from applications.forms.rehearsal import ClockForm
from config import clock, rehearsal
from config.models import Offset
from config.states import Refused
from tests.house import ROOT

MORNING = datetime(2023, 4, 10, 10, tzinfo=clock.JST)
SECOND = timedelta(seconds=1)
ASK = """
import django
django.setup()
from config import clock, rehearsal
print(clock.now().year, end=" ")
rehearsal.refresh()
print(clock.now().isoformat())
"""


@pytest.fixture(autouse=True)
def rehearsing(settings: Settings) -> Iterator[Settings]:
    settings.REHEARSAL = True
    yield settings
    clock.set_offset(timedelta())


def near(moment: datetime) -> bool:
    """Whether the clock stands there, give or take the time of the test."""
    return moment <= clock.now() < moment + 60 * SECOND


@pytest.mark.django_db
def test_the_clock_goes_on_from_the_moment() -> None:
    rehearsal.move_to(MORNING)
    assert near(MORNING)
    rehearsal.move_to(MORNING + timedelta(days=21))
    assert near(MORNING + timedelta(days=21))
    assert Offset.objects.count() == 1


@pytest.mark.django_db
def test_the_clock_never_goes_back() -> None:
    rehearsal.move_to(MORNING)
    with pytest.raises(Refused) as refused:
        rehearsal.move_to(MORNING - SECOND)
    assert (refused.value.code, refused.value.message) == (
        "forward",
        "予行の時計は先にしか進められません。",
    )
    assert near(MORNING)


@pytest.mark.django_db
def test_outside_a_rehearsal_nothing_moves(rehearsing: Settings) -> None:
    rehearsal.move_to(MORNING)
    clock.set_offset(timedelta())
    rehearsing.REHEARSAL = False
    with pytest.raises(Refused) as refused:
        rehearsal.move_to(MORNING + timedelta(days=1))
    assert refused.value.code == "rehearsal"
    rehearsal.refresh()
    assert not near(MORNING)


@pytest.mark.django_db(transaction=True)
def test_two_processes_share_the_clock(app_database_url: str) -> None:
    rehearsal.move_to(MORNING)
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        env={
            **environ,
            "REHEARSAL": "1",
            "DATABASE_URL": app_database_url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert int(told[0]) == clock.real_now().year  # its own clock, until it asks
    assert MORNING <= datetime.fromisoformat(told[1]) < MORNING + 60 * SECOND


@pytest.mark.django_db
def test_every_request_takes_the_shared_clock_over(client: Client) -> None:
    rehearsal.move_to(MORNING)
    clock.set_offset(timedelta())
    client.get("/healthz")
    assert near(MORNING)


@pytest.mark.django_db
def test_time_stands_still_between_two_starts() -> None:
    out = StringIO()
    call_command("rehearsal_clock", "--start", "2023-04-10T10:00:00+09:00", stdout=out)
    call_command("rehearsal_clock", "--stop", stdout=out)
    stopped = Offset.objects.get()
    Offset.objects.update(ahead=stopped.ahead + timedelta(hours=7))  # real time that went by
    call_command("rehearsal_clock", stdout=out)
    assert stopped.stopped_at <= clock.now() < stopped.stopped_at + 60 * SECOND
    assert Offset.objects.get().stopped_at is None
    assert out.getvalue().splitlines() == ["rehearsal clock: 2023-04-10 10:00 JST"] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["2023-04-09 10:00", "tomorrow"])
def test_a_start_is_refused_backwards_and_for_what_is_no_moment(moment: str) -> None:
    rehearsal.move_to(MORNING)
    with pytest.raises(CommandError, match="CLOCK"):
        call_command("rehearsal_clock", "--start", moment)
    assert near(MORNING)


@pytest.mark.django_db
def test_a_moment_without_an_offset_is_japanese_time() -> None:
    call_command("rehearsal_clock", "--start", "2023-04-10 10:00", stdout=StringIO())
    assert near(MORNING)


@pytest.mark.django_db
def test_no_clock_is_started_outside_a_rehearsal(rehearsing: Settings) -> None:
    rehearsing.REHEARSAL = False
    with pytest.raises(CommandError):
        call_command("rehearsal_clock", "--start", "2023-04-10 10:00")
    assert Offset.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "valid"),
    [
        ("2023-04-20 09:30", True),
        ("2022-02-24 00:00", True),
        ("2022-02-23 23:59", False),
        ("2025-02-22 23:59", True),
        ("2025-02-23 00:00", False),
        ("9999-12-31 23:59", False),
    ],
)
def test_the_clock_is_set_near_the_days_of_the_notice_only(typed: str, valid: bool) -> None:
    assert ClockForm({"moment": typed}).is_valid() == valid
