"""The calendar of the scheme as the public pages show it: what can be done when, and today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from applications import periods
from config.clock import JST
from config.notice import NOTICE

AFTER_THE_END = timedelta(days=14)  # the axis runs on, since transfers have no end in the notice
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """One bar of the calendar; `left` and `width` are percentages of the axis."""

    name: str
    begins: datetime
    ends: datetime
    state: str  # past, current, next
    left: str
    width: str


@dataclass(frozen=True)
class Axis:
    """The time that the calendar shows."""

    begins: datetime
    ends: datetime

    def place(self, moment: datetime) -> float:
        """Where a moment lies, in percent, held inside the axis."""
        inside = min(max(moment, self.begins), self.ends)
        return 100 * ((inside - self.begins) / (self.ends - self.begins))

    def months(self) -> list[tuple[int, str]]:
        """Each first of a month on the axis: its number and its place."""
        firsts = []
        day = _month_after(self.begins)
        while day < self.ends:
            firsts.append((day.month, _percent(self.place(day))))
            day = _month_after(day)
        return firsts


def period(at: datetime) -> dict[str, Any]:
    """Where the scheme stands at `at`, with the ends as they hold today (decided postponements)."""
    extended = periods.extended()
    close = NOTICE.end_of("applications_close", extended)
    help_ends = last_help(close)
    last_day = (close - timedelta(microseconds=1)).date()
    phase = NOTICE.phase(at, extended)
    return {
        "phase": phase,
        "applications_over": phase in ("closed", "ended"),
        "opens": NOTICE.end_of("site_opens", extended),
        "closes": close,
        "bank_closes": NOTICE.end_of("bank_applications_close", extended),
        "receiving_closes": NOTICE.end_of("receiving_closes", extended),
        "accounts_close": NOTICE.end_of("bank_corrections_until", extended),
        "coupons_usable": at < NOTICE.dates.cut_off,
        "last_help": help_ends,
        "closed_before_the_end": closed_days(help_ends.date(), last_day),
    }


def _month_after(moment: datetime) -> datetime:
    next_month = (moment.replace(day=1) + timedelta(days=32)).date()
    return _midnight(next_month.replace(day=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JST)


def _percent(place: float) -> str:
    return f"{place:.1f}%"


def calendar(at: datetime, extended: Mapping[str, datetime]) -> dict[str, object]:
    """The bars (coupons, applications, points, transfers), the months, and today's mark."""
    axis = Axis(
        _midnight(NOTICE.dates.outage_day),
        NOTICE.end_of("receiving_closes", extended) + AFTER_THE_END,
    )
    ends = {
        "coupons": (axis.begins, NOTICE.dates.cut_off),
        "applications": tuple(
            NOTICE.end_of(key, extended) for key in ("site_opens", "applications_close")
        ),
        "points": tuple(
            NOTICE.end_of(key, extended) for key in ("first_links", "receiving_closes")
        ),
    }
    if NOTICE.bank_road:
        ends["bank"] = (_midnight(NOTICE.dates.first_bank_day), axis.ends)
    today = axis.place(at)
    return {
        "spans": [_span(axis, at, name, *pair) for name, pair in ends.items()],
        "months": axis.months(),
        "today": _percent(today) if axis.begins <= at < axis.ends else "",
        "today_word": _percent(min(max(today, 5), 95)),
    }


def _span(axis: Axis, at: datetime, name: str, begins: datetime, ends: datetime) -> Span:
    state = "next" if at < begins else "current" if at < ends else "past"
    left = axis.place(begins)
    width = axis.place(ends) - left
    return Span(name, begins, ends, state, _percent(left), _percent(width))


def closed_days(first: date, last: date) -> list[date]:
    """The days from `first` to `last` (both included) on which the call centre is closed (N51)."""
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    opens = NOTICE.call_centre.opens
    return [day for day in days if not NOTICE.office_open(datetime.combine(day, opens, JST))]


def last_help(end: datetime) -> datetime:
    """The last moment before `end` at which the call centre still answers, exclusive (N52)."""
    day = (end - timedelta(microseconds=1)).astimezone(JST).date()
    while closed_days(day, day):
        day -= ONE_DAY
    return datetime.combine(day, NOTICE.call_centre.closes, JST)
