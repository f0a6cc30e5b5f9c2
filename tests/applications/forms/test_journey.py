import pytest

from applications.forms.journey import Journey
from tests.applications.conftest import BANK, BY_BANK, COUPONS, OPEN, PERSON, RECEIVE

pytestmark = pytest.mark.django_db
POINTS = {"coupons": COUPONS, "person": PERSON, "receive": RECEIVE}
WHOLE = {**POINTS, "receive": BY_BANK, "bank": BANK}


def journey(steps):
    return Journey(steps, at=OPEN, extended={})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ({}, "coupons"),
        ({"coupons": COUPONS}, "person"),
        ({"person": PERSON, "receive": RECEIVE}, "coupons"),
        (POINTS, "check"),
        ({**POINTS, "person": {}}, "person"),
        ({**POINTS, "receive": BY_BANK}, "bank"),
        (WHOLE, "check"),
        ({**WHOLE, "coupons": {**COUPONS, "travel_type": "day_trip"}}, "bank"),
        ({**WHOLE, "receive": RECEIVE}, "check"),
    ],
)
def test_next_step_is_the_first_that_lacks_something(steps, expected):
    assert journey(steps).next_step() == expected


def test_answers_of_the_points_road_hold_no_account():
    answers = journey({**WHOLE, "receive": RECEIVE}).answers()
    assert answers.account is None
    assert (answers.address, answers.lodging) == ("", "")
    assert answers.delivery == "+819012345678"


def test_answers_of_the_bank_road_hold_account_and_stay():
    answers = journey(WHOLE).answers()
    assert answers.account.account_number == "0123456"
    assert (answers.postal_code, answers.lodging) == ("4208601", "富士旅館")


def test_contact_is_offered_for_the_guide():
    person = {**PERSON, "phone": "090-1234-5678", "email": "hanako@example.jp"}
    form = journey({"coupons": COUPONS, "person": person}).form("receive")
    assert form["delivery_phone"].value() == "090-1234-5678"
    assert form["delivery_email"].value() == "hanako@example.jp"


def test_a_landline_is_not_offered_for_sms():
    form = journey({"coupons": COUPONS, "person": PERSON}).form("receive")
    assert form["delivery_phone"].value() == ""


def test_typed_form_is_judged_like_what_was_typed():
    first = journey(WHOLE)
    again = journey({name: first.judged(name).typed() for name in first.route()})
    assert again.answers() == first.answers()
