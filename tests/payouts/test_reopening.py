"""A lapsed payout is opened again by two people, while something can still be given (N78)."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from config import clock
from config.states import Refused
from payouts import gifts, opening, reopening
from payouts.models import Message, Payout, Reopening
from tests.applications import rows as rows_of_the_office
from tests.payouts import rows
from tests.payouts.test_gifts import ready

pytestmark = pytest.mark.django_db
LATE = datetime(2023, 6, 5, 10, tzinfo=clock.JST)
UNTIL = datetime(2023, 6, 15, tzinfo=clock.JST)


@pytest.fixture(autouse=True)
def _everywhere() -> None:
    for name in ("reviewer", "approver"):
        rows.everywhere(name)


@pytest.fixture
def lapsed() -> Payout:
    """A payout of 500 yen that nobody took until the end, and a code that could pay it."""
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    with clock.at(LATE):
        assert opening.lapse() == 1
    payout.refresh_from_db()
    return payout


def prepare(payout: Payout, until: datetime = UNTIL, reason: str = "入院していた") -> Reopening:
    """The first signature."""
    return reopening.prepare(payout, until=until, reason=reason, by=rows.clerk("reviewer"))


def test_two_people_open_it_again_with_a_new_link(lapsed: Payout) -> None:
    with clock.at(LATE):
        payout = reopening.approve(prepare(lapsed), by=rows.clerk("approver"))
        assert (payout.state, opening.receives_until(payout)) == ("ready", UNTIL)
        assert list(payout.links.order_by("id").values_list("generation", flat=True)) == [1, 2]
        assert Message.objects.filter(kind="link", link__replaced_at=None).count() == 1
        assert opening.lapse() == 0
        assert gifts.choose(payout, "ponta").state == "issued"


def test_it_lapses_again_after_its_own_end(lapsed: Payout) -> None:
    with clock.at(LATE):
        reopening.approve(prepare(lapsed), by=rows.clerk("approver"))
    with clock.at(UNTIL):
        assert opening.lapse() == 1


def test_one_person_is_not_enough(lapsed: Payout) -> None:
    with clock.at(LATE):
        row = prepare(lapsed)
        with pytest.raises(Refused) as refused:
            reopening.approve(row, by=rows.clerk("reviewer"))
        assert refused.value.code == "two_people"
        with pytest.raises(IntegrityError, match="reopening_two_people"), transaction.atomic():
            Reopening.objects.update(approved_at=LATE, approved_by=rows.clerk("reviewer"))


@pytest.mark.parametrize(
    ("until", "reason", "code"),
    [
        (UNTIL, " ", "reason"),
        (UNTIL, "あ" * 201, "reason"),
        (LATE, "x", "until"),
        (LATE + timedelta(days=61), "x", "until"),
    ],
)
def test_what_is_refused_at_once(lapsed: Payout, until: datetime, reason: str, code: str) -> None:
    with clock.at(LATE), pytest.raises(Refused) as refused:
        prepare(lapsed, until, reason)
    assert refused.value.code == code
    assert not Reopening.objects.exists()


def test_only_what_lapsed_and_only_once(lapsed: Payout) -> None:
    other = ready(yen=500, number="000000000002")
    with clock.at(LATE):
        prepare(lapsed)
        for payout, code in ((lapsed, "again"), (other, "state")):
            with pytest.raises(Refused) as refused:
                prepare(payout)
            assert refused.value.code == code


def test_not_where_no_code_lasts_long_enough(lapsed: Payout) -> None:
    lapsed.orders.all()
    with clock.at(LATE):
        row = prepare(lapsed)
        rows.expire_codes(gifts.kept_until(UNTIL) - timedelta(days=1))
        with pytest.raises(Refused) as refused:
            reopening.approve(row, by=rows.clerk("approver"))
    assert refused.value.code == "stock"
    lapsed.refresh_from_db()
    assert lapsed.state == "lapsed"


def test_a_dropped_one_leaves_it_lapsed_and_is_final(lapsed: Payout) -> None:
    with clock.at(LATE):
        row = prepare(lapsed)
        reopening.drop(row, by=rows.clerk("approver"))
        with pytest.raises(Refused) as refused:
            reopening.approve(row, by=rows.clerk("approver"))
        assert refused.value.code == "moved"
        with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
            Reopening.objects.update(dropped_at=None)
        prepare(lapsed)


def test_the_database_opens_nothing_without_a_decision(lapsed: Payout) -> None:
    with pytest.raises(DatabaseError, match="opened without a decision"), transaction.atomic():
        Payout.objects.update(state="ready", receives_until=UNTIL)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_list_is_narrowed_in_the_words_of_its_column(lapsed: Payout, client: Client) -> None:
    with clock.at(LATE):
        reopening.drop(prepare(lapsed), by=rows.clerk("approver"))
        prepare(lapsed)
        page = rows_of_the_office.signed_in(client, rows_of_the_office.clerk("auditor"))
        path = "/admin/payouts/reopening/"
        text = page.get(path).content.decode()
        words = re.findall(r'\?stage=(\w+)"[^>]*>\s*(\S+?)\s*<', text)
        shown = {
            word: len(page.get(f"{path}?stage={word}").context["cl"].result_list)
            for word, _ in words
        }
    assert words == [("waiting", "承認待ち"), ("decided", "承認済み"), ("dropped", "取りやめ")]
    assert shown == {"waiting": 1, "decided": 0, "dropped": 1}
    assert "空でない" not in text
