"""The desk's pages over HTTP: who may do what, what is stored, what is noted."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from applications import desk, receipts, roles
from applications.models import Application
from config import clock
from config.models import AccessLog
from coupons import double_charges, give_backs
from coupons.models import Coupon, DoubleCharge, GiveBackList
from tests.applications import rows
from tests.applications.test_desk import APRIL, BAND, MARCH, MAY, call, pressed_twice

pytestmark = pytest.mark.django_db

CASES = "/admin/coupons/doublecharge/"
ROLES = tuple(roles.LABELS)


def form(coupon: Coupon | None, **changes: Any) -> dict[str, Any]:
    """What the operator types; SMS, points."""
    return {
        "submission_id": "7d9f1f0e-7a37-4c26-9a0e-8d1a0f6f6c01",
        "case_number": receipts.new(),
        "inquiry_number": coupon.inquiry_number if coupon else "",
        "told_expiry": "2/24",
        "prefecture": "22",
        "shop_name": "みやげ店",
        "case": "pressed_again",
        "told_day": "2/24",
        "told_time": "18:05",
        "told_yen": "５００円",
        "name": "静岡 花子",
        "kana": "しずおか はなこ",
        "phone": "054-251-1111",
        "travel_type": "stay",
        "travel_start": "R5.2.23",
        "travel_end": "2023年2月24日",
        "coupon_use": "paper",
        "method": "points",
        "channel": "sms",
        "delivery_phone": "090-1234-5678",
        "way": "new",
    } | changes


def post(client: Client, data: dict[str, Any], at: Any = APRIL, user: Any = None) -> Any:
    with clock.at(at):
        client = rows.signed_in(client, user or rows.clerk("call_centre"))
        return client.post(f"{CASES}call/", data)


def test_a_call_becomes_a_case_and_its_application(client: Client) -> None:
    coupon = rows.coupon()

    answer = post(client, form(coupon))

    case = DoubleCharge.objects.get()
    assert answer.url == f"{CASES}{case.pk}/change/"
    assert (case.coupon, case.told_yen, case.told_expiry) == (coupon, 500, rows.DAY)
    assert case.told_at == BAND + timedelta(minutes=5)
    application = desk.application_of(case)
    assert application.receipt_number == case.case_number
    assert (application.delivery, application.kana) == ("+819012345678", "シズオカ　ハナコ")
    assert (application.travel_start, application.travel_end) == (
        rows.DAY - timedelta(days=1),
        rows.DAY,
    )


def test_an_account_is_taken_in_the_same_call(client: Client) -> None:
    bank = {
        "method": "bank",
        "channel": "",
        "bank": "0149",
        "branch": "112",
        "account_type": "1",
        "account_number": "123456",
        "account_holder_kana": "シズオカ ハナコ",
        "holder_relation": "self",
        "postal_code": "420-8601",
        "address": "静岡市葵区追手町9番6号",
        "lodging": "富士旅館",
    }

    post(client, form(rows.coupon(), **bank))

    application = Application.objects.get()
    assert (application.method, application.bank_account is not None) == ("bank", True)


def test_every_mistake_is_told_at_once_and_nothing_is_stored(client: Client) -> None:
    answer = post(
        client, form(rows.coupon(), case="", kana="", told_yen="x", delivery_phone="054-251-1111")
    )

    text = answer.content.decode()
    assert answer.status_code == 422
    for sentence in ("①か②かを選んで", "お名前（カナ）を入力", "金額を、数字で", "SMSを受け取れる"):
        assert sentence in text
    assert (DoubleCharge.objects.count(), Application.objects.count()) == (0, 0)


def test_looking_again_stores_nothing_and_judges_nothing(client: Client) -> None:
    coupon = pressed_twice()

    answer = post(client, form(coupon, look="1", name="", way=""))

    text = answer.content.decode()
    assert (answer.status_code, DoubleCharge.objects.count()) == (200, 0)
    assert ("二重の疑い" in text, "errornote" in text) == (True, False)


def test_the_ledger_stands_beside_the_four_facts(client: Client) -> None:
    coupon = pressed_twice()
    rows.signed_in(client, rows.clerk("call_centre"))

    text = client.get(
        f"{CASES}call/", {"inquiry_number": coupon.inquiry_number, "prefecture": "22"}
    ).content.decode()

    assert text.count("二重の疑い") == 1
    assert 'value="2023/2/23"' in text


def test_the_four_facts_are_asked_in_the_order_of_the_notice(client: Client) -> None:
    text = rows.signed_in(client, rows.clerk("call_centre")).get(f"{CASES}call/").content.decode()

    places = [text.index(f"{mark} ") for mark in "①②③④"]
    assert places == sorted(places)


def test_a_number_of_another_prefecture_shows_nothing_of_it(client: Client) -> None:
    coupon = rows.coupon(prefecture_code="24", issuer="伊勢旅館")
    rows.signed_in(client, rows.clerk("call_centre", "22"))

    facts = {"inquiry_number": coupon.inquiry_number, "prefecture": "22"}
    text = client.get(f"{CASES}call/", facts).content.decode()

    assert ("台帳にありません" in text, "伊勢旅館" in text) == (True, False)


@pytest.mark.parametrize(("at", "code"), [(MARCH, 302), (MAY, 409)], ids=["before", "after"])
def test_a_call_counts_by_its_moment(client: Client, at: Any, code: int) -> None:
    assert post(client, form(rows.coupon()), at=at).status_code == code
    assert Application.objects.count() == (code == 302)


def test_what_was_told_is_kept_without_an_application_and_completed_later(client: Client) -> None:
    coupon, clerk = rows.coupon(), rows.clerk("call_centre")
    only = {"way": "case", "method": "", "channel": "", "travel_end": "", "travel_type": ""}
    post(client, form(coupon, **only), user=clerk)
    case = DoubleCharge.objects.get()
    assert (desk.application_of(case), case.caller_name) == (None, "静岡 花子")
    address = f"{CASES}{case.pk}/application/"
    assert "申請を追加" in client.get(address).content.decode()

    with clock.at(MAY):
        answer = client.post(address, form(coupon, case_number=receipts.new()))

    assert answer.status_code == 302
    assert desk.application_of(case).arrived_at == case.taken_at == APRIL


def test_who_applied_before_keeps_that_number(client: Client) -> None:
    coupon = rows.coupon()
    row = rows.application(coupon)

    post(client, form(coupon, way=str(row.pk), name="", kana="", phone=""))

    case = DoubleCharge.objects.get()
    assert (case.case_number, case.caller_name) == (row.receipt_number, "静岡 花子")
    assert Application.objects.count() == 1


def test_the_same_form_twice_is_one_case(client: Client) -> None:
    data = form(rows.coupon())
    first, again = post(client, data), post(client, data)

    assert first.url == again.url
    assert (DoubleCharge.objects.count(), Application.objects.count()) == (1, 1)


@pytest.mark.parametrize("role", ROLES)
def test_the_call_centre_and_the_manager_take_calls(client: Client, role: str) -> None:
    expected = 302 if role in ("call_centre", "manager") else 403

    assert post(client, form(rows.coupon()), user=rows.clerk(role)).status_code == expected


def test_a_case_goes_from_the_shop_to_the_second_signature(client: Client) -> None:
    coupon, first, second = pressed_twice(), rows.clerk("call_centre"), rows.clerk("approver")
    case = call(coupon.inquiry_number, by=first)
    debit = double_charges.payments(coupon.pk).last().transaction_id
    rows.signed_in(client, first)
    for verb, posted in (
        ("ask_shop", {}),
        ("answer", {"text": "2回の記録あり"}),
        ("call_back", {"call_back_at": "2023-04-11T10:00"}),
        ("confirm", {"debit": [debit]}),
    ):
        assert client.post(f"{CASES}{case.pk}/act/{verb}/", posted).status_code == 302
    client.post(f"{CASES}give-backs/prepare/", {"prefecture": "22"})
    made = GiveBackList.objects.get()
    assert client.post(f"{CASES}give-backs/{made.pk}/release/").status_code == 403

    rows.signed_in(client, second)
    with clock.at(MARCH):
        client.post(f"{CASES}give-backs/{made.pk}/release/")
    case.refresh_from_db()
    assert (case.state, case.instructed_by) == ("instructed", second)
    file = client.get(f"{CASES}give-backs/{made.pk}/csv/").content.decode()
    assert file.startswith("\ufeff依頼番号,受付番号")
    assert file.splitlines()[1].split(",")[2:5] == [coupon.inquiry_number, debit, "500"]
    logged = AccessLog.objects.filter(act="export", subject="givebacklist")
    assert list(logged.values_list("by", "subject_id")) == [(second.pk, str(made.pk))]


def test_a_refusal_is_told_on_the_page(client: Client) -> None:
    case = call(rows.coupon().inquiry_number)
    rows.signed_in(client, rows.clerk("call_centre"))

    answer = client.post(f"{CASES}{case.pk}/act/confirm/", {"debit": ["T"]})

    assert answer.status_code == 409
    assert "この状態の受付では行えません" in answer.content.decode()


def test_the_repeated_payments_are_ticked_beforehand(client: Client) -> None:
    coupon, clerk = pressed_twice(), rows.clerk("call_centre")
    case = call(coupon.inquiry_number, by=clerk)
    double_charges.ask_shop(case, clerk)

    text = rows.signed_in(client, clerk).get(f"{CASES}{case.pk}/change/").content.decode()

    ticked = [line for line in text.split("<input") if 'name="debit"' in line and "checked" in line]
    assert len(ticked) == 1


@pytest.mark.parametrize("role", ROLES)
def test_who_may_work_on_a_case(client: Client, role: str) -> None:
    case = call(rows.coupon().inquiry_number)
    may = role in ("call_centre", "reviewer", "approver", "manager")
    rows.signed_in(client, rows.clerk(role))

    assert client.get(f"{CASES}{case.pk}/change/").status_code == 200
    acted = client.post(f"{CASES}{case.pk}/act/ask_shop/").status_code
    assert acted == (302 if may else 403)
    assert client.get(f"{CASES}{case.pk}/act/note/").status_code == 405


def test_a_case_of_another_prefecture_does_not_exist_here(client: Client) -> None:
    case = call(rows.coupon().inquiry_number)
    rows.signed_in(client, rows.clerk("call_centre", "24"))

    assert client.get(f"{CASES}{case.pk}/change/").status_code == 404
    assert client.post(f"{CASES}{case.pk}/act/ask_shop/").status_code == 404
    assert "B" in client.get(CASES).content.decode()
    assert receipts.written(case.case_number) not in client.get(CASES).content.decode()


def test_opening_a_case_is_noted(client: Client) -> None:
    case, clerk = call(rows.coupon().inquiry_number), rows.clerk("call_centre")
    rows.signed_in(client, clerk).get(f"{CASES}{case.pk}/change/")

    noted = AccessLog.objects.values_list("by", "act", "subject", "subject_id")
    assert list(noted) == [(clerk.pk, "view", "doublecharge", str(case.pk))]


@pytest.mark.parametrize("spelt", ["receipt", "number", "phone"])
def test_a_case_is_found_by_what_a_caller_can_say(client: Client, spelt: str) -> None:
    case = call(rows.coupon("123456789012").inquiry_number)
    call(rows.coupon().inquiry_number, call_back_phone="+81312345678")
    typed = {
        "receipt": receipts.written(case.case_number).lower(),
        "number": "1234-5678-9012",
        "phone": "０５４（２５１）１１１１",
    }[spelt]
    rows.signed_in(client, rows.clerk("call_centre"))

    text = client.get(CASES, {"q": typed}).content.decode()

    assert text.count('class="field-number"') == 1


def test_due_call_backs_are_a_list(client: Client) -> None:
    late, _ = call(""), call("")
    double_charges.call_back(late, APRIL, rows.clerk())
    rows.signed_in(client, rows.clerk("call_centre"))

    text = client.get(CASES, {"call_back": "due"}).content.decode()

    assert text.count('class="field-number"') == 1


def test_a_suspected_double_is_taken_up_once(client: Client) -> None:
    coupon = pressed_twice()
    rows.signed_in(client, rows.clerk("call_centre"))
    assert coupon.inquiry_number in client.get(f"{CASES}suspects/").content.decode()

    answers = [client.post(f"{CASES}suspects/{coupon.pk}/").url for _ in range(2)]

    case = DoubleCharge.objects.get()
    assert answers == [f"{CASES}{case.pk}/change/", f"{CASES}suspects/"]
    assert coupon.inquiry_number not in client.get(f"{CASES}suspects/").content.decode()


def test_suspects_are_narrowed_and_taken_out_as_csv(client: Client) -> None:
    coupon = pressed_twice()
    rows.signed_in(client, rows.clerk("call_centre", "22"))

    few = client.get(f"{CASES}suspects/", {"least": "501"}).content.decode()
    assert coupon.inquiry_number not in few
    rows.signed_in(client, rows.clerk("approver", "22"))
    page = client.get(f"{CASES}suspects/", {"csv": "1", "least": "1"})
    file = b"".join(page.streaming_content).decode().splitlines()
    assert file[1].split(",")[0] == coupon.inquiry_number
    log = AccessLog.objects.get()
    assert (log.subject, log.detail) == ("suspects", "least=1")
    rows.signed_in(client, rows.clerk("call_centre", "24"))
    assert coupon.inquiry_number not in client.get(f"{CASES}suspects/").content.decode()
    assert client.post(f"{CASES}suspects/{coupon.pk}/").status_code == 404


def test_a_list_of_another_prefecture_is_out_of_reach(client: Client) -> None:
    coupon, clerk = pressed_twice(), rows.clerk("call_centre")
    case = call(coupon.inquiry_number, by=clerk)
    double_charges.note(double_charges.ask_shop(case, clerk), "あり", clerk, "shop")
    desk.confirm(case, [double_charges.payments(coupon.pk).last().transaction_id], by=clerk)
    made = give_backs.prepare("22", clerk)
    rows.signed_in(client, rows.clerk("approver", "24"))

    assert client.post(f"{CASES}give-backs/{made.pk}/release/").status_code == 404
    assert str(made) not in client.get(f"{CASES}give-backs/").content.decode()
    client.post(f"{CASES}give-backs/prepare/", {"prefecture": "22"})
    assert GiveBackList.objects.count() == 1


def test_the_same_caller_is_not_asked_for_name_and_channel_again(client: Client) -> None:
    case = call(rows.coupon().inquiry_number)
    rows.signed_in(client, rows.clerk("call_centre"))

    text = client.get(f"{CASES}call/", {"like": case.pk, "prefecture": "22"}).content.decode()

    assert 'value="静岡 花子"' in text
    assert 'value="+819012345678"' in text
