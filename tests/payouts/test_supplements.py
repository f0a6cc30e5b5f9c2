"""Where an accepted supplement goes: with its coupon's payout, beside it, or nowhere yet."""

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from config import clock
from config.states import Refused
from coupons.models import LateMovement, SealedItem
from payouts import app_holders, opening, supplements
from payouts.models import Link, Payout, PayoutLine
from tests.payouts import rows, sealed_rows

pytestmark = pytest.mark.django_db


def decide(coupon: object, yen: int) -> SealedItem | None:
    """Two people accept a late movement of this coupon."""
    item = supplements.decide(
        sealed_rows.late(coupon, yen, kind="give_back" if yen > 0 else "late"),
        by=sealed_rows.clerk("second"),
    )
    sealed_rows.check_now()
    return item


def release() -> None:
    with clock.at(rows.LINKS_GO):
        opening.release_due()


def test_on_no_road_yet_the_next_approval_takes_both() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    decide(coupon, 300)
    assert not PayoutLine.objects.exists()
    payout = rows.payout(coupon)
    assert list(payout.lines.order_by("edition").values_list("edition", flat=True)) == [0, 1]
    release()
    payout.refresh_from_db()
    assert payout.amount == 1300


def test_a_waiting_payout_takes_it_along() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    decide(coupon, 300)
    release()
    payout.refresh_from_db()
    assert (payout.amount, Payout.objects.count()) == (1300, 1)


def test_more_than_was_sent_goes_to_the_same_person_by_a_payout_of_its_own() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    first = rows.payout(coupon)
    release()
    decide(coupon, 300)
    second = Payout.objects.latest("id")
    assert (second.state, second.road, second.address) == ("waiting", "points", first.address)
    assert second.proofs == first.proofs
    assert (second.prepared_by.username, second.approved_by.username) == ("preparer", "second")
    release()
    assert list(Payout.objects.order_by("id").values_list("state", "amount")) == [
        ("ready", 1000),
        ("ready", 300),
    ]


def test_what_follows_waits_for_the_second_look(settings: Settings) -> None:
    settings.SECOND_LOOK_PERCENT = 100
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    rows.payout(coupon)
    release()
    assert decide(coupon, 300) is None
    release()
    assert list(Payout.objects.values_list("state", "amount")) == [("ready", 1000)]
    row = LateMovement.objects.get()
    supplements.look(row, agrees=True, by=sealed_rows.clerk("third"))
    second = Payout.objects.latest("id")
    assert (second.prepared_by.username, second.approved_by.username) == ("preparer", "second")
    release()
    second.refresh_from_db()
    assert (second.state, second.amount) == ("ready", 300)


def test_a_bank_payout_is_followed_by_a_transfer() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    first = rows.payout(coupon, road="bank", bank_account=rows.account())
    release()
    first.refresh_from_db()
    decide(coupon, 300)
    second = Payout.objects.latest("id")
    assert (second.road, second.bank_account_id) == ("bank", first.bank_account_id)


def test_an_app_holder_gets_it_on_the_same_contact() -> None:
    coupon = sealed_rows.in_app(1)
    sealed_rows.run()
    app_holders.open_for_app_holders()
    release()
    decide(coupon, 300)
    second = Payout.objects.latest("id")
    assert (second.origin, second.app_account, second.address) == (
        "app_holder",
        "U1",
        "+819012345678",
    )


def test_less_before_the_release_lowers_what_is_sent() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    decide(coupon, -400)
    release()
    payout.refresh_from_db()
    assert payout.amount == 600


def test_less_after_the_link_replaces_the_link() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    release()
    decide(coupon, -400)
    payout.refresh_from_db()
    assert (payout.state, payout.amount) == ("waiting", None)
    assert not Link.objects.filter(replaced_at=None).exists()
    release()
    payout.refresh_from_db()
    assert (payout.state, payout.amount) == ("ready", 600)
    assert [link.generation for link in payout.links.filter(replaced_at=None)] == [2]
    sealed_rows.check_now()


def test_all_gone_is_nothing_due() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    decide(coupon, -1500)
    release()
    payout.refresh_from_db()
    assert (payout.state, payout.amount) == ("nothing_due", 0)


def test_less_is_refused_once_it_is_on_its_way() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    release()
    payout.refresh_from_db()
    payout.move("issuing")
    row = sealed_rows.late(coupon, -400)
    with pytest.raises(Refused) as refused:
        supplements.decide(row, by=sealed_rows.clerk("second"))
    assert refused.value.code == "paid"
    row.refresh_from_db()
    assert (row.state, SealedItem.objects.count()) == ("proposed", 1)


def test_less_comes_from_an_unpaid_supplement_that_can_bear_it() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    release()
    payout.refresh_from_db()
    payout.move("issuing")
    decide(coupon, 300)
    decide(coupon, -200)
    second = Payout.objects.latest("id")
    release()
    second.refresh_from_db()
    assert second.amount == 100
    with pytest.raises(Refused):
        supplements.decide(
            sealed_rows.late(coupon, -101, key="more"), by=sealed_rows.clerk("second")
        )


def test_a_coupon_that_the_seal_never_knew_waits_for_the_decision() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal()
    payout = rows.payout(coupon)
    release()
    payout.refresh_from_db()
    assert payout.state == "waiting"
    supplements.decide(
        sealed_rows.late(coupon, 1000, kind="coupon", transaction_id="", restores=""),
        by=sealed_rows.clerk("second"),
    )
    release()
    payout.refresh_from_db()
    assert (payout.state, payout.amount, payout.lines.get().edition) == ("ready", 1000, 1)


def test_each_office_decides_its_own() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    row = sealed_rows.late(coupon, 300)
    with pytest.raises(Refused) as refused:
        supplements.decide(row, by=sealed_rows.clerk("okinawa", "47"))
    assert refused.value.code == "prefecture"


def minus(coupon: object, yen: int) -> SealedItem:
    """A supplement that takes away, by hand."""
    base = coupon.sealed_items.get(edition=0)
    base.pk, base.edition, base.yen = None, 1, yen
    base.prepared_by, base.approved_by = rows.clerk("reviewer"), rows.clerk("approver")
    base.save()
    return base


def test_a_minus_left_behind_is_refused_by_the_database() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    rows.payout(coupon)
    sealed_rows.check_now()
    with pytest.raises(DatabaseError, match="on its way without"), transaction.atomic():
        minus(coupon, -400)
        sealed_rows.check_now()


def test_a_payout_that_leaves_a_minus_out_is_refused_by_the_database() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    minus(coupon, -400)
    sealed_rows.check_now()
    to = opening.Recipient("22", "points", "sms", "+819012345678")
    signed = opening.Signatures(rows.clerk("reviewer"), rows.clerk("approver"))
    with pytest.raises(DatabaseError, match="leaves out"), transaction.atomic():
        opening.open_payout([coupon], to, signed, edition=0)
        sealed_rows.check_now()
