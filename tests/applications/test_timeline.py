"""The calendar that the pages show."""

from datetime import date, datetime

import pytest

from applications import timeline
from config.clock import JST


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.mark.parametrize(
    ("at", "states"),
    [
        ("2023-03-10T09:00", ["current", "next", "next", "next"]),
        ("2023-03-31T23:59:59.999999", ["current", "current", "next", "next"]),
        ("2023-04-01T00:00", ["past", "current", "next", "next"]),
        ("2023-04-30T23:59:59.999999", ["past", "current", "current", "next"]),
        ("2023-05-01T00:00", ["past", "past", "current", "next"]),
        ("2023-06-01T00:00", ["past", "past", "past", "current"]),
    ],
)
def test_bars_know_what_is_past_current_and_next(at: str, states: list[str]) -> None:
    spans = timeline.calendar(moment(at), {})["spans"]
    assert [span.state for span in spans] == states


def test_bars_lie_inside_the_axis() -> None:
    spans = timeline.calendar(moment("2023-04-10T10:00"), {})["spans"]
    ends = [float(span.left[:-1]) + float(span.width[:-1]) for span in spans]
    assert all(0 <= end <= 100.1 for end in ends)
    assert spans[0].left == "0.0%"


def test_today_is_marked_only_on_the_axis() -> None:
    assert timeline.calendar(moment("2023-02-01T10:00"), {})["today"] == ""
    assert timeline.calendar(moment("2023-07-01T10:00"), {})["today"] == ""


def test_postponement_moves_the_bar() -> None:
    later = moment("2023-05-08T00:00")
    spans = timeline.calendar(moment("2023-05-02T10:00"), {"applications_close": later})["spans"]
    assert (spans[1].ends, spans[1].state) == (later, "current")


def test_last_help_skips_weekends_and_holidays() -> None:
    assert timeline.last_help(moment("2023-05-01T00:00")) == moment("2023-04-28T18:00")
    assert timeline.last_help(moment("2023-05-08T00:00")) == moment("2023-05-02T18:00")


def test_no_day_of_march_is_closed() -> None:
    assert timeline.closed_days(date(2023, 3, 18), date(2023, 4, 2)) == [
        date(2023, 4, 1),
        date(2023, 4, 2),
    ]
