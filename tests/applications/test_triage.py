"""Where the answers of /check/ lead."""

from itertools import product

import pytest

from applications import triage

KEYS = {key: [choice.key for choice in asked.choices] for key, asked in triage.QUESTIONS.items()}


@pytest.mark.parametrize("what", KEYS["what"])
def test_every_complete_answer_has_an_end(what: str) -> None:
    ends = set()
    for expiry, trip, use, way in product(*(KEYS[key] for key in ("expiry", "trip", "use", "way"))):
        answers = triage.heard(
            {"what": what, "expiry": expiry, "trip": trip, "use": use, "way": way}
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
