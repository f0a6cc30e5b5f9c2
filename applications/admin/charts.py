"""Charts as SVG, drawn here by attributes alone: the content policy allows no style in a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDE, HIGH, FOOT, HEAD = 720, 150, 18, 14  # units of the drawing
BLUE, RED, GREY, PALE = "#0017c1", "#ce0000", "#595959", "#d9d9d9"
FEW, LABEL = 12, 15  # labels below the bars, half the width of one


@dataclass(frozen=True)
class Bar:
    """One column: its day, its count, and where its rows are."""

    day: date
    count: int
    address: str


def days(bars: list[Bar], until: date, label: str) -> SafeString:
    """Columns by day up to `until`, the last day in time, which has a red line behind it."""
    if not bars:
        return SafeString("")
    first, most = bars[0].day, max(bar.count for bar in bars) or 1
    span = max((until - first).days + 1, (bars[-1].day - first).days + 1)
    step = WIDE / span
    drawn = format_html_join(
        "",
        '<a href="{}"><rect x="{}" y="{}" width="{}" height="{}" fill="{}">'
        "<title>{}</title></rect></a>",
        (column(bar, first, most, step) for bar in bars if bar.count),
    )
    end = round(((until - first).days + 1) * step, 1)
    return format_html(
        '<svg viewBox="0 0 {} {}" role="group" aria-label="{}" class="chart">{}{}{}{}</svg>',
        WIDE,
        HEAD + HIGH + FOOT,
        label,
        drawn,
        format_html(
            '<line x1="0" y1="{0}" x2="{1}" y2="{0}" stroke="{2}"/>', HEAD + HIGH, WIDE, GREY
        ),
        marks(first, span, step),
        format_html(
            '<line x1="{0}" y1="0" x2="{0}" y2="{1}" stroke="{2}" stroke-width="2"/>'
            '<text x="{3}" y="11" font-size="11" text-anchor="end" fill="{2}">締切</text>',
            min(end, WIDE - 1),
            HEAD + HIGH,
            RED,
            min(end, WIDE - 1) - 4,
        ),
    )


def column(bar: Bar, first: date, most: int, step: float) -> tuple[object, ...]:
    """One bar: address, place, size, colour and words."""
    height = round(max(2.0, HIGH * bar.count / most), 1)
    left = round((bar.day - first).days * step + step * 0.1, 1)
    words = f"{bar.day.month}/{bar.day.day}　{bar.count:,}件"
    return bar.address, left, HEAD + HIGH - height, round(step * 0.8, 1), height, BLUE, words


def marks(first: date, span: int, step: float) -> SafeString:
    """Some of the days below the line."""
    every = -(-span // FEW)
    shown = ((n, first + timedelta(days=n)) for n in range(0, span, every))
    return format_html_join(
        "",
        '<text x="{}" y="{}" font-size="11" text-anchor="middle" fill="{}">{}/{}</text>',
        (
            (max(LABEL, round((n + 0.5) * step, 1)), HEAD + HIGH + 13, GREY, day.month, day.day)
            for n, day in shown
        ),
    )


def share(count: int, most: int) -> SafeString:
    """A bar of a funnel or of a stock, beside its number: how much of the most it is."""
    width = round(100 * count / most, 1) if most else 0
    return format_html(
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" class="share" aria-hidden="true">'
        '<rect width="100" height="10" fill="{}"/><rect width="{}" height="10" fill="{}"/></svg>',
        PALE,
        max(width, 1.0) if count else 0,
        BLUE,
    )


def filled(counts: dict[str, int], first: date, last: date) -> Iterable[tuple[date, int]]:
    """Every day from the first to the last, those without a count as nothing."""
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        yield day, counts.get(day.isoformat(), 0)
