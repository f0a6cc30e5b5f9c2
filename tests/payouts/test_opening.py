"""Who gets a payout and when it may go: promises 1, 3, 7 and 9."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.utils import DataError

from config import clock
from config.notice import NOTICE
from config.states import Refused
from payouts import opening
from payouts.models import Link, Message, Payout, PayoutLine
from tests.payouts import rows

pytestmark = pytest.mark.django_db


def check_now() -> None:
    """Ask for what is checked at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_open_payout_waits_without_an_amount() -> None:
    payout = rows.payout(rows.coupon())
    assert (payout.state, payout.amount) == ("waiting", None)
    assert list(payout.steps.values_list("old", "new")) == [("", "waiting")]


def test_an_entitlement_stands_in_one_live_payout() -> None:
    coupon = rows.coupon()
    rows.payout(coupon)
    with pytest.raises(Refused) as refused:
        rows.payout(coupon)
    assert refused.value.code == "taken"
    assert Payout.objects.count() == 1


def test_a_second_live_line_is_refused_by_the_database() -> None:
    coupon = rows.coupon()
    payout = rows.payout(coupon)
    with pytest.raises(IntegrityError, match="payoutline_one_live"), transaction.atomic():
        PayoutLine.objects.create(payout=payout, coupon=coupon, prefecture_code="22")


def test_a_supplement_is_an_entitlement_of_its_own() -> None:
    coupon = rows.coupon()
    rows.payout(coupon)
    to = opening.Recipient("22", "points", "sms", "+819012345678")
    signed = opening.Signatures(rows.clerk("reviewer"), rows.clerk("approver"))
    second = opening.open_payout([coupon], to, signed, edition=1)
    assert second.lines.get().edition == 1


def test_one_person_cannot_sign_twice() -> None:
    same = rows.clerk("approver")
    to = opening.Recipient("22", "points", "sms", "+819012345678")
    with pytest.raises(Refused) as refused:
        opening.open_payout([rows.coupon()], to, opening.Signatures(same, same))
    assert refused.value.code == "two_people"


def test_one_signature_is_refused_by_the_database() -> None:
    payout = rows.payout(rows.coupon())
    with pytest.raises(IntegrityError, match="payout_two_people"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(prepared_by=payout.approved_by)


def test_a_line_never_crosses_a_prefecture() -> None:
    with pytest.raises(IntegrityError, match="line_coupon_prefecture"), transaction.atomic():
        rows.payout(rows.coupon(prefecture="47"), prefecture_code="22")
        check_now()


def test_release_waits_for_the_seal() -> None:
    payout = rows.payout(rows.coupon())
    with clock.at(rows.LINKS_GO):
        assert opening.release_due() == {"ready": 0, "nothing_due": 0}
    payout.refresh_from_db()
    assert payout.state == "waiting"


@pytest.mark.parametrize(
    ("at", "ready"),
    [
        (NOTICE.dates.first_links - timedelta(microseconds=1), 0),
        (NOTICE.dates.first_links, 1),
        (datetime(2023, 4, 8, 11, tzinfo=clock.JST), 0),  # a Saturday
        (datetime(2023, 4, 10, 16, 59, tzinfo=clock.JST), 1),
        (datetime(2023, 4, 10, 17, 0, tzinfo=clock.JST), 0),
    ],
)
def test_points_go_in_the_hours_of_the_notice(at: datetime, ready: int) -> None:
    coupon = rows.coupon()
    rows.seal(coupon)
    rows.payout(coupon)
    with clock.at(at):
        assert opening.release_due() == {"ready": ready, "nothing_due": 0}


def test_release_fixes_the_sealed_sum_and_writes_one_link() -> None:
    coupons = [rows.coupon("000000000001", yen=1730), rows.coupon("000000000002", yen=1)]
    rows.seal(*coupons)
    payout = rows.payout(*coupons)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
        opening.release_due()
    payout.refresh_from_db()
    assert (payout.state, payout.amount) == ("ready", 1731)
    assert Link.objects.filter(payout=payout).count() == 1
    message = Message.objects.get()
    assert (message.kind, message.state, message.link.payout_id) == ("link", "queued", payout.pk)
    check_now()


def test_nothing_left_is_told_and_ends() -> None:
    coupon = rows.coupon()
    rows.seal(coupon, yen=0)
    payout = rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        assert opening.release_due() == {"ready": 0, "nothing_due": 1}
    payout.refresh_from_db()
    assert (payout.state, payout.amount) == ("nothing_due", 0)
    assert Message.objects.get().kind == "nothing_due"
    check_now()


def test_a_payout_that_the_seal_does_not_know_holds_up_nobody() -> None:
    unknown, known = rows.coupon("000000000001"), rows.coupon("000000000002")
    rows.seal(known)
    waiting, behind = rows.payout(unknown), rows.payout(known)
    with clock.at(rows.LINKS_GO):
        assert opening.release_due() == {"ready": 1, "nothing_due": 0}
    waiting.refresh_from_db()
    behind.refresh_from_db()
    assert (waiting.state, behind.state) == ("waiting", "ready")


def test_an_amount_off_the_seal_is_refused_by_the_database() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    with pytest.raises(DatabaseError, match="differs from the seal"), transaction.atomic():
        payout.lines.update(yen=1001)
        check_now()


def test_an_amount_off_its_lines_is_refused_by_the_database() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    with pytest.raises(DatabaseError, match="has lines of"), transaction.atomic():
        payout.lines.update(yen=1000)
        Payout.objects.filter(pk=payout.pk).update(state="ready", amount=2000)
        check_now()


def test_an_amount_is_never_negative() -> None:
    payout = rows.payout(rows.coupon())
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(amount=-1)


def test_cancel_frees_the_entitlement() -> None:
    coupon = rows.coupon()
    payout = rows.payout(coupon)
    opening.cancel(payout, by=rows.clerk("approver"), reason="revoked")
    check_now()
    assert rows.payout(coupon).state == "waiting"


def test_a_cancelled_payout_keeps_no_live_line() -> None:
    payout = rows.payout(rows.coupon())
    with pytest.raises(DatabaseError, match="lines live"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(state="cancelled")
        check_now()


def test_a_bank_payout_is_ready_without_a_link() -> None:
    coupon = rows.coupon()
    rows.seal(coupon)
    payout = rows.payout(coupon, road="bank", bank_account=rows.account())
    with clock.at(NOTICE.dates.cut_off + timedelta(hours=2)):
        opening.release_due()
    payout.refresh_from_db()
    assert payout.state == "ready"
    assert not payout.links.exists()


def test_points_lapse_after_the_end_and_transfers_do_not() -> None:
    coupons = [rows.coupon("000000000001"), rows.coupon("000000000002")]
    rows.seal(*coupons)
    points = rows.payout(coupons[0])
    bank = rows.payout(coupons[1], road="bank", bank_account=rows.account())
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    end = NOTICE.dates.receiving_closes
    with clock.at(end - timedelta(microseconds=1)), pytest.raises(Refused):
        opening.lapse()
    with clock.at(end):
        assert opening.lapse() == 1
        assert opening.lapse() == 0
    points.refresh_from_db()
    bank.refresh_from_db()
    assert (points.state, bank.state) == ("lapsed", "ready")


def test_an_individual_extension_outlives_the_end() -> None:
    coupon = rows.coupon()
    rows.seal(coupon)
    payout = rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    end = NOTICE.dates.receiving_closes
    Payout.objects.update(receives_until=end + timedelta(days=7))
    with clock.at(end):
        assert opening.lapse() == 0
        payout.refresh_from_db()
        assert opening.receives_until(payout) == end + timedelta(days=7)
