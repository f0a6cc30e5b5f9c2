"""Letters and calls: rows of the outbox that wait for a person (N29)."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from applications import channels, letters, replies
from applications.models import Application, CallTry, LetterBatch
from config import clock
from config.states import Refused
from payouts import messages
from payouts.models import Message
from tests.applications import rows
from tests.payouts.rows import message as stored

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 4, 12, 12, tzinfo=clock.JST)
TODAY = NOON.date()


def by_post(**values: object) -> Application:
    return rows.application(rows.coupon(), method="bank", **values)


def written(row: Application | None = None) -> Message:
    row = row or by_post()
    with clock.at(NOON):
        channels.tell_receipt(row)
    return Message.objects.get(subject=f"application:{row.pk}", kind="receipt")


def printed(count: int = 1) -> LetterBatch:
    for _ in range(count):
        written()
    with clock.at(NOON):
        return letters.print_batch("22", by=rows.clerk("call_centre"))


def posted() -> LetterBatch:
    batch = printed()
    with clock.at(NOON):
        return letters.post(batch, TODAY, by=rows.clerk("call_centre"))


def test_a_batch_takes_what_waits_once() -> None:
    batch, clerk = printed(2), rows.clerk("call_centre")
    assert batch.letters.count() == 2
    assert list(letters.to_print(clerk)) == []
    with clock.at(NOON), pytest.raises(Refused, match="ありません"):
        letters.print_batch("22", by=clerk)


def test_a_letter_is_printed_for_a_window() -> None:
    (sheet,) = letters.addressed(printed())
    assert (sheet.postal, sheet.address, sheet.name) == ("420-0001", "静岡市1-2-3", "静岡 花子")
    assert "受け付けました" in sheet.text.subject


def test_posting_makes_its_letters_sent() -> None:
    batch = posted()
    message = Message.objects.get()
    assert (batch.posted_on, message.state, message.sent_at) == (TODAY, "sent", NOON)
    with clock.at(NOON), pytest.raises(Refused, match="先に"):
        letters.post(batch, TODAY, by=rows.clerk("call_centre"))


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=1)])
def test_the_day_of_posting_is_a_day_that_can_be(day: date) -> None:
    batch = printed()
    with clock.at(NOON), pytest.raises(Refused, match="投函日"):
        letters.post(batch, day, by=rows.clerk("call_centre"))


def test_a_returned_letter_failed() -> None:
    letter, clerk = posted().letters.get(), rows.clerk("call_centre")
    with clock.at(NOON + timedelta(days=3)):
        letters.returned(letter, TODAY + timedelta(days=3), "moved", by=clerk)
        with pytest.raises(Refused, match="すでに"):
            letters.returned(letter, TODAY + timedelta(days=3), "moved", by=clerk)
    message = Message.objects.get()
    assert (message.state, message.failure, message.cause) == ("failed", "returned", "permanent")


def test_what_was_not_posted_does_not_come_back() -> None:
    letter = printed().letters.get()
    with clock.at(NOON), pytest.raises(Refused, match="返送日"):
        letters.returned(letter, TODAY, "moved", by=rows.clerk("call_centre"))


BREAKING = {
    "posted by nobody": "UPDATE applications_letterbatch SET posted_by_id = NULL",
    "posted again": "UPDATE applications_letterbatch SET posted_on = '2023-04-01'",
    "returned for nothing": "UPDATE applications_letter SET returned_on = '2023-04-20'",
    "in two batches": "INSERT INTO applications_letter (batch_id, message_id, place,"
    " returned_reason) SELECT batch_id, message_id, 2, '' FROM applications_letter",
}


@pytest.mark.parametrize("statement", BREAKING.values(), ids=BREAKING)
def test_the_database_refuses(statement: str) -> None:
    posted()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_without_any_channel_it_is_a_call() -> None:
    row = by_post(postal_code="", address="")
    assert replies.reach(row) == ("call", "+819012345678")


def call() -> Message:
    with clock.at(NOON):
        return stored(
            "ask:1:1",
            "ask",
            messages.Reach("22", "call", "+819012345678"),
            subject=f"application:{by_post().pk}",
        )


def test_a_call_waits_until_somebody_was_told() -> None:
    message, clerk = call(), rows.clerk("call_centre")
    with clock.at(NOON):
        letters.told(message, "no_answer", by=clerk)
        assert list(letters.to_call(clerk)) == [message]
        letters.told(message, "told", by=clerk)
        with pytest.raises(Refused, match="先に"):
            letters.told(message, "told", by=clerk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)
    assert list(letters.to_call(clerk)) == []


def test_a_wrong_number_fails_the_message() -> None:
    message = call()
    with clock.at(NOON):
        letters.told(message, "wrong", by=rows.clerk("call_centre"))
    message.refresh_from_db()
    assert (message.state, message.failure) == ("failed", "wrong_number")


def test_somebody_is_told_once() -> None:
    message, clerk = call(), rows.clerk("call_centre")
    CallTry.objects.create(message=message, at=NOON, by=clerk, outcome="told")
    with pytest.raises(IntegrityError), transaction.atomic():
        CallTry.objects.create(message=message, at=NOON, by=clerk, outcome="told")


def bounced(**values: object) -> Message:
    row = rows.application(rows.coupon(), **values)
    message = written(row)
    Message.objects.filter(pk=message.pk).update(state="given_up", failure="no_such_address")
    message.refresh_from_db()
    return message


def test_what_did_not_arrive_goes_by_call_once() -> None:
    message, clerk = bounced(), rows.clerk("call_centre")
    with clock.at(NOON):
        made = letters.instead(message, "call", by=clerk)
        assert letters.instead(message, "call", by=clerk) == made
    assert (made.channel, made.address, made.state) == ("call", "+819012345678", "queued")
    assert list(letters.without_way(clerk)) == []


def test_without_an_address_there_is_no_letter() -> None:
    with clock.at(NOON), pytest.raises(Refused, match="住所がありません"):
        letters.instead(bounced(), "letter", by=rows.clerk("call_centre"))


def test_what_arrived_goes_no_other_way() -> None:
    message = written(rows.application(rows.coupon()))
    with clock.at(NOON), pytest.raises(Refused, match="届かなかった"):
        letters.instead(message, "call", by=rows.clerk("call_centre"))
