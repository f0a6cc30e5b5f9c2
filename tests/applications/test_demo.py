"""The demo's data: a case of each kind at its own moment, coupons to try, exports that arrive."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from applications import demo, demo_people, roles, tasks
from applications.models import Application, Claim
from config import clock
from config.models import JobRun
from config.states import Refused
from coupons.models import Coupon, Import, SealedItem
from payouts.models import Bank, Message, Payout
from tests.applications import rows

START = datetime(2023, 4, 10, 10, tzinfo=clock.JST)
TOUR = "077899227198"  # the coupon that the README tells to try

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.REHEARSAL = True


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small ledger, without the tour's coupon."""
    monkeypatch.setattr(demo, "COUPONS", 200)
    monkeypatch.setattr(demo, "COPIES", 1)
    Bank.objects.create(code="0149", name="静岡", kana="ｼｽﾞｵｶ")  # the whole master takes its time


@pytest.fixture
def told() -> list[str]:
    return []


def fill(at: datetime, told: list[str]) -> None:
    with clock.at(at):
        roles.make_demo_clerks()
        demo.fill(told.append)


def kinds() -> dict[tuple[str, str, str], int]:
    """Applications by state, way and match."""
    found = Claim.objects.values_list("application__state", "application__method", "match")
    return dict(Counter(found))


def test_a_clerk_finds_one_case_of_each_kind_and_coupons_to_try(told: list[str]) -> None:
    fill(START, told)
    assert told[-1] == f"applications: {len(demo_people.CAST)}"
    assert kinds() == {
        ("received", "points", "clean"): 2,
        ("received", "bank", "clean"): 1,
        ("received", "points", "differs"): 2,
        ("received", "points", "not_found"): 1,
        ("received", "points", "contested"): 2,
        ("held", "points", "clean"): 1,
        ("asked", "points", "not_found"): 1,
        ("checked", "points", "clean"): 1,
        ("decided", "points", "clean"): 2,
        ("decided", "bank", "clean"): 1,
    }
    reasons = Claim.objects.filter(match="differs").values_list("match_reasons", flat=True)
    assert sorted(reasons) == [["no_balance"], ["travel_type"]]
    assert dict(Counter(Payout.objects.values_list("road", flat=True))) == {"points": 2, "bank": 1}
    assert Application.objects.exclude(marks=[]).count() == 0

    asked = Claim.objects.values("inquiry_number")
    owed = SealedItem.objects.filter(yen__gte=1, coupon__prefecture_code="22", route="application")
    free = owed.exclude(coupon__inquiry_number__in=asked)
    assert free.count() >= 25
    tour = free.get(coupon__inquiry_number=TOUR).coupon
    assert (tour.travel_type, tour.charged_at, tour.original_expires_at) == ("day_trip", None, None)
    assert not Claim.objects.filter(coupon=tour).exists()
    assert_nothing_is_later_than(START)


def assert_nothing_is_later_than(clock_at: datetime) -> None:
    """Each person came and was answered at a moment of its own, the last one just now."""
    arrivals = list(Application.objects.order_by("pk").values_list("arrived_at", flat=True))
    between = {later - first for first, later in pairwise(arrivals)}
    assert between == {demo_people.BETWEEN + timedelta(minutes=13)}
    assert clock_at - timedelta(days=2) < arrivals[-1] < clock_at
    for row in Application.objects.all():
        moments = list(row.steps.order_by("pk").values_list("at", flat=True))
        acts = len(moments) - 1
        assert moments == [row.arrived_at, *[row.arrived_at + demo_people.ANSWERED] * acts]
    assert Message.objects.filter(written_at__gt=clock_at).count() == 0
    assert Import.objects.filter(at__gt=clock_at).count() == 0


@pytest.mark.parametrize(
    ("at", "exports", "people"),
    [
        (datetime(2023, 2, 24, 12, tzinfo=clock.JST), 0, 0),
        (datetime(2023, 3, 22, 11, tzinfo=clock.JST), 1, 1),
        (datetime(2023, 4, 1, 10, tzinfo=clock.JST), 2, 3),
    ],
)
def test_a_demo_may_begin_at_any_moment(
    few: None, told: list[str], at: datetime, exports: int, people: int
) -> None:
    fill(at, told)
    assert (Import.objects.count(), Application.objects.count()) == (exports, people)


def test_a_second_start_makes_only_what_has_come_since(few: None, told: list[str]) -> None:
    fill(START, told)
    before = Application.objects.count(), Coupon.objects.count(), Message.objects.count()
    told.clear()
    fill(START + timedelta(hours=1), told)
    assert told == []
    fill(START + timedelta(days=40), told)
    assert told == ["ledger export of 2023-05-10 00:00 imported"]
    assert (
        Application.objects.count(),
        Coupon.objects.count(),
        Message.objects.count(),
    ) == before


def test_the_feed_takes_in_what_arrives_as_the_clock_moves_on(few: None, told: list[str]) -> None:
    fill(datetime(2023, 3, 22, 11, tzinfo=clock.JST), told)
    slot = datetime(2023, 5, 20, 10, tzinfo=clock.JST)
    with clock.at(slot):
        tasks.demo_feed(slot.isoformat())
        tasks.demo_feed(slot.isoformat())  # the bell rang twice
        assert demo.feed() == []
    assert JobRun.objects.get().outcome == {
        "done": [
            "ledger export of 2023-04-01 09:00 imported",
            "balances sealed",
            "ledger export of 2023-04-10 08:00 imported",
            "ledger export of 2023-05-10 00:00 imported",
        ]
    }
    assert Import.objects.count() == 4


def test_an_import_by_hand_keeps_no_export_away(few: None, told: list[str]) -> None:
    fill(START, told)
    Import.objects.create(at=START, coupons_file="by hand", transactions_file="by hand")
    with clock.at(START + timedelta(days=40)):
        assert demo.feed() == ["ledger export of 2023-05-10 00:00 imported"]


def test_the_feed_leaves_other_databases_alone() -> None:
    rows.coupon()
    with clock.at(START):
        assert demo.feed() == []
    assert Import.objects.count() == 0


def test_the_feed_runs_in_rehearsals_only(settings: Settings) -> None:
    settings.REHEARSAL = False
    with clock.at(START), pytest.raises(Refused) as refused:
        demo.feed()
    assert refused.value.code == "rehearsal"


def test_every_role_but_the_auditor_moves_the_clock(client: Client) -> None:
    roles.set_roles()
    may = [role for role in roles.LABELS if rows.clerk(role).has_perm("applications.rehearse")]
    assert may == [role for role in roles.LABELS if role != "auditor"]
    page = client.get("/rehearsal/").content.decode()
    assert "監査以外の担当者としてログインしてください" in page
    assert "時計を進める</button>" not in page
    client.force_login(rows.clerk("auditor"))
    assert (
        "監査以外の担当者としてログインしてください" in client.get("/rehearsal/").content.decode()
    )
    for role in may:
        client.force_login(rows.clerk(role))
        assert "時計を進める</button>" in client.get("/rehearsal/").content.decode()
