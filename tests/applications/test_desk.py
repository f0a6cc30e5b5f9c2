"""One call makes a case and the application that waits for it (N38, N42)."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from applications import desk, matching, receipts, review, status
from applications.answers import Answers, CouponAnswer
from applications.models import Application, Claim
from config import clock
from config.clock import JST
from config.notice import NOTICE
from config.states import Refused
from coupons import double_charges
from coupons.models import DoubleCharge
from tests.applications import rows

pytestmark = pytest.mark.django_db

MARCH = datetime(2023, 3, 5, 11, tzinfo=JST)  # before the site opens
APRIL = datetime(2023, 4, 10, 11, tzinfo=JST)
MAY = datetime(2023, 5, 2, 11, tzinfo=JST)
BAND = datetime(2023, 2, 24, 18, tzinfo=JST)


def told(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "inquiry_number": number,
        "told_expiry": date(2023, 2, 24),
        "prefecture_code": "22",
        "told_prefecture": "静岡県",
        "shop_name": "みやげ店",
        "case": "pressed_again",
        "told_at": BAND,
        "told_yen": 500,
        "caller_name": "静岡 花子",
        "call_back_phone": "+81542511111",
    } | changes


def answers(number: str) -> Answers:
    return Answers(
        prefecture="22",
        travel_type="stay",
        travel_start=rows.DAY - timedelta(days=1),
        travel_end=rows.DAY,
        expires_on_outage_day="yes",
        coupons=(CouponAnswer(number, number, "paper"),) if number else (),
        number_unknown=not number,
        issuer="",
        name="静岡 花子",
        kana="シズオカ　ハナコ",
        phone="+81542511111",
        email="",
        method="points",
        channel="sms",
        delivery="+819012345678",
    )


def ids() -> desk.Ids:
    return desk.Ids(uuid4(), receipts.new())


def call(number: str, at: datetime = APRIL, by: Any = None, **changes: Any) -> DoubleCharge:
    with clock.at(at):
        return desk.take(
            told(number, **changes), answers(number), ids(), by=by or rows.clerk("call_centre")
        )


def test_the_case_number_is_the_receipt_number_and_works_at_the_status_page() -> None:
    case = call(rows.coupon().inquiry_number)

    application = Application.objects.get()
    assert case.case_number == application.receipt_number
    assert (application.entered_by, application.arrived_at) == (case.taken_by, APRIL)
    assert status.find(receipts.written(case.case_number), "1111") == application


def test_the_application_waits_for_the_case() -> None:
    coupon = rows.coupon()
    call(coupon.inquiry_number)

    claim = Claim.objects.get()
    assert (claim.match, claim.match_reasons) == ("differs", ["double_charge"])


def test_a_coupon_that_is_not_found_is_saved_all_the_same() -> None:
    case = call("99999")

    claim = Claim.objects.get()
    assert (case.coupon, case.inquiry_number) == (None, "99999")
    assert (claim.inquiry_number, claim.match) == ("99999", "not_found")


def test_without_any_number_it_is_to_follow() -> None:
    call("")

    assert Claim.objects.get().match == "to_follow"


def test_the_desk_takes_calls_before_the_site_opens() -> None:
    case = call(rows.coupon().inquiry_number, at=MARCH)

    application = Application.objects.get()
    assert (case.taken_at, application.arrived_at) == (MARCH, MARCH)
    assert application.opened_at == NOTICE.dates.outage_from


def test_after_the_deadline_the_case_is_refused_kindly_and_kept_without_an_application() -> None:
    number, clerk = rows.coupon().inquiry_number, rows.clerk("call_centre")
    with pytest.raises(Refused) as caught:
        call(number, at=MAY, by=clerk)
    assert (caught.value.code, DoubleCharge.objects.count()) == ("closed", 0)

    with clock.at(MAY):
        case = desk.take(told(number), None, ids(), by=clerk)

    assert desk.application_of(case) is None


def test_a_channel_taken_later_counts_from_the_call() -> None:
    number, clerk = rows.coupon().inquiry_number, rows.clerk("call_centre")
    with clock.at(APRIL):
        case = desk.take(told(number), None, ids(), by=clerk)
    with clock.at(MAY):
        application = desk.complete(case, answers(number), ids(), by=clerk)
        with pytest.raises(Refused, match="もう申請があります"):
            desk.complete(case, answers(number), ids(), by=clerk)

    assert (application.receipt_number, application.arrived_at) == (case.case_number, APRIL)


def test_a_case_found_by_us_gives_nobody_an_earlier_arrival() -> None:
    coupon, clerk = pressed_twice(), rows.clerk("call_centre")
    with clock.at(APRIL):
        case = desk.take_up(coupon, by=clerk)
    with clock.at(MAY), pytest.raises(Refused) as caught:
        desk.complete(case, answers(coupon.inquiry_number), ids(), by=clerk)

    assert caught.value.code == "closed"


def test_the_same_form_sent_twice_makes_one_case() -> None:
    number, clerk, once = rows.coupon().inquiry_number, rows.clerk("call_centre"), ids()
    with clock.at(APRIL):
        made = [desk.take(told(number), answers(number), once, by=clerk) for _ in range(2)]

    assert made[0] == made[1]
    assert (DoubleCharge.objects.count(), Application.objects.count()) == (1, 1)


def test_a_call_of_somebody_who_applied_bears_that_number() -> None:
    coupon = rows.coupon()
    row, clerk = rows.application(coupon), rows.clerk("call_centre")
    with clock.at(APRIL):
        cases = [desk.attach(told(coupon.inquiry_number), row, by=clerk) for _ in range(2)]

    assert [case.case_number for case in cases] == [row.receipt_number, f"{row.receipt_number}-2"]
    assert [desk.application_of(case) for case in cases] == [row, row]
    assert desk.written(cases[1].case_number).endswith("（2件目）")
    assert Application.objects.count() == 1


def test_a_clerk_of_another_prefecture_takes_no_call_of_this_one() -> None:
    with pytest.raises(Refused) as caught:
        call(rows.coupon().inquiry_number, by=rows.clerk("call_centre", "24"))

    assert caught.value.code == "prefecture"


def test_a_number_of_another_prefecture_is_not_this_cases_coupon() -> None:
    case = call(rows.coupon(prefecture_code="24").inquiry_number)

    assert case.coupon is None


def test_a_coupon_is_named_later_in_any_spelling() -> None:
    case, clerk = call(""), rows.clerk("call_centre")
    coupon = rows.coupon("123456789012")

    desk.identify(case, "１２３４-5678-9012", by=clerk)

    case.refresh_from_db()
    assert case.coupon == coupon
    with pytest.raises(Refused, match="台帳にありません"):
        desk.identify(case, "123456789013", by=clerk)


def pressed_twice() -> Any:
    coupon = rows.coupon()
    for seconds in (0, 20):
        rows.spent(coupon, 500, BAND + timedelta(seconds=seconds))
    return coupon


def test_a_debit_is_confirmed_only_after_the_shop_has_answered() -> None:
    coupon, clerk = pressed_twice(), rows.clerk("call_centre")
    case = call(coupon.inquiry_number, by=clerk)
    second = double_charges.payments(coupon.pk).last().transaction_id
    double_charges.ask_shop(case, clerk)
    with pytest.raises(Refused, match="店舗の回答"):
        desk.confirm(case, [second], by=clerk)
    double_charges.note(case, "2回の記録あり", clerk, "shop")

    desk.confirm(case, [second], by=clerk)

    assert list(case.debits.values_list("transaction_id", "amount")) == [(second, 500)]


def test_a_denied_case_leaves_an_ordinary_coupon() -> None:
    coupon, clerk = rows.coupon(), rows.clerk("call_centre")
    case = call(coupon.inquiry_number, by=clerk)
    double_charges.ask_shop(case, clerk)
    with pytest.raises(Refused, match="理由"):
        desk.deny(case, "whatever", by=clerk)

    desk.deny(case, "no_double", by=clerk)

    assert Claim.objects.get().match == "clean"


def test_once_reflected_it_is_an_ordinary_coupon_and_takes_two_people() -> None:
    coupon, clerk = pressed_twice(), rows.clerk("call_centre")
    case = call(coupon.inquiry_number, by=clerk)
    double_charges.note(double_charges.ask_shop(case, clerk), "2回の記録あり", clerk, "shop")
    desk.confirm(case, [double_charges.payments(coupon.pk).last().transaction_id], by=clerk)
    approver = rows.clerk("approver")
    case.move("instructed", by=approver, instructed_by=approver)
    DoubleCharge.move_all([case.pk], "instructed", "reflected")
    matching.rematch()
    row = Application.objects.get()

    assert row.claims.get().match == "clean"
    with pytest.raises(Refused, match="担当者が審査"):
        review.check_clean(row)


def test_a_case_number_is_read_out() -> None:
    assert desk.reading("K7Q2M9XA3BCD").split("　")[0] == "ケー・ナナ・キュー・ニ"
    assert len(desk.reading("K7Q2M9XA3BCD-2").split("　")) == 3


def test_a_call_back_is_set_and_taken_off() -> None:
    case, clerk = call(""), rows.clerk("call_centre")
    double_charges.call_back(case, APRIL + timedelta(days=1), clerk)
    assert DoubleCharge.objects.get().call_back_at == APRIL + timedelta(days=1)
    double_charges.call_back(case, None, clerk)

    assert DoubleCharge.objects.get().call_back_at is None
    assert case.notes.count() == 2
