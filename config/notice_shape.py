"""What a notice.toml consists of: every key with its kind, and what only the bank road needs."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

Faults = list[str]


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() == timedelta(hours=9)


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_words(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_names(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_words, value.values()))


def _is_month(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value) is not None


KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "moment": (_is_moment, "a date-time with +09:00"),
    "day": (_is_day, "a date without a time"),
    "time": (lambda value: isinstance(value, time), "a time such as 10:00:00"),
    "count": (_is_count, "a whole number of 1 or more"),
    "words": (_is_words, "some text"),
    "names": (_is_names, "a table of texts"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "month": (_is_month, "a month such as 2023-03"),
}
HOURS = {"opens": "time", "closes": "time"}
DATES: dict[str, Any] = {
    "outage_day": "day",
    "outage_from": "moment",
    "outage_until": "moment",
    "first_extension_ends": "moment",
    "cut_off": "moment",
    "site_opens": "moment",
    "applications_close": "moment",
    "bank_applications_close": "moment",
    "receiving_closes": "moment",
    "warning_days": "count",
    "first_links": "moment",
    "link_days": HOURS,
    "reminders": ["moment"],
    "correction_days": "count",
    "correction_latest": "moment",
    "number_to_follow_until": "moment",
    "last_ordinary_link": "moment",
    "first_bank_day": "day",
    "bank_corrections_until": "moment",
}
RETENTION = {"bank_days": "count", "closed_days": "count", "everything": "moment"}
CALL_CENTRE = {
    "name": "words",
    "phone": "words",
    **HOURS,
    "every_day_months": ["month"],
    "confirmed": "bool",
}
BRAND = {"key": "words", "name": "words", "code_name": "words", "how_to": "words"}
PREFECTURE = {
    "code": "words",
    "name": "words",
    "campaign_name": "words",
    "office_name": "words",
    "short_name": "words",
    "sample": "bool",
}
TRANSLATION = {
    "title": "words",
    "outage": "words",
    "points_from": "words",
    "bank_from": "words",
    "call_centre": "words",
}
WHOLE_SITE = {"prefectures": "names", "code_names": "names", "how_to": "names"}
EXTENSION = {"key": "words", "until": "moment", "decided_on": "day", "reason": "words"}
SHAPE: dict[str, Any] = {
    "sample": "bool",
    "title": "words",
    "coupon_system": "words",
    "bank_road": "bool",
    "home": "words",
    "assumed": ["words"],
    "dates": DATES,
    "retention": RETENTION,
    "words": {"outage": "words", "points_from": "words", "bank_from": "words"},
    "call_centre": CALL_CENTRE,
    "inquiry_number": {"pattern": "words", "length": "count"},
    "reports": [{"number": "count", "issued_on": "day", "addenda": ["day"]}],
    "brands": [BRAND],
    "prefectures": [PREFECTURE],
    "extensions": [EXTENSION],
    "translations": {
        "easy": TRANSLATION,
        "en": TRANSLATION | WHOLE_SITE,
        "zh-hans": TRANSLATION,
        "ko": TRANSLATION,
    },
}
OPTIONAL = {"extensions"}
# Where the notice pays by points alone (`bank_road = false`), none of these may stand in it.
OF_THE_BANK = {
    "bank_applications_close",
    "first_bank_day",
    "bank_corrections_until",
    "bank_from",
    "bank_days",
}
# What its ends fall together with there.
BESIDE = {
    "bank_applications_close": "applications_close",
    "bank_corrections_until": "receiving_closes",
}
ENDS = [key for key, kind in DATES.items() if kind == "moment"]


def check(values: dict[str, Any], faults: Faults) -> None:
    """Every key that is missing, unknown or of another kind, with its place."""
    shape = _without_bank(SHAPE) if values.get("bank_road") is False else SHAPE
    _check(values, shape, "", faults)


def _without_bank(shape: Any) -> Any:
    """The shape of a notice that pays by points alone."""
    if not isinstance(shape, dict):
        return shape
    return {key: _without_bank(kind) for key, kind in shape.items() if key not in OF_THE_BANK}


def _check(value: Any, shape: Any, where: str, faults: Faults) -> None:
    if isinstance(shape, str):
        accepts, expected = KINDS[shape]
        if not accepts(value):
            faults.append(f"{where}: expected {expected}, found {value!r}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            faults.append(f"{where}: expected a list, found {value!r}")
            return
        for place, item in enumerate(value):
            _check(item, shape[0], f"{where}[{place}]", faults)
    elif not isinstance(value, dict):
        faults.append(f"{where}: expected a table, found {value!r}")
    else:
        dot = f"{where}." if where else ""
        faults += [f"{dot}{key}: {_why_not(key)}" for key in value if key not in shape]
        faults += [
            f"{dot}{key}: missing" for key in shape if key not in value and key not in OPTIONAL
        ]
        for key in shape:
            if key in value:
                _check(value[key], shape[key], f"{dot}{key}", faults)


def _why_not(key: str) -> str:
    return "not wanted, since bank_road is false" if key in OF_THE_BANK else "unknown key"
