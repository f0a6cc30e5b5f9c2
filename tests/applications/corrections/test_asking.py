"""Asking back by link, and reminding of the number that is to follow."""

from datetime import datetime, timedelta

import pytest

from applications import receipts, replies, review, tokens
from applications.corrections import asking
from applications.models import Application, Correction
from config import clock, jobs
from config.clock import JST
from config.notice import NOTICE
from config.states import Refused
from payouts import texts
from payouts.models import Message
from tests.applications import rows

pytestmark = pytest.mark.django_db
AT = datetime(2023, 4, 10, 10, tzinfo=JST)
BEFORE_CLOSE = datetime(2023, 4, 27, 10, tzinfo=JST)


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(AT):
        yield


def asked(*items: str) -> Application:
    """An application that the office asked back."""
    row = rows.application(rows.coupon())
    return review.ask(row, list(items or ["person"]), by=rows.clerk())


def test_the_message_carries_the_link_and_its_end() -> None:
    row = asked("travel", "person")
    link, message = Correction.objects.get(), Message.objects.get(kind="ask")
    assert (link.items, link.due_at) == (["travel", "person"], replies.correction_end(AT))
    assert texts.render(message).body.endswith(tokens.address_of(link))
    message.channel = "email"
    body = texts.render(message).body
    assert tokens.address_of(link) in body
    assert "旅行の種類と日付、お名前とご連絡先" in body
    assert receipts.written(row.receipt_number) in body


def test_sending_again_kills_the_link_and_takes_the_old_message_back() -> None:
    row = asked()
    old = Correction.objects.get()
    new = asking.again(row, AT)
    assert (new.generation, new.items, new.due_at) == (2, old.items, old.due_at)
    assert tokens.find(Correction, tokens.token_of(old)) is None
    states = Message.objects.filter(kind="ask").order_by("id").values_list("state", "failure")
    assert list(states) == [("given_up", "link_replaced"), ("queued", "")]


def test_nothing_is_sent_again_where_nothing_is_open() -> None:
    row = asked()
    with pytest.raises(Refused) as caught:
        asking.again(row, replies.correction_end(AT))
    assert caught.value.code == "nothing"


def test_a_number_may_follow_until_its_end() -> None:
    row, end = rows.application(rows.coupon(), ""), NOTICE.dates.number_to_follow_until
    assert asking.takes_number(row, end - timedelta(microseconds=1))
    assert not asking.takes_number(row, end)
    assert not asking.takes_number(rows.application(rows.coupon()), AT)


def test_whoever_owes_a_number_is_reminded_once_a_day() -> None:
    row = rows.application(rows.coupon(), "")
    rows.application(rows.coupon())
    rows.application("", method="bank")  # no channel: the office's list, not a letter
    with clock.at(BEFORE_CLOSE):
        assert asking.remind_numbers() == {"told": 1}
        assert asking.remind_numbers() == {"told": 0}
    link = Correction.objects.get()
    assert (link.application, link.items) == (row, ["inquiry_number"])
    assert link.due_at == NOTICE.dates.number_to_follow_until
    assert texts.render(Message.objects.get()).body.endswith(tokens.address_of(link))


def test_a_reminder_leaves_the_offices_question_open() -> None:
    row = review.ask(rows.application(rows.coupon(), ""), ["person"], by=rows.clerk())
    due = Correction.objects.get().due_at
    with clock.at(AT + timedelta(days=1)):
        asking.remind_numbers()
    link = asking.live_of(row)
    assert (link.items, link.due_at) == (["inquiry_number", "person"], due)


def test_nobody_is_reminded_after_the_end() -> None:
    rows.application("")
    with clock.at(NOTICE.dates.number_to_follow_until):
        assert asking.remind_numbers() == {"told": 0}


def test_the_timetable_reminds_before_both_ends() -> None:
    job = next(job for job in jobs.TIMETABLE if job.name == "remind_numbers")
    moments, at = [], datetime(2023, 4, 26, tzinfo=JST)
    while at < NOTICE.dates.number_to_follow_until:
        if (slot := job.slot(at)) and slot not in moments:
            moments.append(slot)
        at += timedelta(hours=1)
    days = [(4, 27), (4, 29), (5, 7), (5, 9)]
    assert moments == [datetime(2023, month, day, 10, tzinfo=JST) for month, day in days]


def test_every_item_has_its_reason() -> None:
    assert set(asking.WHY) == set(asking.sentences.ASKED)
