"""Both roads of one coupon never live together: whoever tries it, by code or by SQL."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, transaction

from config import clock
from config.states import Refused
from payouts import gifts, opening, transfers
from payouts.models import Batch, Order, Payout, PayoutLine, Transfer
from tests.payouts import bank_rows, rows
from tests.payouts.sealed_rows import check_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    bank_rows.office()
    with clock.at(rows.LINKS_GO):
        yield


def by_points(coupon: object) -> Payout:
    return rows.payout(coupon)


def by_bank(coupon: object) -> Payout:
    return rows.payout(coupon, road="bank", bank_account=rows.account())


@pytest.mark.parametrize(("first", "second"), [(by_points, by_bank), (by_bank, by_points)])
def test_a_coupon_on_one_road_is_refused_on_the_other(
    first: Callable[[object], Payout], second: Callable[[object], Payout]
) -> None:
    coupon = rows.coupon()
    rows.seal(coupon)
    first(coupon)
    with pytest.raises(Refused) as refusal:
        second(coupon)
    assert (refusal.value.code, Payout.objects.count()) == ("taken", 1)


@pytest.mark.parametrize("state", ["waiting", "ready", "listed"])
def test_a_second_line_is_refused_by_the_database_in_every_state(state: str) -> None:
    payout = bank_rows.ready()
    if state == "listed":
        transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("payer"))
    if state == "waiting":
        opening.recall(payout, reason="test", at=rows.LINKS_GO)
    line = payout.lines.get()
    other = by_points(rows.coupon("000000000099"))
    with pytest.raises(IntegrityError, match="payoutline_one_live"), transaction.atomic():
        PayoutLine.objects.create(payout=other, coupon=line.coupon, edition=0, prefecture_code="22")


def listed(payout: Payout) -> Transfer:
    """A transfer of a payout, written past every act."""
    batch = Batch.objects.create(
        prefecture_code="22",
        pay_on=bank_rows.MONDAY,
        cut_at=rows.LINKS_GO,
        prepared_by=bank_rows.clerk("payer"),
    )
    return Transfer.objects.create(
        payout=payout,
        batch=batch,
        bank_account=payout.bank_account or rows.account(),
        prefecture_code="22",
        amount=payout.amount,
    )


@pytest.mark.parametrize("issued", [False, True])
def test_a_payout_by_points_takes_no_transfer(issued: bool) -> None:
    coupon = rows.coupon(yen=500)
    rows.seal(coupon)
    payout = by_points(coupon)
    opening.release_due()
    payout.refresh_from_db()
    if issued:
        rows.codes("ponta", 500, 1)
        gifts.choose(payout, "ponta")
    with pytest.raises(IntegrityError, match="with 1 live transfers"), transaction.atomic():
        listed(payout)
        check_now()


@pytest.mark.parametrize("cut", [False, True])
def test_a_payout_by_bank_takes_no_gift(cut: bool) -> None:
    payout = bank_rows.ready(500)
    rows.codes("ponta", 500, 1)
    if cut:
        transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("payer"))
        payout.refresh_from_db()
    with pytest.raises(Refused):
        gifts.choose(payout, "ponta")
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    "breaking",
    [
        "UPDATE payouts_payout SET state = 'issuing' WHERE road = 'bank'",
        "UPDATE payouts_payout SET state = 'listed' WHERE road = 'points'",
        "UPDATE payouts_payout SET road = 'bank', bank_account_id = NULL",
        "UPDATE payouts_payout SET road = 'points' WHERE road = 'bank' AND state = 'listed'",
    ],
)
def test_no_road_can_be_slipped_under_a_payout(app_role: psycopg.Connection, breaking: str) -> None:
    bank_rows.ready()
    transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("payer"))
    bank_rows.ready()
    coupon = rows.coupon("000000000099")
    rows.seal(coupon)
    by_points(coupon)
    opening.release_due()
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.RaiseException)):
        app_role.execute(breaking)
