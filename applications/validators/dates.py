"""Dates in three boxes, years in 西暦 or 令和; a bare one- or two-digit year is asked back."""

import re
from datetime import date

from django.utils.translation import gettext_lazy as _

from applications.validators.text import folded, refuse
from config.notice import NOTICE

UNITS = {"月": _("月"), "日": _("日")}
REIWA = 2018  # 令和1年 is the year after
_KANJI = str.maketrans("〇一二三四五六七八九", "0123456789")
_WHOLE = re.compile(r"(.+?)[年/.\- ](\d{1,2})[月/.\- ](\d{1,2})日?(?:\(.*\))?")
_EIGHT = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_ERA = re.compile(r"(?:令和|令|R|r)\.?(元|\d{1,2})")


def year(value: object) -> int:
    """The year of the Common Era of 2023, 令和5, R5 or ２０２３年. Raises ValidationError."""
    text = _one(value, "年度")
    if re.fullmatch(r"\d{4}", text, re.ASCII):
        return int(text)
    era = _ERA.fullmatch(text)
    if era:
        return REIWA + (1 if era[1] == "元" else int(era[1]))
    if re.fullmatch(r"\d{1,2}", text, re.ASCII):
        raise refuse(
            _(
                "「%(typed)s年」が西暦か令和かわかるように、「%(year)s」または「令和%(era)s」のように"
                "入力してください。"
            )
            % {"typed": text, **_examples()},
            "bare",
        )
    raise refuse(
        _("年を、「%(year)s」または「令和%(era)s」のように入力してください。") % _examples(), "year"
    )


def day_of(boxes: tuple[object, object, object], name: str) -> date:
    """The date of the boxes year, month, day, or of a whole date typed into the first.

    `name` is the date's name in the messages. Raises ValidationError.
    """
    first, second, third = (folded(box).translate(_KANJI) for box in boxes)
    if not (first or second or third):
        raise refuse(_("%(name)sを入力してください。") % {"name": name}, "required")
    whole = _WHOLE.fullmatch(first) or _EIGHT.fullmatch(first)
    if whole and not second and not third:
        first, second, third = whole.groups()
    missing = [
        word for box, word in ((first, _("年")), (second, _("月")), (third, _("日"))) if not box
    ]
    if missing:
        parts = str(_("・")).join(map(str, missing))
        raise refuse(
            _("%(name)sの%(parts)sを入力してください。") % {"name": name, "parts": parts},
            "incomplete",
        )
    the_year = year(first)
    month, day = _count(second, "月"), _count(third, "日")
    try:
        return date(the_year, month, day)
    except ValueError:
        raise refuse(
            _("%(name)sの年月日をご確認ください。この日付は暦にありません。") % {"name": name},
            "no_day",
        ) from None


def _examples() -> dict[str, int]:
    example = NOTICE.dates.outage_day.year
    return {"year": example, "era": example - REIWA}


def _one(value: object, unit: str) -> str:
    return re.sub(f"[{unit}\\s]+$", "", folded(value).translate(_KANJI)).replace(" ", "")


def _count(text: str, unit: str) -> int:
    number = re.sub(rf"{unit}.*$", "", text).strip()
    if not re.fullmatch(r"\d{1,2}", number, re.ASCII):
        raise refuse(_("%(unit)sを数字で入力してください。") % {"unit": UNITS[unit]}, "not_digits")
    return int(number)
