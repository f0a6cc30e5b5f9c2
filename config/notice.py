"""The notice as one frozen object, and the questions that the rest of the house puts to it.

Every moment is aware (JST); every end is half-open, the first instant that is too late (Q1).
`extended` holds the approved postponements, end by name of the date (N80).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from django.conf import settings

from config import notice_file, notice_shape
from config.clock import JST
from config.notice_file import NoticeError

__all__ = ["NOTICE", "Notice", "NoticeError", "load"]

Extended = Mapping[str, datetime] | None
Phase = Literal["before", "open", "warning", "last_hour", "closed", "ended"]


@dataclass(frozen=True)
class Hours:
    """A daily span of time, JST, half-open."""

    opens: time
    closes: time

    def hold(self, moment: time) -> bool:
        """True from `opens` to just before `closes`."""
        return self.opens <= moment < self.closes


@dataclass(frozen=True)
class Prefecture:
    """A prefecture and its campaign office. `short_name` is the sender in SMS, 見本 included."""

    code: str
    name: str
    campaign_name: str
    office_name: str
    short_name: str
    sample: bool


@dataclass(frozen=True)
class Brand:
    """A kind of points (2(A)②), and what its code is called there."""

    key: str
    name: str
    code_name: str
    how_to: str


@dataclass(frozen=True)
class Report:
    """An announcement (第n報) with the days of its addenda (追記)."""

    number: int
    issued_on: date
    addenda: tuple[date, ...]


@dataclass(frozen=True)
class CallCentre(Hours):
    """Section 3 of the notice. In `every_day_months` it answers on holidays too."""

    name: str
    phone: str
    every_day_months: frozenset[tuple[int, int]]
    confirmed: bool


@dataclass(frozen=True)
class KnownExtension:
    """A postponement decided before this deployment."""

    key: str
    until: datetime
    decided_on: date
    reason: str


@dataclass(frozen=True)
class Words:
    """Times that the notice gives in words only."""

    outage: str
    points_from: str
    bank_from: str


@dataclass(frozen=True)
class Dates:
    """The calendar of the notice. Moments are JST; ends are exclusive."""

    outage_day: date
    outage_from: datetime
    outage_until: datetime
    first_extension_ends: datetime
    cut_off: datetime
    site_opens: datetime
    applications_close: datetime
    bank_applications_close: datetime
    receiving_closes: datetime
    warning_days: int
    first_links: datetime
    link_days: Hours
    reminders: tuple[datetime, ...]
    correction_days: int
    correction_latest: datetime
    number_to_follow_until: datetime
    last_ordinary_link: datetime
    first_bank_day: date
    bank_corrections_until: datetime


@dataclass(frozen=True)
class Retention:
    """How long personal data is kept (N81): days after an end, and the end of everything."""

    bank_days: int
    closed_days: int
    everything: datetime


@dataclass(frozen=True)
class Notice:
    """What the notice says, and its answers about a moment."""

    sample: bool
    title: str
    coupon_system: str
    bank_road: bool
    home: str
    assumed: frozenset[str]
    dates: Dates
    retention: Retention
    words: Words
    call_centre: CallCentre
    inquiry_number_pattern: str
    inquiry_number_length: int
    reports: tuple[Report, ...]
    brands: Mapping[str, Brand]
    prefectures: Mapping[str, Prefecture]
    extensions: tuple[KnownExtension, ...]
    told: Mapping[str, "Notice"] = field(default_factory=dict)

    def told_in(self, language: str | None) -> "Notice":
        """The same notice in the words of another language; itself where it has none."""
        return self.told.get(language or "", self)

    def has(self, key: str) -> bool:
        """Whether the notice names the date `key`: the bank's only where it pays by the bank."""
        return self.bank_road or key not in notice_shape.OF_THE_BANK

    def end_of(self, key: str, extended: Extended = None) -> datetime:
        """The date `key` as it holds today: the latest of the notice and its extensions."""
        key = key if self.has(key) else notice_shape.BESIDE[key]
        known = [extension.until for extension in self.extensions if extension.key == key]
        approved = [extended[key]] if extended and key in extended else []
        return max([getattr(self.dates, key), *known, *approved])

    def accepts_applications(
        self, at: datetime, extended: Extended = None, road: str = "points"
    ) -> bool:
        """True while a final POST arriving at `at` is in time (2(A)②, N34, Q2 for the bank)."""
        if road == "bank" and not self.bank_road:
            return False
        close = "bank_applications_close" if road == "bank" else "applications_close"
        return self.end_of("site_opens", extended) <= at < self.end_of(close, extended)

    def phase(self, at: datetime, extended: Extended = None) -> Phase:
        """Where the scheme stands; "warning" and "last_hour" lie inside the open time (N52, Q1)."""
        close = self.end_of("applications_close", extended)
        if at < self.end_of("site_opens", extended):
            return "before"
        if at < close - timedelta(days=self.dates.warning_days):
            return "open"
        if at < close - timedelta(hours=1):
            return "warning"
        if at < close:
            return "last_hour"
        return "closed" if at < self.end_of("receiving_closes", extended) else "ended"

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday without national holidays (Q8)."""
        return not notice_file.is_holiday(day)

    def is_bank_day(self, day: date) -> bool:
        """A day on which transfers are carried out."""
        return not notice_file.is_bank_holiday(day)

    def office_open(self, at: datetime) -> bool:
        """True while the call centre answers (N51)."""
        local = at.astimezone(JST)
        return self._answers_on(local.date()) and self.call_centre.hold(local.time())

    def next_opening(self, at: datetime) -> datetime:
        """The first moment after `at` at which the call centre opens."""
        return next(
            opening
            for day in _days_from(at)
            if self._answers_on(day)
            and (opening := datetime.combine(day, self.call_centre.opens, JST)) > at
        )

    def sends_links(self, at: datetime, extended: Extended = None) -> bool:
        """True while links to the receiving page may go out (N21, Q13)."""
        local = at.astimezone(JST)
        return (
            at >= self.end_of("first_links", extended)
            and self.is_working_day(local.date())
            and self.dates.link_days.hold(local.time())
        )

    def past_ordinary_links(self, at: datetime, extended: Extended = None) -> bool:
        """True once a first link needs somebody's decision: too few days are left (N36)."""
        return at >= self.end_of("last_ordinary_link", extended)

    def next_link_moment(self, at: datetime, extended: Extended = None) -> datetime:
        """`at` itself if links go out then, else the next moment at which they do."""
        start = max(at, self.end_of("first_links", extended)).astimezone(JST)
        if self.sends_links(start, extended):
            return start
        return next(
            opening
            for day in _days_from(start)
            if self.is_working_day(day)
            and (opening := datetime.combine(day, self.dates.link_days.opens, JST)) >= start
        )

    def _answers_on(self, day: date) -> bool:
        every_day = (day.year, day.month) in self.call_centre.every_day_months
        return every_day or self.is_working_day(day)


def _days_from(at: datetime) -> Iterator[date]:
    day = at.astimezone(JST).date()
    while True:
        yield day
        day += timedelta(days=1)


def load(path: Path) -> Notice:
    """Read and check a notice file. Raises NoticeError listing all faults."""
    values = notice_file.read(Path(path))
    mark = notice_file.SAMPLE_MARK if values["sample"] else ""
    number, translations = values.pop("inquiry_number"), values.pop("translations")
    notice = Notice(
        **values
        | {
            "assumed": frozenset(values["assumed"]),
            "dates": _dates(values["dates"]),
            "retention": _retention(values["retention"]),
            "words": Words(**values["words"]),
            "call_centre": _call_centre(values["call_centre"]),
            "inquiry_number_pattern": number["pattern"],
            "inquiry_number_length": number["length"],
            "reports": tuple(
                Report(**report | {"addenda": tuple(report["addenda"])})
                for report in values["reports"]
            ),
            "brands": MappingProxyType(
                {brand["key"]: Brand(**brand) for brand in values["brands"]}
            ),
            "prefectures": MappingProxyType(
                {
                    entry["code"]: Prefecture(**entry | {"short_name": mark + entry["short_name"]})
                    for entry in values["prefectures"]
                }
            ),
            "extensions": tuple(
                KnownExtension(**entry | {"until": entry["until"].astimezone(JST)})
                for entry in values.get("extensions", [])
            ),
        }
    )
    told = {language: _told(notice, words) for language, words in translations.items()}
    return replace(notice, told=MappingProxyType(told))


def _told(notice: Notice, words: dict[str, Any]) -> Notice:
    """The notice with the words of one language. Campaign, office and brand keep their names."""
    return replace(
        notice,
        title=words["title"],
        words=Words(words["outage"], words["points_from"], words["bank_from"]),
        call_centre=replace(notice.call_centre, name=words["call_centre"]),
        brands=MappingProxyType(
            {
                key: replace(
                    brand,
                    code_name=words.get("code_names", {}).get(key, brand.code_name),
                    how_to=words.get("how_to", {}).get(key, brand.how_to),
                )
                for key, brand in notice.brands.items()
            }
        ),
        prefectures=MappingProxyType(
            {
                code: replace(entry, name=words.get("prefectures", {}).get(code, entry.name))
                for code, entry in notice.prefectures.items()
            }
        ),
    )


def _dates(values: dict[str, Any]) -> Dates:
    moments = {
        key: value.astimezone(JST) for key, value in values.items() if isinstance(value, datetime)
    }
    reminders = tuple(moment.astimezone(JST) for moment in values["reminders"])
    hours = Hours(**values["link_days"])
    return Dates(**values | moments | {"reminders": reminders, "link_days": hours})


def _retention(values: dict[str, Any]) -> Retention:
    return Retention(**values | {"everything": values["everything"].astimezone(JST)})


def _call_centre(values: dict[str, Any]) -> CallCentre:
    months = frozenset((int(month[:4]), int(month[5:])) for month in values["every_day_months"])
    return CallCentre(**values | {"every_day_months": months})


NOTICE = load(Path(settings.NOTICE_FILE))
