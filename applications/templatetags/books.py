"""Figures and words of the money pages: {% load books %}."""

from django import template

from coupons.models import LateMovement
from payouts.models import Payout

register = template.Library()


@register.filter
def thousands(number: int) -> str:
    """1,234"""
    return f"{number:,}"


@register.filter
def late_state(state: str) -> str:
    """The office's word for a state of a late movement."""
    return dict(LateMovement.State.choices).get(state, state)


@register.filter
def road_label(road: str) -> str:
    """The office's word for a road."""
    return str(dict(Payout.Road.choices).get(road, road))


@register.filter
def is_number(value: object) -> bool:
    """Whether a cell is a figure."""
    return isinstance(value, int | float)


@register.filter
def figure(value: object) -> str:
    """A figure with its commas, a word as it is."""
    return f"{value:,}" if isinstance(value, int | float) else str(value)
