"""応対記録: who is told something personal, what is still to be done, what is counted."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from applications import inquiries
from applications.models import Application, Inquiry
from config import clock
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 4, 12, 12, tzinfo=clock.JST)
TOLD = {"prefecture_code": "22", "way": "phone", "topic": "status", "caller": "静岡"}


def case() -> Application:
    return rows.application(rows.coupon("123456781234"), email="hanako@example.jp")


def begun(**values: object) -> Inquiry:
    with clock.at(NOON):
        return inquiries.begin(TOLD | values, by=rows.clerk("call_centre"))


GIVEN = {
    "kana": ("しずおか　はなこ", "シズオカ　タロウ"),
    "phone": ("+819012345678", "+819000000000"),
    "email": ("Hanako@example.jp", "other@example.jp"),
    "coupon": ("1234", "9999"),
    "trip": (date(2023, 2, 24), date(2023, 2, 25)),
    "delivery": ("+819012345678", "+819000000000"),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_each_fact_is_compared(kind: str) -> None:
    row, (right, wrong) = case(), GIVEN[kind]
    other = "coupon" if kind == "kana" else "kana"
    beside = {other: GIVEN[other][0]}
    assert inquiries.compare(row, {kind: right} | beside).enough
    found = inquiries.compare(row, {kind: wrong} | beside)
    assert (found.enough, found.differed) == (False, (kind,))


def test_one_fact_is_not_enough() -> None:
    with pytest.raises(Refused, match="2つ以上"):
        inquiries.compare(case(), {"kana": "シズオカ ハナコ"})


def test_the_same_number_twice_is_one_fact() -> None:
    with pytest.raises(Refused, match="1つの事項"):
        inquiries.compare(case(), {"phone": "+819012345678", "delivery": "+819012345678"})


def test_an_empty_answer_of_the_application_agrees_with_nothing() -> None:
    row = rows.application(rows.coupon(), phone="", channel="email", delivery="a@example.jp")
    found = inquiries.compare(row, {"postal": "4208601", "phone": "+819012345678"})
    assert found.agreed == ()


def test_guessing_ends_after_five_tries() -> None:
    row = case()
    wrong = {"kana": "シズオカ タロウ", "coupon": "9999"}
    for _ in range(inquiries.WRONG):
        inquiries.compare(row, wrong)
    with pytest.raises(Refused, match="責任者"):
        inquiries.compare(row, wrong)
    with pytest.raises(Refused, match="責任者"):
        inquiries.compare(row, {"kana": "シズオカ ハナコ", "coupon": "1234"})


def test_an_application_is_named_only_with_two_facts() -> None:
    row, clerk = case(), rows.clerk("call_centre")
    with clock.at(NOON), pytest.raises(Refused, match="2つの事項"):
        inquiries.begin(TOLD, by=clerk, application=row)
    with clock.at(NOON):
        identified = inquiries.compare(row, {"kana": "シズオカ ハナコ", "coupon": "1234"})
        made = inquiries.begin(TOLD, by=clerk, application=row, identified=identified)
    assert (made.first_fact, made.second_fact) == ("kana", "coupon")
    stored = " ".join(str(value) for value in Inquiry.objects.values_list().get())
    assert "1234" not in stored


@pytest.mark.parametrize(
    "facts", [{"first_fact": "kana"}, {"first_fact": "kana", "second_fact": "kana"}, {}]
)
def test_the_database_wants_two_different_facts(facts: dict[str, str]) -> None:
    row, made = case(), begun()
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=made.pk).update(application=row, **facts)


def test_who_was_identified_is_not_rewritten() -> None:
    row, clerk = case(), rows.clerk("call_centre")
    identified = inquiries.compare(row, {"kana": "シズオカ ハナコ", "coupon": "1234"})
    with clock.at(NOON):
        inquiries.begin(TOLD, by=clerk, application=row, identified=identified)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE applications_inquiry SET second_fact = 'trip'")


def test_notes_are_rows_that_can_be_erased() -> None:
    with clock.at(NOON):
        made = inquiries.begin(
            TOLD, by=rows.clerk("call_centre"), notes={"asked": "いつ届きますか", "answered": ""}
        )
    assert [(note.kind, note.text) for note in made.notes.all()] == [("asked", "いつ届きますか")]
    made.notes.all().delete()
    assert Inquiry.objects.filter(pk=made.pk).exists()


def test_what_is_due_and_done() -> None:
    row, clerk = begun(call_back_at=NOON + timedelta(hours=1)), rows.clerk("call_centre")
    assert list(inquiries.due(clerk, NOON)) == []
    assert list(inquiries.due(clerk, NOON + timedelta(hours=1))) == [row]
    with clock.at(NOON + timedelta(hours=2)):
        with pytest.raises(Refused, match="折り返し"):
            inquiries.settle(row, by=clerk)
        inquiries.called_back(row, by=clerk)
        assert list(inquiries.due(clerk, clock.now())) == []
        with pytest.raises(Refused):
            inquiries.called_back(row, by=clerk)
        inquiries.settle(row, by=clerk)
        with pytest.raises(Refused, match="完了"):
            inquiries.revise(row, {"topic": "bank"}, by=clerk)


def test_a_hand_over_waits_for_its_role() -> None:
    row, manager = begun(escalated_to="manager"), rows.clerk("manager")
    assert list(inquiries.waiting(manager)) == [row]
    assert list(inquiries.waiting(rows.clerk("reviewer"))) == []
    assert list(inquiries.waiting(rows.clerk("manager", "27"))) == []
    with clock.at(NOON):
        inquiries.settle(row, by=manager)
    assert list(inquiries.waiting(manager)) == []


def test_figures_by_topic_and_day() -> None:
    clerk = rows.clerk("call_centre")
    moments = ["2023-04-11T23:59", "2023-04-12T00:00", "2023-04-12T12:00", "2023-04-13T00:00"]
    for moment in moments:
        with clock.at(datetime.fromisoformat(moment).replace(tzinfo=clock.JST)):
            inquiries.begin(TOLD, by=clerk)
    days, table = inquiries.figures(clerk, date(2023, 4, 11), date(2023, 4, 12))
    lines = {label: (counts, total) for label, counts, total in table}
    assert days == [date(2023, 4, 11), date(2023, 4, 12)]
    assert lines["申請の状況"] == ([1, 2], 3)
    assert sum(total for _, total in lines.values()) == 3


def test_another_prefecture_is_refused() -> None:
    with clock.at(NOON), pytest.raises(Refused):
        inquiries.begin(TOLD, by=rows.clerk("call_centre", "27"))
