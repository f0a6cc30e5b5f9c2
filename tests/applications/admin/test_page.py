"""The page of one case: what it shows, its buttons, and who may press them."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from applications import matching, review, roles
from applications.models import Application
from config import clock
from config.clock import JST
from config.models import AccessLog
from payouts import accounts, opening
from payouts.models import Message, Payout
from tests.applications import rows
from tests.payouts import rows as ledger

pytestmark = pytest.mark.django_db
ROLES = tuple(roles.LABELS)
LIST = "/admin/applications/application/"


def page(client: Client, row: Application, role: str = "reviewer") -> str:
    """The page as a clerk of the role reads it."""
    answer = rows.signed_in(client, rows.clerk(role)).get(f"{LIST}{row.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, row: Application, verb: str, user: Any, **posted: Any) -> Any:
    """Post one button."""
    return rows.signed_in(client, user).post(f"{LIST}{row.pk}/act/{verb}/", posted)


def checked(row: Application) -> Application:
    ids = row.claims.values_list("pk", flat=True)
    return review.check(row, {pk: ("approved", "") for pk in ids}, by=rows.clerk())


def test_what_was_said_stands_beside_what_the_ledger_says(client: Client) -> None:
    coupon = rows.coupon(prefecture_code="24", issuer="伊勢旅館")
    rows.spent(coupon, 700, datetime(2023, 3, 1, 12, tzinfo=JST))
    row = rows.application(coupon)
    matching.rematch()

    text = page(client, row)

    assert "都道府県が台帳と異なります" in text
    assert '<tr class="differs"><th scope="row">都道府県</th><td>静岡県</td><td>三重県</td>' in text
    assert ("伊勢旅館" in text, "現在 1,300円" in text) == (True, True)


def test_a_number_one_digit_off_is_suggested_to_the_office(client: Client) -> None:
    rows.coupon("123456789013")
    row = rows.application("123456789012")
    matching.rematch()

    assert "123456789013" in page(client, row)


def test_rivals_are_named_with_their_state(client: Client) -> None:
    coupon = rows.coupon()
    row, rival = rows.application(coupon), rows.application(coupon)
    matching.rematch()

    assert f"{LIST}{rival.pk}/change/" in page(client, row)


def test_a_rival_of_an_unseen_prefecture_is_not_named(client: Client) -> None:
    coupon = rows.coupon()
    row, rival = rows.application(coupon), rows.application(coupon, prefecture_code="24")
    rows.signed_in(client, rows.clerk("reviewer", "22"))

    text = client.get(f"{LIST}{row.pk}/change/").content.decode()

    assert f"{LIST}{rival.pk}/change/" not in text


def test_an_account_is_shown_without_its_first_digits(client: Client) -> None:
    text = page(client, rows.application("", method="bank"))

    assert ("••••567" in text, "1234567" in text) == (True, False)


def test_opening_a_page_is_written_down(client: Client) -> None:
    row = rows.application("")
    page(client, row)

    log = AccessLog.objects.get()
    assert (log.act, log.subject, log.subject_id) == ("view", "application", str(row.pk))


def test_a_page_of_another_prefecture_does_not_exist(client: Client) -> None:
    row = rows.application("", prefecture_code="24")
    by = rows.clerk("manager", "22")

    assert rows.signed_in(client, by).get(f"{LIST}{row.pk}/change/").status_code == 404
    assert press(client, row, "note", by, text="メモ").status_code == 404
    assert AccessLog.objects.count() == 0


def test_check_then_approve_by_two_people_pays_once(client: Client) -> None:
    row = rows.application(rows.coupon(), "999999999999")
    one, two = row.claims.order_by("position")
    decided = {f"decision_{one.pk}": "approved", f"decision_{two.pk}": "not_covered"}
    decided[f"reason_{two.pk}"] = "unconfirmed"

    assert press(client, row, "check", rows.clerk(), **decided).status_code == 302
    assert press(client, row, "approve", rows.clerk("approver")).status_code == 302

    row.refresh_from_db()
    assert (row.state, Payout.objects.count()) == ("decided", 1)


def test_a_refusal_is_told_on_the_page_with_the_choices_kept(client: Client) -> None:
    row = rows.application(rows.coupon(), rows.coupon())
    one, _ = row.claims.order_by("position")

    answer = press(client, row, "check", rows.clerk(), **{f"reason_{one.pk}": "outside"})

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "すべてのクーポンについて、判断を選んでください。" in text
    assert '<option value="outside" selected>' in text


def test_nobody_approves_what_they_checked_not_even_by_a_direct_post(client: Client) -> None:
    by = rows.clerk("manager")
    row = rows.application(rows.coupon())
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=by)

    text = rows.signed_in(client, by).get(f"{LIST}{row.pk}/change/").content.decode()
    assert "/act/approve/" not in text
    assert press(client, row, "approve", by).status_code == 409
    assert Payout.objects.count() == 0


MATRIX = {
    "check": ("reviewer",),
    "approve": ("approver", "manager"),
    "send_back": ("approver", "manager"),
    "revoke": ("approver", "manager"),
    "hold": ("call_centre", "reviewer", "manager"),
    "resume": ("call_centre", "reviewer", "manager"),
    "ask": ("call_centre", "reviewer", "manager"),
    "withdraw": ("call_centre", "reviewer", "manager"),
    "take": ("call_centre", "reviewer", "approver", "manager"),
    "release": ("call_centre", "reviewer", "approver", "manager"),
    "note": ("call_centre", "reviewer", "approver", "payer", "manager"),
    "agree": ("approver", "manager"),
    "disagree": ("approver", "manager"),
}


@pytest.mark.parametrize("verb", MATRIX)
def test_only_the_right_roles_may_press_a_button(client: Client, verb: str) -> None:
    row = rows.application(rows.coupon())

    answers = {role: press(client, row, verb, rows.clerk(role)).status_code for role in ROLES}

    assert tuple(role for role, status in answers.items() if status != 403) == MATRIX[verb]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_the_page_and_only_its_own_buttons(client: Client, role: str) -> None:
    row = checked(rows.application(rows.coupon()))

    text = page(client, row, role)

    assert ("/act/approve/" in text) == (role in MATRIX["approve"])
    assert ("/act/note/" in text) == (role in MATRIX["note"])
    assert "/act/check/" not in text


def test_an_unknown_button_does_not_exist(client: Client) -> None:
    assert press(client, rows.application(""), "pay", rows.clerk("manager")).status_code == 404


def test_a_button_needs_a_post_with_its_token() -> None:
    row, strict = rows.application(""), Client(enforce_csrf_checks=True)
    rows.signed_in(strict, rows.clerk())
    address = f"{LIST}{row.pk}/act/note/"

    answer = strict.get(address)
    assert (answer.status_code, answer["location"]) == (302, f"{LIST}{row.pk}/change/")
    assert strict.post(address, {"text": "メモ"}).status_code == 403


def test_hold_ask_withdraw_and_note_work_from_the_page(client: Client) -> None:
    row, by = rows.application(rows.coupon()), rows.clerk()
    statuses = [
        press(client, row, "take", by).status_code,
        press(client, row, "note", by, text="発行店に電話").status_code,
        press(client, row, "hold", by, reason="issuer", text="折り返し待ち").status_code,
        press(client, row, "resume", by, reason="answered").status_code,
        press(client, row, "withdraw", by, reason="by_applicant").status_code,
    ]

    row.refresh_from_db()
    assert (statuses, row.state) == ([302] * 5, "withdrawn")
    assert row.notes.count() == 2


def test_the_one_script_is_our_own_and_there_is_no_inline_style(client: Client) -> None:
    row = checked(rows.application(rows.coupon(), rows.charged(), method="bank"))
    rows.signed_in(client, rows.clerk("manager"))
    for address in ("/admin/", LIST, f"{LIST}{row.pk}/change/"):
        answer = client.get(address)
        text = answer.content.decode()
        assert re.findall(r"<script[^>]*>", text) == ['<script src="/static/shortcuts.js" defer>']
        assert ("style=" in text, "<style" in text) == (False, False)
        assert "script-src 'self';" in answer["Content-Security-Policy"] + ";"
    assert "script-src 'none'" in client.get("/admin/payouts/payout/")["Content-Security-Policy"]


def test_the_hands_are_told_in_minutes(client: Client) -> None:
    row, by = rows.application(""), rows.clerk()
    review.take(row, by=by)

    text = rows.signed_in(client, by).get(f"{LIST}{row.pk}/change/").content.decode()

    assert "あなたが担当中（あと20分）" in text


def test_a_number_to_follow_agrees_with_nothing(client: Client) -> None:
    text = page(client, rows.application(rows.coupon(), ""))

    assert "2枚目は台帳と照合できていません" in text
    assert "すべて一致しています" not in text


def test_a_ready_payout_offers_to_send_its_link_anew(client: Client) -> None:
    coupon = rows.coupon()
    row = review.approve(checked(rows.application(coupon)), by=rows.clerk("approver"))
    assert "受取用URLを作り直して送る" not in page(client, row)

    ledger.seal(coupon)
    with clock.at(ledger.LINKS_GO):
        opening.release_due()
        text = page(client, row, "call_centre")

    assert f"/admin/payouts/payout/{Payout.objects.get().pk}/resend/" in text
    assert f'name="back" value="{LIST}{row.pk}/change/"' in text


def test_contacts_are_masked_until_they_are_asked_for_which_is_written_down(client: Client) -> None:
    row = rows.application("", phone="+819012345678", email="hanako@example.jp")
    text = page(client, row)
    assert ("090-1234-5678" in text, "hanako@example.jp" in text) == (False, False)
    assert "h＊＊＊@example.jp" in text

    answer = client.post(f"{LIST}{row.pk}/reveal/", {"what": "contacts"})

    text = answer.content.decode()
    assert ("090-1234-5678" in text, "hanako@example.jp" in text) == (True, True)
    log = AccessLog.objects.get(act="reveal")
    assert (log.subject, log.subject_id, log.detail) == ("application", str(row.pk), "contacts")


def test_an_account_is_shown_whole_on_demand(client: Client) -> None:
    row = rows.application("", method="bank")
    rows.signed_in(client, rows.clerk())

    text = client.post(f"{LIST}{row.pk}/reveal/", {"what": "account"}).content.decode()

    assert "1234567" in text
    assert AccessLog.objects.get(act="reveal").detail == "account"


def test_nothing_else_can_be_revealed_and_never_by_a_link(client: Client) -> None:
    row = rows.application("", phone="+819012345678")
    rows.signed_in(client, rows.clerk())

    assert client.post(f"{LIST}{row.pk}/reveal/", {"what": "notes"}).status_code == 404
    assert client.get(f"{LIST}{row.pk}/reveal/").status_code == 302
    assert not AccessLog.objects.filter(act="reveal").exists()


def test_the_message_of_a_refusal_is_shown_before_it_is_written(client: Client) -> None:
    row = rows.application("999999999999", channel="email", delivery="h@example.jp")
    claim = row.claims.get()
    rows.signed_in(client, rows.clerk())
    posted = {f"decision_{claim.pk}": "not_covered", f"reason_{claim.pk}": "unconfirmed"}

    text = client.post(f"{LIST}{row.pk}/preview/", {"verb": "check", **posted}).content.decode()

    assert "ご入力のお問合せ番号を確認できませんでした。" in text
    assert '<option value="unconfirmed" selected>' in text
    row.refresh_from_db()
    assert (row.state, Message.objects.exclude(kind="receipt").count()) == ("received", 0)


def test_the_words_of_a_question_are_shown_before_it_is_asked(client: Client) -> None:
    row = rows.application(rows.coupon())
    rows.signed_in(client, rows.clerk())

    text = client.post(
        f"{LIST}{row.pk}/preview/", {"verb": "ask", "what": ["travel", "person"]}
    ).content.decode()

    assert "ここに、申請者ごとのURLが入ります" in text
    assert text.count('value="travel" checked') == 1


def test_a_preview_of_nothing_says_what_is_missing(client: Client) -> None:
    row = rows.application(rows.coupon())
    rows.signed_in(client, rows.clerk())

    answer = client.post(f"{LIST}{row.pk}/preview/", {"verb": "check"})
    assert answer.status_code == 409
    assert "1枚目：判断を選んでください。" in answer.content.decode()


def test_after_a_decision_the_queue_offers_the_next_case(client: Client) -> None:
    row = rows.application(rows.coupon())
    by = rows.clerk()

    answer = press(client, row, "check", by, **{f"decision_{row.claims.get().pk}": "approved"})

    assert answer["location"] == LIST
    text = client.get(LIST).content.decode()
    assert "審査済みにしました。" in text
    assert '<button class="go" data-key="n" data-press autofocus>次の審査</button>' in text


def test_the_own_application_offers_no_decision(client: Client) -> None:
    row = checked(rows.application(rows.coupon()))
    by = rows.clerk("approver", last_name="静岡", first_name="花子")

    text = rows.signed_in(client, by).get(f"{LIST}{row.pk}/change/").content.decode()

    assert "/act/approve/" not in text
    assert "ご自身の申請" in text
    assert press(client, row, "approve", by).status_code == 409


def test_namesakes_and_neighbours_are_related_however_they_wrote_it(client: Client) -> None:
    at = {"method": "bank", "postal_code": "4200001", "phone": ""}
    row = rows.application("", address="静岡市1-2-3", **at)
    namesake = rows.application(
        "", kana="しずおか はなこ", phone="+819099998888", delivery="+819099997777"
    )
    neighbour = rows.application(
        "",
        name="伊勢 太郎",
        kana="イセ　タロウ",
        address="静岡市１‐２‐３",
        bank_account=other(),
        **at,
    )

    text = page(client, row)

    assert f"{LIST}{namesake.pk}/change/" in text
    assert f"{LIST}{neighbour.pk}/change/" in text
    assert ("同じ名前" in text, "同じ住所" in text) == (True, True)


def other() -> accounts.BankAccount:
    return accounts.store(
        accounts.Account("0001", "001", "1", "7654321", "イセ タロウ", "見本銀行", "本店")
    )


def test_a_second_look_is_settled_on_the_page(client: Client, settings: Settings) -> None:
    settings.SECOND_LOOK_PERCENT = 100
    row = review.approve(checked(rows.application(rows.coupon())), by=rows.clerk("approver"))
    by = rows.clerk("manager")

    text = rows.signed_in(client, by).get(f"{LIST}{row.pk}/change/").content.decode()
    assert "/act/agree/" in text
    assert press(client, row, "agree", by).status_code == 302
    assert row.looks.get().verdict == "agreed"
    assert press(client, row, "agree", by).status_code == 409


def test_a_risk_mark_leads_to_the_rows_behind_it(client: Client) -> None:
    row = rows.application("", phone="+819099990000", marks=["same_contact"])
    rows.application("", phone="+819099990000")
    rows.application("", phone="+819011110000", delivery="+819011110000")

    text = page(client, row)
    address = f"{LIST}?like=same_contact.{row.receipt_number}&state=all"
    assert address.replace("&", "&amp;") in text
    assert client.get(address).context["cl"].result_count == 2
