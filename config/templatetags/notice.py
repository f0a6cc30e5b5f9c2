"""How days, moments, ends and yen read in the reader's language: {% load notice %}.

Japanese is the source and what any other language falls back to. English has one form of a day,
2023-04-30 (Sun), with its year also where Japanese leaves it out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django import template
from django.utils.translation import get_language

from config.clock import JST
from config.notice import Brand

register = template.Library()


@dataclass(frozen=True)
class Forms:
    """How a language writes days with and without the year, moments, times, yen, rows."""

    weekdays: tuple[str, ...]
    date: str
    day: str
    moment: str
    time: str
    short: str
    yen: str
    months: tuple[str, ...]
    comma: str
    both: str


JAPANESE = Forms(
    tuple("月火水木金土日"),
    "{0.year}年{0.month}月{0.day}日（{1}）",
    "{0.month}月{0.day}日（{1}）",
    "{day}{time}",
    "{0:%H:%M}",
    "{0.month}/{0.day}",
    "{0:,}円",
    tuple(f"{month}月" for month in range(1, 13)),
    "、",
    "と",
)
FORMS = {
    "en": Forms(
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        "{0:%Y-%m-%d} ({1})",
        "{0:%Y-%m-%d} ({1})",
        "{day} {time}",
        "{0:%H:%M} JST",
        "{0:%Y-%m-%d}",
        "¥{0:,}",
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        ", ",
        " and ",
    ),
    "zh-hans": Forms(
        tuple(f"周{day}" for day in "一二三四五六日"),
        "{0.year}年{0.month}月{0.day}日（{1}）",
        "{0.month}月{0.day}日（{1}）",
        "{day}{time}",
        "{0:%H:%M}",
        "{0.month}/{0.day}",
        "{0:,}日元",
        tuple(f"{month}月" for month in range(1, 13)),
        "、",
        "和",
    ),
    "ko": Forms(
        tuple("월화수목금토일"),
        "{0.year}년 {0.month}월 {0.day}일({1})",
        "{0.month}월 {0.day}일({1})",
        "{day} {time}",
        "{0:%H:%M}",
        "{0.month}/{0.day}",
        "{0:,}엔",
        tuple(f"{month}월" for month in range(1, 13)),
        ", ",
        ", ",
    ),
}


def _forms() -> Forms:
    return FORMS.get(get_language() or "", JAPANESE)


def _day(value: date | datetime) -> date:
    return value.astimezone(JST).date() if isinstance(value, datetime) else value


def _last_minute(end: datetime) -> datetime:
    return end - timedelta(minutes=1)


def _last_day(end: date | datetime) -> date:
    return _day(end - timedelta(microseconds=1)) if isinstance(end, datetime) else end


@register.filter
def ja_date(value: date | datetime) -> str:
    """2023年4月30日（日）"""
    forms, day = _forms(), _day(value)
    return forms.date.format(day, forms.weekdays[day.weekday()])


@register.filter
def ja_day(value: date | datetime) -> str:
    """4月30日（日）, where the year is plain."""
    forms, day = _forms(), _day(value)
    return forms.day.format(day, forms.weekdays[day.weekday()])


@register.filter
def ja_time(value: datetime) -> str:
    """23:59, Japanese time; 23:59 JST in English."""
    return _forms().time.format(value.astimezone(JST))


@register.filter
def ja_moment(value: datetime) -> str:
    """2023年4月30日（日）23:59; 2023-04-30 (Sun) 23:59 JST"""
    return _forms().moment.format(day=ja_date(value), time=ja_time(value))


@register.filter
def until(end: datetime) -> str:
    """An exclusive end as its last minute: 5/1 00:00 reads 2023年4月30日（日）23:59 (Q1)."""
    return ja_moment(_last_minute(end))


@register.filter
def until_day(end: datetime) -> str:
    """An exclusive end as its last day without the year: 4月30日（日）"""
    return ja_day(_last_day(end))


@register.filter
def short_date(value: date | datetime) -> str:
    """4/30; 2023-04-30 in English"""
    return _forms().short.format(_day(value))


@register.filter
def until_short(end: datetime) -> str:
    """An exclusive end as its last day: 5/1 00:00 reads 4/30."""
    return short_date(_last_day(end))


@register.filter
def yen(amount: int) -> str:
    """1,730円; ¥1,730 in English"""
    return _forms().yen.format(amount)


@register.filter
def ja_month(number: int) -> str:
    """4月; Apr in English"""
    return _forms().months[number - 1]


@register.filter
def ja_days(days: Iterable[date]) -> str:
    """4月29日（土）と4月30日（日）"""
    return _forms().both.join(ja_day(day) for day in days)


@register.filter
def brands(of: Mapping[str, Brand]) -> str:
    """The names of the brands in a row."""
    return _forms().comma.join(brand.name for brand in of.values())
