"""What looks like a machine is marked and its receipt held back; nobody is turned away (N85)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import Settings

from applications import draft as drafts
from applications import risks, sources, tasks
from applications.draft import Draft
from applications.models import Application
from config import clock, limits
from config.models import JobRun, Limit
from payouts.models import Message
from tests.applications import rows
from tests.applications.conftest import COUPONS, PERSON, RECEIVE, Traveller
from tests.faults.crowd import cookie_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
STEPS = {"coupons": COUPONS, "person": PERSON, "receive": RECEIVE}


def sent() -> tuple[list[str], str]:
    """The marks of the only application, and why its receipt was held back."""
    (row,), (message,) = Application.objects.all(), Message.objects.all()
    return row.marks, message.failure


def begun(traveller: Traveller, age: timedelta) -> None:
    """Let the draft of this browser have begun so long ago."""
    draft = Draft(started_at=clock.real_now() - age, steps=STEPS)
    traveller.client.cookies[drafts.NAME] = cookie_of(draft)


def test_who_fills_in_the_box_that_nobody_sees_is_marked(traveller: Traveller) -> None:
    traveller.fill()
    page = traveller.get("check").content.decode()
    assert 'aria-hidden="true"' in page
    assert 'name="homepage" tabindex="-1" autocomplete="off"' in page
    data = {"consent": "on", "homepage": "https://spam.example"}
    assert traveller.post("check", data, "submit").headers["location"] == "/apply/done/"
    assert sent() == (["trap"], "busy_address")


@pytest.mark.parametrize(("seconds", "marks"), [(0, ["hasty"]), (8, ["hasty"]), (11, [])])
def test_nobody_fills_in_everything_within_seconds(
    traveller: Traveller, settings: Settings, seconds: int, marks: list[str]
) -> None:
    settings.HASTY_SECONDS = 10
    begun(traveller, timedelta(seconds=seconds))
    assert traveller.send().headers["location"] == "/apply/done/"
    assert sent() == (marks, "busy_address" if marks else "")


def test_a_flood_from_one_address_is_marked_to_the_first_of_it() -> None:
    one, other = sources.hashed("203.0.113.7"), sources.hashed("203.0.113.8")
    Application.objects.bulk_create(
        bare(one, rows.ARRIVED + MINUTE * number / 1000) for number in range(0, 1000, 5)
    )
    few = [bare(other, rows.ARRIVED + MINUTE * n) for n in range(sources.AN_HOUR)]
    Application.objects.bulk_create(few)
    with clock.at(rows.ARRIVED + timedelta(minutes=90)):
        assert risks.mark()["many_from_address"] == 200
        assert risks.mark()["many_from_address"] == 0
    assert set(Application.objects.filter(marks=[]).values_list("pk", flat=True)) == {
        row.pk for row in few
    }


def bare(source: bytes | None, at: object) -> Application:
    """An application that shares nothing but its source."""
    return Application(
        submission_id=uuid4(),
        receipt_number=uuid4().hex[:12].upper(),
        prefecture_code="22",
        arrived_at=at,
        opened_at=at,
        closes_at=rows.ARRIVED + timedelta(days=30),
        name="静岡 花子",
        travel_type="day_trip",
        travel_end=rows.DAY,
        expires_on_outage_day="yes",
        method="points",
        channel="email",
        delivery=f"{uuid4().hex}@example.jp",
        content_hash=uuid4().bytes,
        source=source,
    )


def test_the_hour_is_any_hour_and_those_before_the_excess_are_marked_too() -> None:
    pace = timedelta(hours=2) / (sources.AN_HOUR + 1)  # half as many in an hour as are allowed
    calm = [bare(b"calm", rows.ARRIVED + pace * n) for n in range(sources.AN_HOUR + 1)]
    rush = [bare(b"rush", rows.ARRIVED + pace * n / 2) for n in range(sources.AN_HOUR + 2)]
    Application.objects.bulk_create([*calm, *rush])
    with clock.at(rows.ARRIVED + timedelta(hours=3)):
        risks.mark()
    marked = Application.objects.filter(marks=["many_from_address"])
    assert {bytes(row.source) for row in marked} == {b"rush"}
    assert marked.count() == len(rush)
    like = Application.objects.filter(risks.like("many_from_address", marked.first()))
    assert like.count() >= sources.AN_HOUR


def marks(draft: Draft | None = None, address: str = "203.0.113.7") -> list[str]:
    """The marks of one more submission that names the same coupon."""
    return sources.looks_made(address, draft or Draft(), "", ["123456784321", ""])


def test_the_sixth_that_names_one_coupon_in_a_day_is_marked() -> None:
    found = [marks(address=f"203.0.113.{n}") for n in range(sources.A_NUMBER + 1)]
    assert found == [[]] * sources.A_NUMBER + [["many_for_number"]]


def test_what_is_sent_twice_counts_once() -> None:
    draft = Draft()
    assert [marks(draft) for _ in range(sources.AN_HOUR + 5)] == [[]] * (sources.AN_HOUR + 5)
    assert marks() == []


def test_forged_addresses_count_as_the_one_that_the_proxy_saw(
    traveller: Traveller, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    limits.hit("apply", "203.0.113.7", sources.HOUR, by=sources.AN_HOUR)
    traveller.fill()
    forged = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.7"}
    traveller.post("check", {"consent": "on"}, "submit", **forged)
    assert sent() == (["many_from_address"], "busy_address")


def test_tries_and_sources_are_forgotten_by_the_daily_job() -> None:
    old = bare(b"x" * 32, rows.ARRIVED)
    new = bare(b"y" * 32, rows.ARRIVED + timedelta(days=20))
    Application.objects.bulk_create([old, new])
    limits.hit("test", "a", sources.HOUR)
    Limit.objects.update(window=clock.real_now() - timedelta(days=15))
    with clock.at(rows.ARRIVED + sources.KEPT + timedelta(days=1)):
        tasks.forget_tries(clock.now().isoformat())
    assert JobRun.objects.get().outcome == {"limits": 1, "sources": 1}
    kept = Application.objects.order_by("arrived_at").values_list("source", flat=True)
    assert [source and bytes(source) for source in kept] == [None, b"y" * 32]


def test_nobody_s_address_is_kept_in_clear(traveller: Traveller) -> None:
    traveller.fill()
    traveller.post("check", {"consent": "on"}, "submit", REMOTE_ADDR="203.0.113.7")
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM applications_application a")
        (text,) = cursor.fetchone()
    assert "203.0.113.7" not in text
    assert sources.hashed("203.0.113.7").hex() in text
