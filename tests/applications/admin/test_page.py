"""The page of one case: what it shows, its buttons, and who may press them."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from applications import matching, review, roles
from applications.models import Application
from config import clock
from config.clock import JST
from config.models import AccessLog
from payouts import opening
from payouts.models import Payout
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

    assert (
        "承認する" not in rows.signed_in(client, by).get(f"{LIST}{row.pk}/change/").content.decode()
    )
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


def test_neither_script_nor_inline_style_is_needed(client: Client) -> None:
    row = checked(rows.application(rows.coupon(), rows.charged(), method="bank"))
    rows.signed_in(client, rows.clerk("manager"))
    for address in ("/admin/", LIST, f"{LIST}{row.pk}/change/"):
        text = client.get(address).content.decode()
        assert ("<script" in text, "style=" in text, "<style" in text) == (False, False, False)


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
