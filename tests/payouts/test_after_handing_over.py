"""After the file is at the bank: time settles, the phone tells, two people call back."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction
from pytest_django import Settings

from config import clock
from config.clock import JST
from config.states import Refused
from payouts import arriving, by_hand, recalls
from payouts.models import BankWord, Payout, Recall, Transfer
from tests.payouts.bank_rows import CUT_AT, MONDAY, clerk, ready, send

pytestmark = pytest.mark.django_db
LATER = datetime(2023, 5, 17, 10, tzinfo=JST)


@pytest.fixture
def sent(payer: User, approver: User) -> Iterator[Transfer]:
    """A transfer on its way since the 15th; it is the 17th."""
    with clock.at(CUT_AT):
        ready()
        (row,) = send(payer, approver)
    with clock.at(LATER):
        yield row


def states(row: Transfer) -> list[str]:
    row.refresh_from_db()
    return [row.state, Payout.objects.get().state]


def tell(sent: Transfer, by: User, **changes: object) -> BankWord:
    said = {
        "result": "returned",
        "reason": "number_differs",
        "source": "phone",
        "told_by": "見本銀行 為替担当",
        "told_at": LATER - timedelta(hours=1),
    } | changes
    result, reason = said.pop("result"), said.pop("reason")
    return by_hand.book(sent, result, reason, by=by, **said)


def test_a_transfer_settles_after_five_bank_days_without_a_return(sent: Transfer) -> None:
    assert arriving.settled_on(MONDAY) == date(2023, 5, 22)
    with clock.at(datetime(2023, 5, 21, 23, 59, tzinfo=JST)):
        assert arriving.settle_due() == {"settled": 0}
    with clock.at(datetime(2023, 5, 22, 6, tzinfo=JST)):
        assert arriving.settle_due() == {"settled": 1}
        assert arriving.settle_due() == {"settled": 0}
        assert states(sent) == ["paid", "paid"]
        step = sent.steps.last()
        assert (step.by, step.reason) == (None, "settled")


def test_holidays_are_no_bank_days(settings: Settings) -> None:
    settings.SETTLED_AFTER_BANK_DAYS = 2
    assert arriving.settled_on(date(2023, 5, 2)) == date(2023, 5, 9)
    assert arriving.last_day(datetime(2023, 5, 7, 6, tzinfo=JST)) == date(2023, 4, 28)
    assert arriving.last_day(datetime(2023, 5, 9, 6, tzinfo=JST)) == date(2023, 5, 2)


def test_what_was_settled_can_still_come_back(sent: Transfer, payer: User) -> None:
    with clock.at(datetime(2023, 6, 20, 6, tzinfo=JST)):
        arriving.settle_due()
        tell(sent, payer)
        assert states(sent) == ["returned", "returned"]


def test_a_word_of_the_bank_is_booked_with_who_said_it_and_when(
    sent: Transfer, payer: User
) -> None:
    word = tell(sent, payer, told_by=" 見本銀行 為替担当 ")
    assert states(sent) == ["returned", "returned"]
    assert sent.return_reason == "number_differs"
    assert (word.told_by, word.told_at, word.at, word.by) == (
        "見本銀行 為替担当",
        LATER - timedelta(hours=1),
        LATER,
        payer,
    )
    with pytest.raises(Refused, match="記帳できません"):
        tell(sent, payer, result="paid", reason="")
    with pytest.raises(DatabaseError), transaction.atomic():
        BankWord.objects.update(told_by="x")


WRONG = {
    "result": {"result": "removed"},
    "reason": {"reason": "recalled"},
    "source": {"source": ""},
    "told_by": {"told_by": "  "},
    "told_at": {"told_at": LATER + timedelta(minutes=1)},
}


@pytest.mark.parametrize("code", [*WRONG, "before"])
def test_a_word_without_its_source_is_refused(sent: Transfer, payer: User, code: str) -> None:
    changes = WRONG.get(code, {"told_at": CUT_AT - timedelta(minutes=1)})
    with pytest.raises(Refused) as refusal:
        tell(sent, payer, **changes)
    assert refusal.value.code == ("told_at" if code == "before" else code)
    assert (states(sent), BankWord.objects.count()) == (["handed_over"] * 2, 0)


def test_another_office_books_nothing(sent: Transfer) -> None:
    with pytest.raises(Refused, match="担当者"):
        tell(sent, clerk("aichi", "23"))


def test_a_recall_takes_two_people_and_its_money_is_owed_again(
    sent: Transfer, payer: User, approver: User
) -> None:
    recall = recalls.ask(sent, reason="口座の取り違え", by=payer)
    for act in (recalls.confirm, lambda row, by: recalls.conclude(row, "came_back", by=by)):
        with pytest.raises(Refused) as refusal:
            act(recall, by=payer)
        assert refusal.value.code in ("two_people", "confirmed")
    with pytest.raises(IntegrityError, match="recall_two_people"), transaction.atomic():
        Recall.objects.update(confirmed_by=payer, confirmed_at=LATER)
    with pytest.raises(Refused, match="すでに起案"):
        recalls.ask(sent, reason="もう一度", by=approver)
    recalls.confirm(recall, by=approver)
    with clock.at(LATER + timedelta(days=20)):
        assert arriving.settle_due() == {"settled": 0}  # it waits for the bank's answer
        recalls.conclude(recall, "came_back", by=payer)
        assert states(sent) == ["returned", "returned"]
    assert sent.return_reason == "recalled"
    with pytest.raises(DatabaseError, match="decided"), transaction.atomic():
        Recall.objects.update(outcome="refused")


def test_a_refused_recall_leaves_the_money_where_it_is(
    sent: Transfer, payer: User, approver: User
) -> None:
    recall = recalls.confirm(recalls.ask(sent, reason="誤り", by=payer), by=approver)
    with pytest.raises(Refused, match="依頼済み"):
        recalls.drop(recall, by=payer)
    recalls.conclude(recall, "refused", by=approver)
    assert states(sent) == ["handed_over", "handed_over"]
    again = recalls.ask(sent, reason="もう一度", by=approver)
    recalls.drop(again, by=approver)
    assert [recalls.state_of(row) for row in Recall.objects.order_by("pk")] == [
        "組戻しできなかった",
        "取りやめ",
    ]


def test_what_came_back_meanwhile_is_concluded_without_a_second_return(
    sent: Transfer, payer: User, approver: User
) -> None:
    recall = recalls.confirm(recalls.ask(sent, reason="誤り", by=payer), by=approver)
    tell(sent, payer)
    with pytest.raises(Refused, match="振込不能として"):
        recalls.conclude(recall, "refused", by=payer)
    recalls.conclude(recall, "came_back", by=payer)
    assert sent.steps.filter(new="returned").count() == 1


def test_nothing_is_called_back_that_was_not_sent(sent: Transfer, payer: User) -> None:
    tell(sent, payer)
    with pytest.raises(Refused, match="引き渡した振込だけ"):
        recalls.ask(sent, reason="誤り", by=payer)
