"""The lost-number search by issuer, trip and prefecture."""

from datetime import timedelta

import pytest

from applications import issuers
from applications.issuers import Wanted
from tests.applications import rows

pytestmark = pytest.mark.django_db


def numbers(wanted: Wanted) -> list[str]:
    return [row.inquiry_number for row in issuers.candidates(wanted)[0]]


@pytest.mark.parametrize(
    "typed",
    [
        "ホテルサンプル",
        "ﾎﾃﾙ ｻﾝﾌﾟﾙ",
        "ほてるさんぷる",
        "株式会社ホテル・サンプル",
        "サンプル",
        "(株)ホテルサンプル",
    ],
)
def test_a_house_is_found_in_any_spelling(typed: str) -> None:
    coupon = rows.coupon(issuer="㈱ホテル サンプル")
    rows.coupon(issuer="別の旅館")

    assert numbers(Wanted("22", typed, None, rows.DAY)) == [coupon.inquiry_number]


def test_trip_and_prefecture_narrow() -> None:
    coupon = rows.coupon()
    rows.coupon(prefecture_code="24")
    rows.coupon(travel_end=rows.DAY + timedelta(days=1))
    rows.coupon(travel_start=rows.DAY - timedelta(days=3))

    wanted = Wanted("22", "見本旅館", rows.DAY - timedelta(days=1), rows.DAY)
    assert numbers(wanted) == [coupon.inquiry_number]


def test_who_is_asked_for_already_is_marked() -> None:
    taken, free = rows.coupon(), rows.coupon()
    rows.application(taken)

    found = issuers.candidates(Wanted("22", "", None, rows.DAY))[0]
    assert {row.inquiry_number: row.asked for row in found} == {
        taken.inquiry_number: True,
        free.inquiry_number: False,
    }


def test_a_single_letter_finds_no_house() -> None:
    rows.coupon()

    assert numbers(Wanted("22", "館", None, rows.DAY)) == []


def test_a_long_list_says_that_it_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuers, "MOST", 1)
    rows.coupon()
    assert issuers.candidates(Wanted("22"))[1] is True
    rows.coupon()

    found, whole = issuers.candidates(Wanted("22"))
    assert (len(found), whole) == (1, False)


def test_a_claim_begins_the_search_with_what_was_said() -> None:
    row = rows.application("", issuer="見本旅館")

    assert issuers.of_claim(row.claims.get()) == {
        "prefecture": "22",
        "issuer": "見本旅館",
        "travel_start": rows.DAY - timedelta(days=1),
        "travel_end": rows.DAY,
    }
