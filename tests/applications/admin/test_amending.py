"""The office amends an application: old beside new, a reason, and never once value moves."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from applications import matching, review
from applications.models import Amendment, Application
from config import clock
from payouts import opening
from payouts.models import Message, Payout
from tests.applications import rows
from tests.payouts import rows as ledger

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/application/"
NEW = {
    "what": ["person"],
    "name": "静岡 華子",
    "kana": "しずおか はなこ",
    "phone": "090-9999-8888",
    "email": "",
}


@pytest.fixture
def row() -> Application:
    made = rows.application(rows.coupon())
    matching.rematch()
    return made


def sent(client: Client, row: Application, **posted: Any) -> Any:
    return client.post(f"{LIST}{row.pk}/amend/", NEW | posted)


def test_old_stands_beside_new_before_anything_is_stored(client: Client, row: Application) -> None:
    rows.signed_in(client, rows.clerk())
    boxes = client.get(f"{LIST}{row.pk}/amend/", {"what": "person"}).content.decode()
    assert 'value="静岡 花子"' in boxes

    text = sent(client, row).content.decode()

    assert "<td>静岡 花子</td><td><b>静岡 華子</b></td>" in text
    row.refresh_from_db()
    assert (row.name, Amendment.objects.count()) == ("静岡 花子", 0)


def test_an_amendment_is_kept_with_reason_and_told_to_the_applicant(
    client: Client, row: Application
) -> None:
    by = rows.clerk()
    rows.signed_in(client, by)

    answer = sent(client, row, submit="1", reason="applicant", text="電話で確認")

    assert answer.status_code == 302
    row.refresh_from_db()
    name = Amendment.objects.get(field="name")
    assert (name.old, name.new, name.by) == ("静岡 花子", "静岡 華子", by)
    assert (row.name, row.notes.get().text) == ("静岡 華子", "電話で確認")
    assert row.steps.order_by("-id").first().reason == "amend_applicant"
    assert Message.objects.get(kind="changed").address == row.delivery
    assert not review.is_clean(row, list(row.claims.all()))


def test_without_a_reason_nothing_is_stored_and_all_stays_typed(
    client: Client, row: Application
) -> None:
    rows.signed_in(client, rows.clerk())

    answer = sent(client, row, submit="1", text="メモ")

    text = answer.content.decode()
    assert (answer.status_code, "理由を選んでください。" in text) == (409, True)
    assert ("静岡 華子" in text, "メモ</textarea>" in text) == (True, True)
    assert Amendment.objects.count() == 0


def test_a_wrong_answer_is_told_at_its_box(client: Client, row: Application) -> None:
    rows.signed_in(client, rows.clerk())

    text = sent(client, row, phone="12").content.decode()

    assert 'href="#id_phone"' in text
    assert 'value="12"' in text


def test_a_checked_case_is_sent_back_before_it_is_amended(client: Client, row: Application) -> None:
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    rows.signed_in(client, rows.clerk())

    assert sent(client, row, submit="1", reason="applicant").status_code == 302
    assert Amendment.objects.count() == 0


def test_who_may_not_change_may_not_amend(client: Client, row: Application) -> None:
    rows.signed_in(client, rows.clerk("auditor"))
    assert sent(client, row, submit="1", reason="applicant").status_code == 403


def test_the_database_refuses_an_amendment_of_what_is_paid(row: Application) -> None:
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))
    ledger.seal(row.claims.get().coupon)
    with clock.at(ledger.LINKS_GO):
        opening.release_due()
    Payout.objects.get().move("issuing")

    with pytest.raises(IntegrityError, match="is paid or being paid"), transaction.atomic():
        Amendment.objects.create(
            application=row, at=clock.now(), by=rows.clerk(), field="name", old="a", new="b"
        )
