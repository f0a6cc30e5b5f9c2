"""Money that came back: asked for once, corrected by link, looked at by two, paid by a new one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from applications import changes, returns, tokens
from applications.answers import AccountAnswer
from applications.models import Amendment, Application, Correction, NewAccount
from applications.standing import standing
from config import clock
from config.clock import JST
from config.notice import NOTICE
from config.states import Refused
from payouts import accounts, answer_files, results, texts, transfers
from payouts.models import Message, Payout, Transfer
from tests.applications import rows
from tests.applications.test_changes import decided
from tests.applications.test_status_pages import body
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
AT = datetime(2023, 5, 17, 10, tzinfo=JST)
END = NOTICE.dates.bank_corrections_until
ANSWER = AccountAnswer("0001", "みずほ", "001", "本店", "1", "7654321", "シズオカ　ハナコ")
OWN = {"holder_relation": "self", "holder_consent": False}
TYPED = {
    "bank": "0001",
    "branch": "001",
    "account_type": "1",
    "account_number": "7654321",
    "account_holder_kana": "シズオカ　ハナコ",
    "holder_relation": "self",
}
MAIL = {"channel": "email", "delivery": "hanako@example.jp", "email": "hanako@example.jp"}


@pytest.fixture(autouse=True)
def _after_the_first_transfer() -> Iterator[None]:
    with clock.at(AT):
        yield


@pytest.fixture
def row() -> Application:
    """An application by bank whose only transfer came back."""
    with clock.at(bank_rows.CUT_AT):
        row = decided(method="bank", holder_relation="self", **MAIL)
        bank_rows.office()
    come_back()
    return row


def come_back() -> Transfer:
    """Whatever is ready is cut, released, handed over and returned."""
    payer, approver = (bank_rows.clerk(f"{name}{Transfer.objects.count()}") for name in "ab")
    with clock.at(bank_rows.CUT_AT):
        batch = transfers.cut("22", bank_rows.MONDAY, by=payer).batch
        transfers.hand_over(transfers.release(batch, by=approver), by=approver)
        sent = batch.transfers.get()
    lines = [bank_rows.HEADS, bank_rows.said(sent, "振込不能", "該当口座なし")]
    results.book(results.read(lines), by=payer)
    return sent


def given(row: Application, **changes: object) -> NewAccount:
    returns.ask_due()
    return returns.give(row, ANSWER, OWN, arrived_at=AT, **changes)


def test_everybody_whose_money_came_back_is_asked_once(row: Application) -> None:
    assert returns.ask_due() == {"told": 1}
    assert returns.ask_due() == {"told": 0}
    link, message = Correction.objects.get(), Message.objects.get(kind="ask")
    assert (link.items, link.due_at) == (["account"], END)
    assert (message.channel, message.address) == ("email", "hanako@example.jp")
    assert message.facts["what"] == "振込先の口座"


def test_an_account_that_the_bank_does_not_confirm_is_asked_for_before_anything_is_sent() -> None:
    with clock.at(bank_rows.CUT_AT):
        row = decided(method="bank", holder_relation="self", **MAIL)
        bank_rows.office()
        payer = bank_rows.clerk("first")
        batch = transfers.cut("22", bank_rows.MONDAY, by=payer).batch
        raw = f"顧客コード1,口座確認\n{batch.transfers.get().pk},2\n".encode()
        file = answer_files.submit(raw, "a.csv", "checks", "22", by=payer)
        answer_files.book(file, by=payer)
        assert standing(row).headline == "口座へお振り込みできませんでした"
        assert returns.ask_due() == {"told": 1}
        assert Message.objects.get(kind="ask").address == "hanako@example.jp"
        new = returns.give(row, ANSWER, OWN, arrived_at=clock.now())
        returns.approve(returns.check(new, by=rows.clerk()), by=rows.clerk("approver"))
        again = transfers.cut("22", bank_rows.MONDAY, by=payer).batch.transfers.get()
    assert (again.bank_account_id, again.first_payment) == (new.bank_account_id, "1")


def test_the_question_says_that_the_money_is_not_lost(row: Application) -> None:
    returns.ask_due()
    text = texts.render(Message.objects.get(kind="ask"))
    assert "口座へお振り込みできませんでした" in text.subject
    assert "補償がなくなったわけではありません" in text.body
    assert tokens.token_of(Correction.objects.get()) in text.body
    assert "確認したいことがあります" not in text.body


@pytest.mark.parametrize("reason", results.REASONS)
def test_the_reason_is_told_in_plain_words(row: Application, reason: str) -> None:
    Transfer.objects.update(return_reason=reason)
    said = returns.why(row)
    assert said[0] == returns.WHY
    assert len(said) == (1 if reason in ("other", results.RECALLED) else 2)


def test_nobody_else_is_asked(row: Application) -> None:
    decided(method="bank", holder_relation="self")
    assert returns.ask_due() == {"told": 1}


def test_nobody_is_asked_after_the_end(row: Application) -> None:
    with clock.at(END):
        assert returns.ask_due() == {"told": 0}


def test_the_way_of_a_corrected_account_in_words(row: Application) -> None:
    found = standing(row)
    assert found.headline == "口座へお振り込みできませんでした"
    assert "コールセンターへお知らせください" in found.next_step
    returns.ask_due()
    found = standing(row)
    assert "2023年6月30日（金）23:59までに、下のボタンから正しい口座を" in found.next_step
    assert (found.due_at, found.again) == (END, "correct")
    new = returns.give(row, ANSWER, OWN, arrived_at=AT)
    found = standing(row)
    assert found.headline == "口座を確認しています"
    assert "事務局が確認しています" in found.next_step
    assert (found.due_at, found.again) == (None, "")
    returns.approve(returns.check(new, by=rows.clerk()), by=rows.clerk("approver"))
    found = standing(row)
    assert found.headline == "補償が決まりました"
    assert "直していただいた口座へ、もう一度お振り込みします" in found.next_step


def test_two_people_let_the_money_go_to_the_new_account(row: Application) -> None:
    first, second = rows.clerk(), rows.clerk("approver")
    new = returns.check(given(row), by=first)
    with pytest.raises(Refused) as refusal:
        returns.approve(new, by=first)
    assert refusal.value.code == "two_people"
    returns.approve(new, by=second)
    payout = Payout.objects.get()
    assert (payout.state, payout.bank_account_id) == ("ready", new.bank_account_id)
    assert (payout.prepared_by, payout.approved_by) == (first, second)
    row.refresh_from_db()
    assert accounts.read(row.bank_account) == ANSWER.account()
    assert Amendment.objects.get(field="bank_account").new == str(new.bank_account_id)
    with clock.at(AT + timedelta(days=1)):
        batch = transfers.cut("22", AT.date() + timedelta(days=5), by=bank_rows.clerk("c")).batch
    assert batch.transfers.get().first_payment == "2"


def test_who_took_it_down_on_the_phone_does_not_approve(row: Application) -> None:
    clerk, other = rows.clerk(), rows.clerk()
    new = returns.give(row, ANSWER, OWN, arrived_at=AT, by=clerk)
    with pytest.raises(Refused) as refusal:
        returns.approve(returns.check(new, by=other), by=clerk)
    assert refusal.value.code == "two_people"
    with pytest.raises(IntegrityError, match="new_account_two_people"), transaction.atomic():
        NewAccount.objects.filter(pk=new.pk).update(state="done", approved_by=clerk)


def test_one_correction_at_a_time(row: Application) -> None:
    given(row)
    with pytest.raises(Refused) as refusal:
        returns.give(row, ANSWER, OWN, arrived_at=AT)
    assert refusal.value.code == "answered"
    copied = {"application": row, "prefecture_code": "22", "given_at": AT, **OWN}
    with pytest.raises(IntegrityError, match="new_account_one_open"), transaction.atomic():
        NewAccount.objects.create(bank_account=rows.account(), **copied)


def test_a_correction_that_was_put_aside_is_asked_for_again(row: Application) -> None:
    new, clerk = given(row), rows.clerk()
    with pytest.raises(Refused):
        returns.dismiss(new, by=clerk, reason="")
    returns.dismiss(new, by=clerk, reason="same_account")
    assert Correction.objects.filter(replaced_at=None, answered_at=None).count() == 1
    assert returns.ask_due() == {"told": 0}
    assert standing(row).due_at == END


def test_a_second_return_is_asked_for_anew(row: Application) -> None:
    new = given(row)
    returns.approve(returns.check(new, by=rows.clerk()), by=rows.clerk("approver"))
    with clock.at(AT + timedelta(days=10)):
        come_back()
        assert returns.ask_due() == {"told": 1}
        assert returns.ask_due() == {"told": 0}
    assert Payout.objects.get().state == "returned"


@pytest.mark.parametrize(
    ("account", "relation", "marks"),
    [
        (ANSWER, "self", []),
        (
            AccountAnswer("0001", "", "001", "", "1", "1234567", "シズオカ"),
            "self",
            ["same_account"],
        ),
        (
            AccountAnswer("0001", "", "999", "", "1", "1", "シズオカ　タロウ", known=False),
            "family",
            [],
        ),
    ],
)
def test_the_office_is_told_what_to_look_at(
    row: Application, account: AccountAnswer, relation: str, marks: list[str]
) -> None:
    returns.ask_due()
    new = returns.give(row, account, OWN | {"holder_relation": relation}, arrived_at=AT)
    expected = {
        "self": ["holder_differs", *marks] if marks else [],
        "family": ["bank_unknown", "other_holder"],
    }
    assert new.marks == expected[relation]


@pytest.mark.parametrize("at", [END, END + timedelta(days=3)])
def test_after_the_end_it_is_too_late(row: Application, at: datetime) -> None:
    returns.ask_due()
    with pytest.raises(Refused) as refusal:
        returns.give(row, ANSWER, OWN, arrived_at=at)
    assert refusal.value.code == "late"


def test_nothing_is_taken_where_nothing_came_back() -> None:
    row = decided(method="bank", holder_relation="self")
    with pytest.raises(Refused) as refusal:
        returns.give(row, ANSWER, OWN, arrived_at=AT)
    assert refusal.value.code == "moved"


def proved(client: Client, link: Correction) -> str:
    """The address of the correction's page, after both proofs."""
    path = f"/status/correct/{tokens.token_of(link)}/"
    client.post(path, {"prove": "1", "proof": "しずおかはなこ"})
    return path


def press(client: Client, path: str, **fields: str) -> HttpResponse:
    return client.post(path, {**TYPED, **fields})


def test_the_link_leads_to_the_account_alone(client: Client, row: Application) -> None:
    returns.ask_due()
    path = proved(client, Correction.objects.get())
    page = body(client.get(path))
    assert "振込先の口座を直してください" in page
    assert "銀行からは、その番号の口座がないと連絡がありました" in page
    assert "1234567" not in page  # never shown again
    assert "7654321" in body(press(client, path, next="1"))
    assert NewAccount.objects.count() == 0
    assert press(client, path, submit="1")["Location"] == "/status/?done=corrected"
    assert accounts.read(NewAccount.objects.get().bank_account).account_number == "7654321"
    assert "入力を受け付けています" in body(client.get(path))


def test_the_link_dies_when_the_money_went_again(client: Client, row: Application) -> None:
    returns.ask_due()
    path = proved(client, Correction.objects.get())
    new = returns.give(row, ANSWER, OWN, arrived_at=AT)
    Correction.objects.update(answered_at=None)
    returns.approve(returns.check(new, by=rows.clerk()), by=rows.clerk("approver"))
    assert client.get(path).status_code == 410


def test_the_question_can_be_sent_again(row: Application) -> None:
    returns.ask_due()
    assert changes.send_again(row) == "correct"
    assert Message.objects.filter(kind="ask").count() == 2
