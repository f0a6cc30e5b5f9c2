"""Each check of the books goes red when its book, and no other, is a row off."""

import pytest

from applications import reconcile
from config import clock
from payouts import gifts, opening, transfers
from payouts.models import Payout
from tests.applications.test_reconcile import unguarded
from tests.payouts import bank_rows, rows

# check -> the table that is broken, and how
BREAKS = {
    "lines": ("payouts_payout", "UPDATE payouts_payout SET amount = amount + 1 WHERE id = {ready}"),
    "seal": (
        "coupons_sealeditem",
        "UPDATE coupons_sealeditem SET yen = yen + 1 WHERE coupon_id ="
        " (SELECT coupon_id FROM payouts_payoutline WHERE payout_id = {ready})",
    ),
    "orders": ("payouts_order", "UPDATE payouts_order SET state = 'rejected'"),
    "unpaid_orders": (
        "payouts_payout",
        "UPDATE payouts_payout SET state = 'ready' WHERE state = 'issued'",
    ),
    "stock": (
        "payouts_code",
        "UPDATE payouts_code SET taken_at = now() WHERE taken_at IS NULL",
    ),
    "transfers": ("payouts_transfer", "UPDATE payouts_transfer SET state = 'returned'"),
    "unpaid_transfers": (
        "payouts_payout",
        "UPDATE payouts_payout SET state = 'ready' WHERE state = 'handed_over'",
    ),
}


def three_payouts() -> Payout:
    """One that was taken as a code of 500 yen, one at the bank; returns a third that is ready."""
    coupons = [rows.coupon(f"{number:012d}", yen=500) for number in (999_001, 999_002)]
    rows.seal(*coupons)
    rows.codes("ponta", 500, 2)
    with clock.at(rows.LINKS_GO):
        taken, ready = (rows.payout(each) for each in coupons)
        opening.release_due()
        gifts.choose(taken, "ponta")
    bank_rows.office()
    first, second = bank_rows.clerk("first"), bank_rows.clerk("second")
    with clock.at(bank_rows.CUT_AT):
        bank_rows.ready()
        batch = transfers.cut("22", bank_rows.MONDAY, by=first).batch
        transfers.hand_over(transfers.release(batch, by=second), by=first)
    return ready


@pytest.mark.django_db
def test_the_books_agree_where_nothing_is_broken() -> None:
    three_payouts()
    books = reconcile.reconcile()
    assert books.differences == []
    assert [paid.difference for paid in books.paid] == [0, 0]


@pytest.mark.django_db
@pytest.mark.parametrize("check", reconcile.CHECKS)
def test_a_row_off_is_red(check: str) -> None:
    ready = three_payouts()
    table, query = BREAKS[check]
    unguarded(table, query.format(ready=ready.pk))
    found = reconcile.reconcile().differences
    assert {difference.check for difference in found} == {check}
    assert all(difference.left != difference.right for difference in found)
