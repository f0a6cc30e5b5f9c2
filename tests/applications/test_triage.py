"""Where the answers of /check/ lead."""

from itertools import product

import pytest

from applications import triage

KEYS = {key: [choice.key for choice in asked.choices] for key, asked in triage.QUESTIONS.items()}
KEYS["counts"] = ["1-3-0-0", "2-0-0-0", "0-1-1-1"]


@pytest.mark.parametrize("what", KEYS["what"])
def test_every_complete_answer_has_an_end(what: str) -> None:
    ends = set()
    for expiry, trip, use, counts, way in product(
        *(KEYS[key] for key in ("expiry", "trip", "use", "counts", "way"))
    ):
        answers = triage.heard(
            {
                "what": what,
                "expiry": expiry,
                "trip": trip,
                "use": use,
                "counts": counts,
                "way": way,
            }
        )
        assert triage.next_question(answers) is None
        ends.add(triage.end(answers))
    expected = {
        "unused": {"apply", "bank", "not_covered", "nothing_to_do"},
        "double": {"double_charge"},
        "twice": {"double_charge"},
        "no_number": {"no_number"},
        "other": {"other"},
    }
    assert ends == expected[what]


@pytest.mark.parametrize(
    ("expiry", "trip", "covered"),
    [
        ("yes", "", True),
        ("no", "yes", True),
        ("no", "unknown", True),
        ("unknown", "no", True),
        ("no", "no", False),
    ],
)
def test_not_covered_only_when_both_answers_are_no(expiry: str, trip: str, covered: bool) -> None:
    answers = triage.heard({"what": "unused", "expiry": expiry, "trip": trip})
    assert (triage.next_question(answers) == "use") is covered


def test_answers_out_of_order_are_asked_again() -> None:
    assert triage.heard({"use": "paper", "way": "points"}) == {}
    assert triage.heard({"what": "unused", "expiry": "perhaps", "use": "paper"}) == {
        "what": "unused"
    }


def test_trip_is_not_asked_where_the_expiry_decides() -> None:
    assert triage.heard({"what": "unused", "expiry": "yes", "trip": "no"}) == {
        "what": "unused",
        "expiry": "yes",
    }


def answers(query: str) -> dict[str, str]:
    return triage.heard(dict(part.split("=") for part in query.split("&")))


@pytest.mark.parametrize(
    ("who", "query", "end"),
    [
        ("all in the app", "what=unused&expiry=yes&use=charged&way=points", "nothing_to_do"),
        ("on paper", "what=unused&expiry=yes&use=paper&way=points", "apply"),
        ("left the app", "what=unused&expiry=no&trip=yes&use=left&way=points", "apply"),
        (
            "a family, one in the app and three on paper",
            "what=unused&expiry=yes&use=mixed&counts=1-3-0-0&way=points",
            "apply",
        ),
        ("lost", "what=unused&expiry=yes&use=lost&way=points", "apply"),
        ("wants no points", "what=unused&expiry=yes&use=charged&way=bank", "bank"),
        ("paid in cash as well", "what=double", "double_charge"),
        ("pressed twice", "what=twice", "double_charge"),
        ("never got a coupon", "what=no_number", "no_number"),
        ("anything else", "what=other", "other"),
        ("another trip", "what=unused&expiry=no&trip=no", "not_covered"),
    ],
)
def test_each_kind_of_person_has_its_page(who: str, query: str, end: str) -> None:
    heard = answers(query)
    assert triage.next_question(heard) is None
    assert triage.end(heard) == end


@pytest.mark.parametrize(
    ("counts", "coupons"),
    [
        ("1-3-0-0", {"charged": 1, "paper": 3}),
        ("0-0-0-10", {"unknown": 10}),
        ("0-0-0-0", {}),
        ("0-0-0-11", {}),
        ("1-3-0", {}),
        ("1-3-0-0-0", {}),
        ("01-3-0-0", {}),
        ("1-３-0-0", {}),
        ("9" * 5000 + "-0-0-0", {}),
        ("a-b-c-d", {}),
    ],
)
def test_counts_are_ours_or_nothing(counts: str, coupons: dict[str, int]) -> None:
    heard = {"use": "mixed", "counts": counts}
    assert triage.coupons(heard) == coupons
    assert (triage.QUESTIONS["counts"].answer(counts) is not None) is bool(coupons)


def test_family_is_asked_for_its_counts_before_the_way() -> None:
    asked = answers("what=unused&expiry=yes&use=mixed&way=points")
    assert triage.next_question(asked) == "counts"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "what=unused&expiry=yes&use=paper&way=points",
            {"expires_on_outage_day": "yes", "coupon_use_0": "paper", "method": "points"},
        ),
        (
            "what=unused&expiry=no&trip=yes&use=left&way=bank",
            {
                "expires_on_outage_day": "no",
                "travel_end_year": "2023",
                "travel_end_month": "2",
                "travel_end_day": "24",
                "coupon_use_0": "left",
                "method": "bank",
            },
        ),
        (
            "what=unused&expiry=yes&use=mixed&counts=2-1-1-0&way=points",
            {
                "expires_on_outage_day": "yes",
                "coupon_use_0": "paper",
                "coupon_use_1": "left",
                "method": "points",
            },
        ),
        (
            "what=unused&expiry=yes&use=mixed&counts=1-1-0-0&way=bank",
            {
                "expires_on_outage_day": "yes",
                "coupon_use_0": "charged",
                "coupon_use_1": "paper",
                "method": "bank",
            },
        ),
        (
            "what=unused&expiry=unknown&trip=unknown&use=lost&way=points",
            {"expires_on_outage_day": "unknown", "number_unknown": "on", "method": "points"},
        ),
        ("what=unused&expiry=no&trip=no", {"expires_on_outage_day": "no", "trip": "no"}),
        ("what=other", {}),
    ],
)
def test_what_was_told_needs_no_second_telling(query: str, told: dict[str, str]) -> None:
    assert triage.told(answers(query)) == told


def test_no_more_is_carried_over_than_one_application_holds() -> None:
    told = triage.told(answers("what=unused&expiry=yes&use=mixed&counts=0-8-8-0&way=points"))
    uses = [value for name, value in told.items() if name.startswith("coupon_use_")]
    assert uses == ["paper"] * 8 + ["left"] * 2
