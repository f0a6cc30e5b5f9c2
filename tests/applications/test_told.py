"""What was told at /check/ stands in the form already, unjudged until it is sent."""

import pytest
from django.http import HttpResponse

from applications import draft as drafts
from applications.draft import Draft
from tests.applications.conftest import COUPONS, PERSON, RECEIVE, Traveller

pytestmark = pytest.mark.django_db

FAMILY = "what=unused&expiry=yes&use=mixed&counts=1-2-1-0&way=points"
BY_TRIP = "what=unused&expiry=no&trip=yes&use=paper&way=bank"
NEITHER = "what=unused&expiry=no&trip=no"


def arrive(traveller: Traveller, query: str) -> HttpResponse:
    """Come from /check/ with these answers."""
    return traveller.client.get(f"/apply/?{query}", follow=True)


def draft_of(response: HttpResponse) -> Draft | None:
    return drafts.load(response.wsgi_request)


def chosen(response: HttpResponse) -> dict[str, str]:
    """The answers that stand in the form."""
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value()}


def test_family_finds_a_row_for_each_coupon_that_needs_an_application(
    traveller: Traveller,
) -> None:
    page = arrive(traveller, FAMILY)
    assert chosen(page) == {
        "travel_start": ["", "", ""],
        "travel_end": ["", "", ""],
        "expires_on_outage_day": "yes",
        "coupon_use_0": "paper",
        "coupon_use_1": "paper",
        "coupon_use_2": "left",
    }
    assert page.context["form"].errors == {}


def test_day_and_way_are_carried_over(traveller: Traveller) -> None:
    page = arrive(traveller, BY_TRIP)
    assert chosen(page)["travel_end"] == ["2023", "2", "24"]
    traveller.post("coupons", COUPONS)
    traveller.post("person", PERSON)
    page = traveller.get("receive")
    assert chosen(page)["method"] == "bank"
    assert page.context["form"].errors == {}
    assert "told" in draft_of(page).steps
    traveller.post("receive", RECEIVE)
    assert "told" not in draft_of(traveller.get("check")).steps


def test_who_was_told_and_came_all_the_same_is_not_held_up_again(traveller: Traveller) -> None:
    other_trip = {**COUPONS, "expires_on_outage_day": "no", "travel_end_day": "25"}
    assert traveller.post("coupons", other_trip).headers["location"].endswith("answer=not_covered")
    arrive(traveller, f"{NEITHER}&new=1")
    assert traveller.post("coupons", other_trip).headers["location"] == "/apply/person/"


def test_app_holder_who_wants_the_bank_is_not_told_to_wait(traveller: Traveller) -> None:
    charged = {**COUPONS, "coupon_use_0": "charged"}
    arrive(traveller, "what=unused&expiry=yes&use=charged&way=bank")
    assert traveller.post("coupons", charged).headers["location"] == "/apply/person/"
    arrive(traveller, "new=1&what=unused&expiry=yes&use=charged&way=points")
    assert traveller.post("coupons", charged).headers["location"].endswith("answer=nothing_to_do")


def test_draft_under_way_is_not_thrown_away_by_a_link(traveller: Traveller) -> None:
    traveller.post("coupons", COUPONS)
    page = arrive(traveller, FAMILY)
    assert "途中まで入力した" in page.content.decode()
    assert page.context["anew"].endswith("&new=1")
    page = traveller.client.get(f"/apply/{page.context['anew']}", follow=True)
    assert chosen(page)["coupon_use_2"] == "left"


@pytest.mark.parametrize("query", ["x=1", "use=paper", "what=unused&expiry=%01", "counts=9-9-9-9"])
def test_foreign_query_carries_nothing(traveller: Traveller, query: str) -> None:
    page = arrive(traveller, query)
    assert draft_of(page).steps == {}
