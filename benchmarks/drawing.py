"""Log-log pictures as SVG: one panel, or many on a sheet; lines told apart by dash and mark.

Text stays text, grey is enough, and they stand alone: no script, no style sheet, and no font or
picture from elsewhere.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

INK, QUIET, GRID = "#14202b", "#4a5866", "#d5dbe1"
STROKES = {
    "ours": f'stroke="{INK}" stroke-width="2.6"',
    "also ours": f'stroke="{INK}" stroke-width="1.1"',
    "ceiling": f'stroke="{QUIET}" stroke-width="1.6" stroke-dasharray="8 4"',
    "gate": f'stroke="{QUIET}" stroke-width="1.6" stroke-dasharray="1.5 3.5"',
}
STEPS = (1, 2, 5)
APART = 15  # pixels between two labels at the end of lines
INSET = 12  # pixels between the frame and the first and last decade
NEAR = 0.01  # of a decade: 999,999 rows end at the million

Dot = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line through (rows, microseconds), what it is, and the words at its end."""

    kind: str
    dots: tuple[Dot, ...]
    label: str = ""


@dataclass(frozen=True)
class Panel:
    """Lines on the same axes: a title, and what one dot costs (`a coupon`)."""

    title: str
    below: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Frame:
    """Where a panel's axes stand, in pixels, and what they span."""

    left: float
    top: float
    width: float
    height: float
    rows: Dot
    cost: Dot

    def x(self, rows: float) -> float:
        inner = self.width - 2 * INSET
        return round(self.left + INSET + inner * share(rows, self.rows), 1)

    def y(self, cost: float) -> float:
        return round(self.top + self.height * (1 - share(cost, self.cost)), 1)


def share(value: float, span: Dot) -> float:
    """How far a value lies on a logarithmic span, 0 to 1."""
    low, high = map(math.log10, span)
    return (math.log10(value) - low) / (high - low)


def decades(values: list[float]) -> Dot:
    """The powers of ten around values, at least one decade."""
    low = math.floor(math.log10(min(values)) + NEAR)
    high = max(math.ceil(math.log10(max(values)) - NEAR), low + 1)
    return 10.0**low, 10.0**high


def steps(low: float, high: float) -> list[float]:
    """1, 2, 5, 10 ... from the last one below to the first one above."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = [step * 10.0**power for power in range(first, last + 1) for step in STEPS]
    below = max(each for each in every if each <= low)
    above = min(each for each in every if each >= high)
    return [each for each in every if below <= each <= above]


def picture(panel: Panel) -> str:
    """One panel with every line named at its end."""
    parts = drawn(panel, 0, 0, (720, 400), spanned([panel]), end=210)
    return sheet(720, 400, panel.title, parts)


def overview(title: str, panels: list[Panel], columns: int = 3) -> str:
    """All panels on one sheet, on the same axis of rows, under one legend."""
    wide, high, head = 335, 225, 70
    span = spanned(panels)
    parts = [text(20, 28, title, size=17, weight="bold"), *legend(20, 52)]
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        parts += drawn(panel, column * wide, head + row * high, (wide, high), span, end=58)
    return sheet(columns * wide, head + high * math.ceil(len(panels) / columns), title, parts)


def spanned(panels: list[Panel]) -> Dot:
    """The rows that panels span together."""
    return decades([rows for panel in panels for line in panel.lines for rows, _ in line.dots])


def sheet(width: int, height: int, title: str, parts: list[str]) -> str:
    begin = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12">'
    )
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([begin, paper, *parts, "</svg>", ""])


def drawn(panel: Panel, x: float, y: float, size: Dot, rows: Dot, end: float) -> list[str]:
    """A panel at a place; `end` pixels at its right are for the words of the lines."""
    ticks = steps(*around([cost for line in panel.lines for _, cost in line.dots]))
    frame = Frame(x + 62, y + 50, size[0] - 62 - end, size[1] - 82, rows, (ticks[0], ticks[-1]))
    parts = [text(x + 20, y + 20, panel.title, size=14, weight="bold")]
    parts.append(text(x + 20, y + 37, panel.below, fill=QUIET))
    parts += axes(frame, ticks)
    for line in panel.lines:
        parts += stroke(line, frame)
    return parts + ends(panel.lines, frame)


def around(costs: list[float]) -> Dot:
    """A little more than the costs, so that no line lies on the frame."""
    return min(costs) / 1.3, max(costs) * 1.3


def axes(frame: Frame, ticks: list[float]) -> list[str]:
    """The grid with its figures: rows below, cost at the left."""
    parts = []
    foot, right = frame.top + frame.height, frame.left + frame.width
    some = ticks if len(ticks) <= 7 else [each for each in ticks if math.log10(each) % 1 == 0]
    for cost in some:
        y = frame.y(cost)
        parts.append(f'<path d="M{frame.left:g} {y:g}H{right:g}" stroke="{GRID}"/>')
        parts.append(text(frame.left - 6, y + 4, told(cost), fill=QUIET, anchor="end"))
    low, high = (round(math.log10(each)) for each in frame.rows)
    for power in range(low, high + 1):
        x = frame.x(10.0**power)
        parts.append(f'<path d="M{x:g} {frame.top:g}V{foot:g}" stroke="{GRID}"/>')
        parts.append(text(x, foot + 18, counted(10**power), fill=QUIET, anchor="middle"))
    return parts


def stroke(line: Line, frame: Frame) -> list[str]:
    """A line and the mark of each of its dots."""
    dots = [(frame.x(rows), frame.y(cost)) for rows, cost in sorted(line.dots)]
    points = " ".join(f"{x:g},{y:g}" for x, y in dots)
    parts = []
    if len(dots) > 1:
        parts.append(f'<polyline points="{points}" fill="none" {STROKES[line.kind]}/>')
    return parts + [mark(line.kind, x, y) for x, y in dots]


def mark(kind: str, x: float, y: float) -> str:
    """Ours a disc or a ring, the ceiling a square, the gate a bar."""
    if kind == "gate":
        return f'<path d="M{x - 9:g} {y:g}h18" stroke="{QUIET}" stroke-width="2"/>'
    if kind == "ceiling":
        return (
            f'<rect x="{x - 3.5:g}" y="{y - 3.5:g}" width="7" height="7" fill="#ffffff" '
            f'stroke="{QUIET}" stroke-width="1.6"/>'
        )
    fill = INK if kind == "ours" else "#ffffff"
    return f'<circle cx="{x:g}" cy="{y:g}" r="4" fill="{fill}" stroke="{INK}" stroke-width="1.2"/>'


def ends(lines: tuple[Line, ...], frame: Frame) -> list[str]:
    """The words at the end of each line, beside its last dot, none over another."""
    named = [(frame.y(max(line.dots)[1]) + 4, line) for line in lines if line.label]
    named.sort(key=lambda pair: pair[0])
    places = [place for place, _ in named]
    for upper, lower in pairwise(range(len(places))):
        places[lower] = max(places[lower], places[upper] + APART)
    return [
        text(frame.x(max(line.dots)[0]) + 13, place, line.label, weight=weight(line))
        for place, (_, line) in zip(places, named, strict=True)
    ]


def weight(line: Line) -> str:
    return "bold" if line.kind == "ours" else "normal"


def legend(x: float, y: float) -> list[str]:
    """What the three kinds of lines are."""
    parts = []
    names = {
        "ours": "ours; the figure is times the ceiling",
        "ceiling": "the ceiling of the same run",
        "gate": "the gate",
    }
    for kind, words in names.items():
        parts.append(f'<path d="M{x:g} {y:g}h44" fill="none" {STROKES[kind]}/>')
        parts.append(mark(kind, x + 22, y))
        parts.append(text(x + 52, y + 4, words))
        x += 84 + 6.2 * len(words)
    return parts


def told(cost: float) -> str:
    """Microseconds in the unit in which they are short, three digits."""
    for least, unit in ((1e6, "s"), (1e3, "ms")):
        if cost >= least * 0.9995:
            return f"{cost / least:.3g} {unit}"
    return f"{cost:.3g} µs"


def counted(rows: int) -> str:
    """10 k, 100 k, 1 M."""
    for least, unit in ((1_000_000, " M"), (1_000, " k")):
        if rows >= least:
            return f"{rows // least}{unit}"
    return str(rows)


def text(
    x: float,
    y: float,
    words: str,
    fill: str = INK,
    size: int = 12,
    weight: str = "normal",
    anchor: str = "start",
) -> str:
    more = f' font-size="{size}"' if size != 12 else ""
    more += f' font-weight="{weight}"' if weight != "normal" else ""
    more += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}"{more}>{escape(words)}</text>'
