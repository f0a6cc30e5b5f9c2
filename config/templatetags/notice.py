"""How days, moments, ends and yen read in Japanese: {% load notice %}."""

from datetime import date, datetime, timedelta

from django import template

from config.clock import JST

register = template.Library()
WEEKDAYS = "月火水木金土日"


def _day(value: date | datetime) -> date:
    return value.astimezone(JST).date() if isinstance(value, datetime) else value


def _last_minute(end: datetime) -> datetime:
    return end - timedelta(minutes=1)


def _last_day(end: date | datetime) -> date:
    return _day(end - timedelta(microseconds=1)) if isinstance(end, datetime) else end


@register.filter
def ja_date(value: date | datetime) -> str:
    """2023年4月30日（日）"""
    day = _day(value)
    return f"{day.year}年{ja_day(day)}"


@register.filter
def ja_day(value: date | datetime) -> str:
    """4月30日（日）, where the year is plain."""
    day = _day(value)
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


@register.filter
def ja_time(value: datetime) -> str:
    """23:59, Japanese time."""
    return f"{value.astimezone(JST):%H:%M}"


@register.filter
def ja_moment(value: datetime) -> str:
    """2023年4月30日（日）23:59"""
    return ja_date(value) + ja_time(value)


@register.filter
def until(end: datetime) -> str:
    """An exclusive end as its last minute: 5/1 00:00 reads 2023年4月30日（日）23:59 (Q1)."""
    return ja_moment(_last_minute(end))


@register.filter
def until_date(end: datetime) -> str:
    """An exclusive end as its last day: 2023年4月30日（日）"""
    return ja_date(_last_day(end))


@register.filter
def until_day(end: datetime) -> str:
    """An exclusive end as its last day without the year: 4月30日（日）"""
    return ja_day(_last_day(end))


@register.filter
def short_date(value: date | datetime) -> str:
    """4/30"""
    day = _day(value)
    return f"{day.month}/{day.day}"


@register.filter
def until_short(end: datetime) -> str:
    """An exclusive end as its last day: 5/1 00:00 reads 4/30."""
    return short_date(_last_day(end))


@register.filter
def yen(amount: int) -> str:
    """1,730円"""
    return f"{amount:,}円"
