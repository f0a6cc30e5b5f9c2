"""What a page of the office shows of one coupon is what the seal says."""

from datetime import datetime
from pathlib import Path

import pytest

from config import clock
from config.clock import JST
from coupons import sealing
from coupons.facts import facts_of
from coupons.ledger.importing import import_ledger
from coupons.models import Coupon
from tests import ledger_export
from tests.coupons.exports import AFTER, give_back, in_app, movement, take_in

pytestmark = pytest.mark.django_db


def outcome(coupon: Coupon) -> str:
    facts = facts_of(coupon)
    eligible = "yes" if facts.eligible else "no"
    return (
        f"{coupon.inquiry_number},{facts.category},{eligible},{facts.owed},{facts.supplement},"
        f"{facts.route}"
    )


def test_facts_equal_the_table_for_every_coupon(tmp_path: Path) -> None:
    import_ledger(ledger_export.write(tmp_path, 120, 9))
    with clock.at(AFTER):
        sealing.seal()
        told = [outcome(coupon) for coupon in Coupon.objects.order_by("inquiry_number")]
    assert told == (tmp_path / "expected.csv").read_text("utf-8").splitlines()[1:]


def test_facts_before_the_seal_name_no_owed_amount(tmp_path: Path) -> None:
    left = {"app_left_at": "2023-03-20T12:00:00+09:00"}
    debit = movement()
    moves = [debit, give_back("T2", debit, "2023-03-10T15:00:00")]
    take_in(tmp_path, [in_app(**left)], moves)
    with clock.at(datetime(2023, 3, 5, tzinfo=JST)):
        facts = facts_of(Coupon.objects.get())
    assert (facts.owed, facts.sealed, facts.route) == (None, None, "")
    assert (facts.category, facts.eligible) == ("A1", True)
    assert (facts.balance, facts.balance_before_cut_off) == (1700, 2000)
    assert (facts.in_app_now, facts.in_app_at_cut_off) == (True, False)


def test_entries_run_with_the_balance_after_each(tmp_path: Path) -> None:
    debit = movement()
    moves = [debit, give_back("T2", debit, "2023-03-10T15:00:00"), movement("T3", amount=2000)]
    moves[2]["occurred_at"] = "2023-04-02T10:00:00+09:00"
    take_in(tmp_path, [in_app()], moves)
    facts = facts_of(Coupon.objects.get())
    assert [entry.balance for entry in facts.entries] == [1700, 2000, 0]
    assert facts.used_after_cut_off


def test_facts_take_six_queries(
    tmp_path: Path, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    take_in(tmp_path, [in_app()], [movement()])
    with clock.at(AFTER):
        sealing.seal()
    coupon = Coupon.objects.get()
    with django_assert_num_queries(6):
        facts_of(coupon)
