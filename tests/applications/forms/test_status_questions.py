"""Parts of the steps asked again: only what was asked, judged as before, but for the deadline."""

from datetime import timedelta

import pytest

from applications.forms import status_parts as parts
from applications.forms import status_questions as questions
from applications.models import Application
from applications.sentences import ASKED
from config.notice import NOTICE
from tests.applications import rows
from tests.applications.conftest import BANK

pytestmark = pytest.mark.django_db
LATE = NOTICE.dates.receiving_closes - timedelta(days=1)


def asked(row: Application, *items: str, **typed: str) -> questions.Parts:
    """The parts of a question, with what is stored and over it what was typed."""
    claims = list(row.claims.order_by("position"))
    return questions.asked_parts(row, claims, items, questions.stored(row, claims) | typed, LATE)


def boxes(found: questions.Parts) -> list[str]:
    return [field.name for field in found]


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ("inquiry_number", ["inquiry_number_1"]),
        ("travel", ["travel_type", "travel_start", "travel_end"]),
        ("prefecture", ["prefecture"]),
        ("expiry", ["expires_on_outage_day"]),
        ("use", ["coupon_use_1"]),
        ("person", ["name", "kana", "phone", "email"]),
        ("delivery", ["channel", "delivery_phone", "delivery_email"]),
        ("account", []),
        ("lodging", ["lodging", "booking_name"]),
    ],
)
def test_only_what_was_asked_is_there(item: str, names: list[str]) -> None:
    assert boxes(asked(rows.application(rows.coupon()), item)) == names


def test_of_the_bank_road_the_account_is_asked_and_never_shown() -> None:
    row = rows.application(rows.coupon(), method="bank", holder_relation="self")
    found = asked(row, "account")
    assert boxes(found) == list(parts.ACCOUNT_BOXES)
    assert "1234567" not in str([field.value() for field in found])


def test_what_is_stored_is_a_valid_answer_long_after_the_deadline() -> None:
    row = rows.application(rows.coupon(), rows.coupon(), lodging="見本旅館")
    found = asked(row, *ASKED)
    assert found.is_valid(), found.errors
    answer = found.answer()
    assert answer.values == {
        "prefecture_code": "22",
        "travel_type": "stay",
        "travel_start": row.travel_start,
        "travel_end": row.travel_end,
        "expires_on_outage_day": "yes",
        "name": "静岡 花子",
        "kana": "シズオカ　ハナコ",
        "phone": "+819012345678",
        "email": "",
        "channel": "sms",
        "delivery": "+819012345678",
        "lodging": "見本旅館",
        "booking_name": "",
    }
    assert [claim["inquiry_number"] for claim in answer.of_claims.values()] == [
        claim.inquiry_number for claim in row.claims.order_by("position")
    ]


def test_a_day_trip_has_an_agency() -> None:
    row = rows.application(rows.coupon(), travel_type="day_trip", travel_start=None)
    assert boxes(asked(row, "lodging")) == ["agency"]


def test_the_trip_is_judged_as_in_the_first_step() -> None:
    row = rows.application(rows.coupon())
    found = asked(row, "travel", travel_start_day="25")
    assert not found.is_valid()
    assert list(found.errors) == ["travel_start"]


def test_a_number_stands_once_in_an_application() -> None:
    row = rows.application(rows.coupon("123456784321"), rows.coupon())
    found = asked(row, "inquiry_number", inquiry_number_2="1234-5678-4321")
    assert not found.is_valid()
    assert list(found.errors) == ["inquiry_number_2"]


def test_a_number_that_follows_may_be_left_out_beside_other_questions() -> None:
    row = rows.application("")
    assert asked(row, "inquiry_number", "use", coupon_use_1="paper").is_valid()
    assert not asked(row, "inquiry_number").is_valid()


def test_points_need_a_channel() -> None:
    row = rows.application(rows.coupon())
    assert not asked(row, "delivery", channel="").is_valid()
    bank = rows.application(rows.coupon(), method="bank")
    assert asked(bank, "delivery", channel="").is_valid()


def road(row: Application, **typed: str) -> questions.Parts:
    return questions.road_parts(row, list(row.claims.all()), typed, LATE)


def test_the_bank_has_a_page_of_its_own() -> None:
    row = rows.application(rows.coupon())
    first = road(row, method="bank")
    assert first.is_valid()
    assert first.follow is not None
    second = road(row, **BANK | {"method": "bank", "bank_step": "1"})
    assert second.is_valid(), second.errors
    assert (second.follow, second.step) == (None, "bank_step")
    assert second.carried(second.hidden) == [("bank_step", "1"), ("method", "bank")]
    assert second.answer().account.account_number == "0123456"
    assert second.answer().values["method"] == "bank"


def test_the_answers_are_shown_as_they_will_be_stored() -> None:
    found = road(rows.application(rows.coupon()), **BANK | {"method": "bank", "bank_step": "1"})
    assert found.is_valid()
    shown = {row.label: row.value for part in found.all() for row in part.rows()}
    assert shown["口座番号"] == "0123456"
    assert shown["口座名義（カナ）"] == "シズオカ　ハナコ"
    assert shown["郵便番号"] == "420-8601"


def test_a_charged_coupon_asks_for_the_apps_contact() -> None:
    row = rows.application()
    rows.claim(row, rows.coupon(), use="charged")
    assert "app_contact" in boxes(road(row, method="bank", bank_step="1"))


@pytest.mark.parametrize("data", [{}, {"method": "cash"}, {"method": "bank", "bank_step": "\x00"}])
def test_no_answer_breaks_the_road(data: dict[str, str]) -> None:
    assert not road(rows.application(rows.coupon()), **data | {"channel": "x"}).is_valid()
