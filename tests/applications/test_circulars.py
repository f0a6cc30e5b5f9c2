"""Messages to a selection: counted, signed by two, written once."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from applications import circulars
from applications.models import Circular, Recipient
from config import clock
from config.states import Refused
from payouts.models import Message
from payouts.texts import render
from tests.applications import rows

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 4, 12, 12, tzinfo=clock.JST)
TEXT = {
    "heading": "受取期限の延長",
    "words": "期限を延ばしました。",
    "short": "受取期限を延ばしました。",
}
ENGLISH = {"heading_en": "Longer", "words_en": "You have more time.", "short_en": "More time."}


def people() -> list[Any]:
    """Two by SMS with one number, one by mail, one by post, one who withdrew, one elsewhere."""
    mail = {"channel": "email", "delivery": "a@example.jp"}
    return [
        rows.application(rows.coupon()),
        rows.application(rows.coupon()),
        rows.application(rows.coupon(), **mail),
        rows.application(rows.coupon(), method="bank"),
        rows.application(rows.coupon(), state="withdrawn", delivery="+819011110000"),
        rows.application(rows.coupon(), prefecture_code="27", delivery="+819011110001"),
    ]


def prepared(selection: dict[str, str] | None = None, **text: str) -> Circular:
    with clock.at(NOON):
        return circulars.prepare("22", selection or {}, TEXT | text, by=rows.clerk("call_centre"))


def released(**text: str) -> Circular:
    row = prepared(**text)
    with clock.at(NOON):
        return circulars.release(row, by=rows.clerk("manager"))


def test_each_channel_and_address_counts_once() -> None:
    people()
    found = circulars.reached(circulars.chosen("22", {}))
    assert found.channels == {"sms": 1, "email": 1, "letter": 1}
    assert (found.count, found.yen) == (3, 12)


SELECTIONS = [
    ({"road": "bank"}, {"letter": 1}),
    ({"channel": "email"}, {"email": 1}),
    ({"channel": "letter"}, {"letter": 1}),
    ({"state": "checked"}, {}),
    ({"mark": "twin"}, {}),
    ({"match": "clean"}, {}),
    ({"language": "en"}, {}),
    ({"entered": "1"}, {}),
]


@pytest.mark.parametrize(("selection", "told"), SELECTIONS)
def test_a_selection(selection: dict[str, str], told: dict[str, int]) -> None:
    people()
    assert circulars.reached(circulars.chosen("22", selection)).channels == told


def test_nothing_goes_before_two_people_signed() -> None:
    people()
    row = prepared()
    with clock.at(NOON):
        assert circulars.write_due() == 0
        circulars.release(row, by=rows.clerk("manager"))
        assert circulars.write_due() == 3
    channels = sorted(Message.objects.values_list("channel", flat=True))
    assert channels == ["email", "letter", "sms"]


def test_who_prepared_can_not_release() -> None:
    people()
    with clock.at(NOON):
        row = circulars.prepare("22", {}, TEXT, by=(one := rows.clerk("manager")))
        with pytest.raises(Refused, match="ほかの人"):
            circulars.release(row, by=one)


def test_it_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    people()
    row = released()
    monkeypatch.setattr(circulars, "CHUNK", 1)
    with clock.at(NOON):
        assert [circulars.write_due(limit=2), circulars.write_due(), circulars.write_due()] == [
            2,
            1,
            0,
        ]
    row.refresh_from_db()
    assert (row.written_at, Message.objects.count()) == (NOON, 3)
    assert circulars.progress(row) == {"written": 3, "sent": 0, "bad": 0}


def test_who_came_later_gets_nothing() -> None:
    people()
    released()
    rows.application(rows.coupon(), delivery="+819099990000")
    with clock.at(NOON):
        assert circulars.write_due() == 3


def test_the_text_is_what_was_shown() -> None:
    people()
    row = released()
    with clock.at(NOON):
        circulars.write_due()
        for message in Message.objects.all():
            (shown,) = (
                recipient.application
                for recipient in row.recipients.all()
                if recipient.message_id == message.pk
            )
            assert render(message) == circulars.composed(row, shown)


def test_english_is_asked_for_where_somebody_uses_it() -> None:
    rows.application(rows.coupon(), language="en")
    with pytest.raises(Refused, match="英語の文"):
        prepared()
    row = prepared(**ENGLISH)
    (sample,) = circulars.samples(circulars.chosen("22", {}))
    assert "More time." in circulars.composed(row, sample).body


def test_an_sms_that_is_too_long_is_refused() -> None:
    people()
    used, room = circulars.length("22", "")
    assert prepared(short="あ" * (room - used)).count == 3
    with pytest.raises(Refused, match="長すぎます"):
        prepared(short="あ" * (room - used + 1))


def test_nobody_is_no_selection() -> None:
    with pytest.raises(Refused, match="当てはまる"):
        prepared()


BREAKING = {
    "one person": "UPDATE applications_circular SET released_by_id = prepared_by_id",
    "other words": "UPDATE applications_circular SET words = 'x'",
    "released again": "UPDATE applications_circular SET released_at = NULL, released_by_id = NULL",
    "one more": "INSERT INTO applications_recipient (circular_id, application_id)"
    " SELECT circular_id, (SELECT max(id) FROM applications_application)"
    " FROM applications_recipient LIMIT 1",
    "somebody else": "UPDATE applications_recipient SET application_id ="
    " (SELECT max(id) FROM applications_application)",
    "sent again": "UPDATE applications_recipient SET message_id = NULL",
}


@pytest.mark.parametrize("statement", BREAKING.values(), ids=BREAKING)
def test_the_database_refuses(statement: str) -> None:
    people()
    released()
    with clock.at(NOON):
        circulars.write_due()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_one_applicant_is_one_recipient() -> None:
    people()
    row = prepared()
    twice = {"circular": row, "application": row.recipients.first().application}
    with pytest.raises(IntegrityError), transaction.atomic():
        Recipient.objects.create(**twice)
