"""notice.toml -> checked plain values. Knows nothing of Django, so any file can be tried.

`read(path)` returns the values or raises NoticeError with every fault of the file at once.
"""

import re
import tomllib
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import jpholiday

from config import notice_shape
from config.notice_shape import BESIDE, DATES, ENDS, RETENTION, Faults

SENDER_UNITS = 8  # UTF-16 units of a sender's short name in an SMS of 70
SAMPLE_MARK = "見本"


class NoticeError(Exception):
    """The notice is incomplete or contradicts itself; `faults` lists every reason."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join([f"{path}: {len(faults)} fault(s)", *faults]))


# Each pair: the first comes before the second.
ORDER = [
    ("outage_from", "outage_until"),
    ("outage_until", "first_extension_ends"),
    ("first_extension_ends", "site_opens"),
    ("first_extension_ends", "cut_off"),
    ("site_opens", "applications_close"),
    ("site_opens", "bank_applications_close"),
    ("cut_off", "first_links"),
    ("cut_off", "applications_close"),
    ("applications_close", "number_to_follow_until"),
    ("applications_close", "correction_latest"),
    ("applications_close", "receiving_closes"),
    ("bank_applications_close", "receiving_closes"),
    ("number_to_follow_until", "receiving_closes"),
    ("correction_latest", "receiving_closes"),
    ("first_links", "last_ordinary_link"),
    ("last_ordinary_link", "receiving_closes"),
    ("receiving_closes", "bank_corrections_until"),
]


def is_holiday(day: date) -> bool:
    """Saturday, Sunday or a national holiday of Japan."""
    return day.weekday() >= 5 or jpholiday.is_holiday(day)


def is_bank_holiday(day: date) -> bool:
    """No transfers: holidays and 12/31 to 1/3 (Banking Act, article 15)."""
    return is_holiday(day) or (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}


def utf16_units(text: str) -> int:
    """Length as an SMS counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read(path: Path) -> dict[str, Any]:
    """The checked values of a notice file. Raises NoticeError listing all faults."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoticeError(path, [f"the file cannot be read: {error}"]) from error
    faults: Faults = []
    notice_shape.check(values, faults)
    if not faults:
        _check_dates(values["dates"], faults)
        _check_retention(values, faults)
        _check_hours(values, faults)
        _check_lists(values, faults)
        _check_names(values, faults)
        _check_translations(values, faults)
    if faults:
        raise NoticeError(path, faults)
    return values if values["bank_road"] else _without_bank(values)


def _without_bank(values: dict[str, Any]) -> dict[str, Any]:
    """The bank's keys of a notice that pays by points alone: no words, and no time of their own."""
    dates, kept = values["dates"], values["retention"]
    dates |= {key: dates[beside] for key, beside in BESIDE.items()}
    dates["first_bank_day"] = dates["receiving_closes"].date()
    kept["bank_days"] = kept["closed_days"]
    for words in (values["words"], *values["translations"].values()):
        words["bank_from"] = ""
    return values


def _check_dates(dates: dict[str, Any], faults: Faults) -> None:
    for before, after in ORDER:
        if {before, after} <= dates.keys() and not dates[before] < dates[after]:
            faults.append(
                f"dates.{after}: expected after dates.{before} ({dates[before]}),"
                f" found {dates[after]}"
            )
    for key in ENDS:
        if key in dates and (dates[key].hour, dates[key].minute) == (23, 59):
            faults.append(
                f"dates.{key}: an end is the first instant after it; write 00:00:00 of the next day"
            )
    if dates["outage_from"].date() != dates["outage_day"]:
        faults.append(f"dates.outage_from: expected on dates.outage_day, {dates['outage_day']}")
    days = [dates["first_links"], *dates["reminders"], dates["receiving_closes"]]
    if not dates["reminders"] or any(not one < two for one, two in pairwise(days)):
        faults.append(
            "dates.reminders: expected in order, after dates.first_links and before"
            " dates.receiving_closes"
        )
    if is_holiday(dates["first_links"].date()):
        faults.append(f"dates.first_links: {dates['first_links'].date()} is not a working day")
    if "first_bank_day" in dates:
        _check_bank_days(dates, faults)


def _check_bank_days(dates: dict[str, Any], faults: Faults) -> None:
    if is_bank_holiday(dates["first_bank_day"]):
        faults.append(f"dates.first_bank_day: {dates['first_bank_day']} is not a bank day")
    if (
        not dates["cut_off"].date()
        <= dates["first_bank_day"]
        < dates["bank_corrections_until"].date()
    ):
        faults.append(
            "dates.first_bank_day: expected between dates.cut_off and dates.bank_corrections_until"
        )


def _check_retention(values: dict[str, Any], faults: Faults) -> None:
    kept, dates = values["retention"], values["dates"]
    days = timedelta(days=max(kept.get("bank_days", 1), kept["closed_days"]))
    ends = dates.get("bank_corrections_until", dates["receiving_closes"]) + days
    if kept["everything"] < ends:
        faults.append(
            f"retention.everything: expected once the shorter times are over ({ends}),"
            f" found {kept['everything']}"
        )


def _check_hours(values: dict[str, Any], faults: Faults) -> None:
    centre, links = values["call_centre"], values["dates"]["link_days"]
    for where, hours in (("call_centre", centre), ("dates.link_days", links)):
        if not hours["opens"] < hours["closes"]:
            faults.append(f"{where}.closes: expected after {where}.opens, {hours['opens']}")
    if not centre["opens"] <= links["opens"] <= links["closes"] <= centre["closes"]:
        faults.append("dates.link_days: expected within the hours of call_centre")
    if not links["opens"] <= values["dates"]["first_links"].time() < links["closes"]:
        faults.append("dates.first_links: expected within dates.link_days")
    if not re.fullmatch(r"0\d{1,4}-\d{1,4}-\d{3,4}", centre["phone"]):
        faults.append(
            f"call_centre.phone: expected a Japanese number with hyphens, found {centre['phone']!r}"
        )


def _check_lists(values: dict[str, Any], faults: Faults) -> None:
    for name, key in (("reports", "number"), ("brands", "key"), ("prefectures", "code")):
        entries = [entry[key] for entry in values[name]]
        if not entries:
            faults.append(f"{name}: expected at least one")
        faults += [
            f"{name}[{place}].{key}: {entry!r} stands twice"
            for place, entry in enumerate(entries)
            if entry in entries[:place]
        ]
    for place, report in enumerate(values["reports"]):
        days = [report["issued_on"], *report["addenda"]]
        if days != sorted(days):
            faults.append(f"reports[{place}].addenda: expected in order, not before issued_on")
    for place, extension in enumerate(values.get("extensions", [])):
        key, until = extension["key"], extension["until"]
        if key not in ENDS or key not in values["dates"]:
            faults.append(f"extensions[{place}].key: expected a date-time of dates, found {key!r}")
        elif until <= values["dates"][key]:
            faults.append(
                f"extensions[{place}].until: expected after dates.{key}, {values['dates'][key]}"
            )
    known = {
        *DATES,
        *RETENTION,
        *values["words"],
        "inquiry_number_pattern",
        "inquiry_number_length",
    }
    faults += [
        f"assumed: {name!r} names nothing" for name in values["assumed"] if name not in known
    ]


def _check_names(values: dict[str, Any], faults: Faults) -> None:
    codes = [prefecture["code"] for prefecture in values["prefectures"]]
    if values["home"] not in codes:
        faults.append(f"home: expected the code of one of prefectures, found {values['home']!r}")
    mark = SAMPLE_MARK if values["sample"] else ""
    for place, prefecture in enumerate(values["prefectures"]):
        where, code, sender = (
            f"prefectures[{place}]",
            prefecture["code"],
            mark + prefecture["short_name"],
        )
        if not re.fullmatch("0[1-9]|[1-3][0-9]|4[0-7]", code, re.ASCII):
            faults.append(
                f"{where}.code: expected two digits, 01 to 47 (JIS X 0401), found {code!r}"
            )
        if utf16_units(sender) > SENDER_UNITS:
            faults.append(
                f"{where}.short_name: expected at most {SENDER_UNITS} UTF-16 units,"
                f" found {sender!r}"
            )
        if prefecture["sample"] and not values["sample"]:
            faults.append(
                f"{where}.sample: expected false, since sample is false for the whole notice"
            )
    number = values["inquiry_number"]
    try:
        matches = re.fullmatch(number["pattern"], "1" * number["length"], re.ASCII)
    except re.error as error:
        faults.append(f"inquiry_number.pattern: {error}")
    else:
        if not matches:
            faults.append(f"inquiry_number.pattern: accepts no number of {number['length']} digits")


def _check_translations(values: dict[str, Any], faults: Faults) -> None:
    """What a whole site in another language needs: each prefecture, and each brand's words."""
    brands = [brand["key"] for brand in values["brands"]]
    codes = [prefecture["code"] for prefecture in values["prefectures"]]
    for name, keys in (("prefectures", codes), ("code_names", brands), ("how_to", brands)):
        found = values["translations"]["en"][name]
        faults += [f"translations.en.{name}.{key}: missing" for key in keys if key not in found]
        faults += [f"translations.en.{name}.{key}: unknown key" for key in found if key not in keys]
