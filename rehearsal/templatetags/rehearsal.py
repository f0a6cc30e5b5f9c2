"""How figures read and where a bar's number stands, in the report: {% load rehearsal %}."""

from django import template

register = template.Library()
BESIDE = 140  # from the picture's left edge to the first number beside a bar


@register.filter
def grouped(value: float) -> str:
    """A number with its thousands apart."""
    return f"{value:,}"


@register.filter
def times(count: int, height: int) -> int:
    """The height of so many rows."""
    return count * height


@register.filter
def beside(length: float) -> float:
    """Where the number to the right of a bar begins."""
    return length + BESIDE
