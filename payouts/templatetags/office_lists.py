"""What the office's pages about payouts share: {% load office_lists %}."""

from collections.abc import Mapping
from datetime import timedelta

from django import template

from config.written import contact
from payouts import brakes, resending

register = template.Library()

register.filter("can_resend", resending.can)
register.filter("written", contact)


@register.simple_tag
def resend_reasons() -> dict[str, str]:
    """Why a link is sent anew."""
    return resending.REASONS


@register.filter
def words(text: str) -> list[str]:
    """A list out of a template."""
    return text.split()


@register.filter
def count_of(counts: Mapping[str, int], key: str) -> str:
    """1,234, from counts by state."""
    return f"{counts.get(key, 0):,}"


@register.filter
def grouped(number: int) -> str:
    """1,234"""
    return f"{number:,}"


@register.filter
def waited(age: timedelta) -> str:
    """How long something has waited: 12秒, 5分, 3時間, 2日."""
    seconds = max(0, int(age.total_seconds()))
    for size, word in ((86_400, "日"), (3600, "時間"), (60, "分")):
        if seconds >= size:
            return f"{seconds // size}{word}"
    return f"{seconds}秒"


@register.filter
def channel_word(channel: str) -> str:
    """SMS, メール"""
    return brakes.CHANNELS.get(channel, channel)
