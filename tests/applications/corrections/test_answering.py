"""The applicant's answer: once, in time, with the old values kept, back to the office."""

from datetime import datetime, timedelta

import pytest

from applications import review
from applications.corrections import answering, asking
from applications.corrections.answering import Answer
from applications.models import Amendment, Application, Correction
from config import clock
from config.clock import JST
from config.notice import NOTICE
from config.states import Refused
from payouts.models import Message
from tests.applications import rows

pytestmark = pytest.mark.django_db
AT = datetime(2023, 4, 28, 10, tzinfo=JST)
AFTER_THE_DEADLINE = NOTICE.dates.applications_close + timedelta(days=2)
NAME = Answer({"name": "静岡 太郎"})


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(AT):
        yield


def question(*items: str, **values: object) -> Correction:
    """A question to an applicant."""
    row = rows.application(rows.coupon(), **values)
    review.ask(row, list(items or ["person"]), by=rows.clerk())
    return Correction.objects.get()


def refusal(link: Correction, arrived_at: datetime = AT) -> str:
    with pytest.raises(Refused) as caught:
        answering.complete(link, NAME, arrived_at=arrived_at)
    return caught.value.code


def test_the_application_is_received_again_with_its_history() -> None:
    link = question()
    row = answering.complete(link, NAME, arrived_at=AT)
    steps = list(row.steps.order_by("id").values_list("old", "new", "reason", "by"))
    assert (row.state, row.name) == ("received", "静岡 太郎")
    assert steps[-1] == ("asked", "received", "corrected_by_applicant", None)
    assert Amendment.objects.get().old == "静岡 花子"
    assert Message.objects.filter(kind="changed").count() == 1


def test_an_answer_counts_once() -> None:
    link = question()
    answering.complete(link, NAME, arrived_at=AT)
    assert refusal(link) == "answered"
    assert Amendment.objects.count() == 1


def test_what_came_in_time_is_corrected_after_the_deadline() -> None:
    with clock.at(AFTER_THE_DEADLINE):
        link = question()
        row = answering.complete(link, NAME, arrived_at=AFTER_THE_DEADLINE)
    assert row.state == "received"


def test_the_questions_own_end_is_half_open() -> None:
    link = question()
    assert refusal(link, link.due_at) == "late"
    answering.complete(link, NAME, arrived_at=link.due_at - timedelta(microseconds=1))


def test_a_replaced_question_takes_no_answer() -> None:
    link = question()
    asking.again(link.application, AT)
    assert refusal(link) == "answered"


def test_the_offices_own_going_on_does_not_lose_the_answer() -> None:
    link = question()
    row = link.application
    review.resume(row, by=rows.clerk(), reason="answered")
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    row = answering.complete(link, NAME, arrived_at=AT)
    assert (row.state, row.checked_by) == ("received", None)


def test_a_decided_case_takes_no_answer() -> None:
    link = question()
    row = link.application
    review.resume(row, by=rows.clerk(), reason="answered")
    review.check(row, {row.claims.get().pk: ("not_covered", "outside")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))
    assert refusal(link) == "moved"


def test_another_contact_gets_the_receipt_and_the_old_one_a_word() -> None:
    link = question("delivery")
    answer = Answer({"channel": "email", "delivery": "hanako@example.jp"})
    answering.complete(link, answer, arrived_at=AT)
    written = Message.objects.filter(kind__in=["changed", "receipt"])
    assert list(written.order_by("id").values_list("kind", "address")) == [
        ("changed", "+819012345678"),
        ("receipt", "hanako@example.jp"),
    ]


def test_the_number_follows_and_is_matched() -> None:
    coupon, row = rows.coupon(), rows.application("")
    given = {row.claims.get().pk: {"inquiry_number": coupon.inquiry_number}}
    answering.complete_number(row, Answer(of_claims=given), arrived_at=AT)
    claim = row.claims.get()
    assert (claim.match, claim.coupon) == ("clean", coupon)
    assert (row.state, asking.takes_number(row, AT)) == ("received", False)


def test_the_number_leaves_another_question_open() -> None:
    row = review.ask(rows.application(""), ["person"], by=rows.clerk())
    given = {row.claims.get().pk: {"inquiry_number": rows.coupon().inquiry_number}}
    answering.complete_number(row, Answer(of_claims=given), arrived_at=AT)
    assert Application.objects.get().state == "asked"
    assert asking.open_of(row, AT) is not None


def test_the_number_comes_too_late_at_its_end() -> None:
    row = rows.application("")
    with pytest.raises(Refused) as caught:
        answering.complete_number(row, Answer(), arrived_at=NOTICE.dates.number_to_follow_until)
    assert caught.value.code == "late"


def test_one_number_twice_is_refused_as_a_whole() -> None:
    coupon = rows.coupon()
    row = rows.application(coupon, "")
    given = {row.claims.get(position=2).pk: {"inquiry_number": coupon.inquiry_number}}
    with pytest.raises(Refused) as caught:
        answering.complete_number(row, Answer(of_claims=given), arrived_at=AT)
    assert caught.value.code == "twice"
    assert Amendment.objects.count() == 0
