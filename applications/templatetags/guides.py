"""Readings above kanji for the page in やさしい日本語: {% load guides %}."""

import re
from datetime import date, datetime, timedelta

from django import template
from django.utils.safestring import SafeString, mark_safe

from config.clock import JST

register = template.Library()

# 漢字《かんじ》, or ｜何か《なにか》 where the base is more than the kanji just before.
READING = re.compile(r"(?:｜([^｜《》<>]+)|([一-鿿々]+))《([ぁ-ん]+)》")
WEEKDAYS = (
    "げつようび",
    "かようび",
    "すいようび",
    "もくようび",
    "きんようび",
    "どようび",
    "にちようび",
)
KANJI = "月火水木金土日"
DAYS = {
    1: "ついたち",
    2: "ふつか",
    3: "みっか",
    4: "よっか",
    5: "いつか",
    6: "むいか",
    7: "なのか",
    8: "ようか",
    9: "ここのか",
    10: "とおか",
    14: "じゅうよっか",
    20: "はつか",
    24: "にじゅうよっか",
}


@register.filter(is_safe=True)
def ruby(text: str) -> SafeString:
    """The readings of a text as <ruby>; for {% filter ruby %} around a part of a page."""
    return mark_safe(READING.sub(r"<ruby>\1\2<rt>\3</rt></ruby>", text))


@register.filter
def easy_date(value: date | datetime) -> str:
    """2023年《ねん》4月《がつ》30日《にち》（日曜日《にちようび》）"""
    day = value.astimezone(JST).date() if isinstance(value, datetime) else value
    read = DAYS.get(day.day)
    number = f"｜{day.day}日《{read}》" if read else f"{day.day}日《にち》"
    weekday = f"{KANJI[day.weekday()]}曜日《{WEEKDAYS[day.weekday()]}》"
    return f"{day.year}年《ねん》{day.month}月《がつ》{number}（{weekday}）"


@register.filter
def easy_moment(value: datetime) -> str:
    """The day of a moment, and its time as 10:00"""
    return f"{easy_date(value)}{value.astimezone(JST):%H:%M}"


@register.filter
def easy_until(end: datetime) -> str:
    """An exclusive end as its last minute (Q1)."""
    return easy_moment(end - timedelta(minutes=1))
