"""Cost as the work grows: `python -m benchmarks curves`, from kept JSON to a table and pictures.

A point is one run of a benchmark at one size: microseconds a row (of the office's list: a page),
ours and the ceiling's. Flat means that twice the work takes twice the time, of a page that it does
not matter how many rows there are. Nothing here needs an engine.
"""

import json
import re
import statistics
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from benchmarks import drawing
from benchmarks.capacity import PAPER, figure
from benchmarks.drawing import Line, Panel

PICTURE = PAPER.parent / "pictures" / "curves.svg"
SIZES = [10_000, 100_000, 1_000_000]
TITLE = "Cost as the work grows"
BEGIN, END = "<!-- curves -->\n", "<!-- /curves -->"
HEADS = (
    "benchmark",
    "ours",
    "ceiling",
    "rows",
    "µs",
    "ceiling's µs",
    "times",
    "gate",
    "busy cores",
)
REQUESTS = "requests a timing"  # the figure of a benchmark whose timings are of pages

FINEST = 0.0001  # seconds

Json = dict[str, Any]


@dataclass(frozen=True)
class Curve:
    """A benchmark whose cost depends on rows: our lines, the first one with the gate; of what."""

    name: str
    lines: tuple[str, ...]
    unit: str
    most: int = 10_000_000  # rows; what is larger runs at this size
    part: float = 1.0  # its rows as a share of those asked for


CURVES = {
    curve.name: curve
    for curve in (
        Curve("import", ("first import", "the same files again"), "a coupon"),
        Curve("seal", ("seal",), "a coupon"),
        Curve("balances", ("sealed_balances",), "a coupon"),
        Curve("opening", ("open_for_app_holders",), "an app holder"),
        Curve("release", ("release_due",), "a payout"),
        Curve("dispatch", ("dispatch at 50 ms",), "a message", most=100_000),
        Curve("bankfile", ("bank file",), "a record", most=999_999),
        Curve(
            "lists", ("first page", "search: receipt number", "search: name"), "a page of the list"
        ),
        Curve("doubles", ("suspects",), "a coupon"),
        Curve("matching", ("rematch", "rematch again"), "a claim", part=0.1),
        Curve("books", ("reconcile",), "a coupon"),
    )
}


@dataclass(frozen=True)
class Point:
    """One line of one benchmark at one size; costs in microseconds."""

    name: str
    line: str
    ceiling: str
    rows: int
    cost: float
    ceilings: float
    ratio: float
    goal: float | None
    busy: float

    @property
    def missed(self) -> bool:
        return self.goal is not None and self.ratio > self.goal

    def cells(self) -> list[str]:
        """The point as a row of the table, figures with three digits."""
        return [
            self.name,
            self.line,
            self.ceiling,
            f"{self.rows:,}",
            figure(self.cost),
            figure(self.ceilings),
            f"{self.ratio:.2f}",
            "" if self.goal is None else f"{self.goal:.2f}",
            f"{self.busy:.1f}",
        ]


def sizes_of(curve: Curve, sizes: list[int]) -> list[int]:
    """The sizes at which a benchmark runs, each once, never above what it can do."""
    return sorted({min(size, curve.most) for size in sizes})


def kept(folder: Path) -> list[Point]:
    """The points of all JSON in a folder and one below; of two of one size the newer counts."""
    found: dict[tuple[str, int], Json] = {}
    paths = [*folder.glob("*.json"), *folder.glob("*/*.json")]
    for path in sorted(paths, key=lambda each: each.stat().st_mtime_ns):
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("name") in CURVES:
            found[told["name"], told["rows"]] = told
    points = [point for told in found.values() for point in points_of(told)]
    return sorted(points, key=ordered)


def ordered(point: Point) -> tuple[int, int, int]:
    """As CURVES has them, then by line, then by rows."""
    lines = CURVES[point.name].lines
    return list(CURVES).index(point.name), lines.index(point.line), point.rows


def median(rounds: list[float]) -> float:
    """Seconds; what the clock of the JSON is too coarse for counts as half its finest step."""
    return max(statistics.median(rounds), FINEST / 2)


def points_of(told: Json) -> list[Point]:
    """The points of one run's JSON."""
    ceiling = next(iter(told["seconds"]))
    each = 1e6 / told["figures"].get(REQUESTS, told["rows"])
    return [
        Point(
            told["name"],
            line,
            ceiling,
            told["rows"],
            round(median(told["seconds"][line]) * each, 4),
            round(median(told["seconds"][ceiling]) * each, 4),
            told["ratios"][line],
            told["goals"].get(line),
            told["host_busy_cores"],
        )
        for line in CURVES[told["name"]].lines
        if line in told["seconds"]
    ]


def table(points: list[Point]) -> Table:
    """A row a line, a column a size: what a row (or a page) costs, and times the ceiling."""
    sizes = sorted({size_of(point) for point in points})
    heads = [drawing.counted(size) for size in sizes]
    shown = Table("", *heads, "gate", "", title=TITLE, box=box.SIMPLE)
    for (name, line), group in groupby(points, key=lambda point: (point.name, point.line)):
        ours = list(group)
        cells = {size_of(each): f"{drawing.told(each.cost)} {each.ratio:.2f}×" for each in ours}
        goal = next((each.goal for each in ours if each.goal), None)
        met = "MISSED" if any(each.missed for each in ours) else "met" if goal else ""
        gate = f"{goal:.2f}×" if goal else ""
        label = name if line == CURVES[name].lines[0] else f"  {line}"
        shown.add_row(label, *(cells.get(each, "") for each in sizes), gate, met)
    return shown


def size_of(point: Point) -> int:
    """The size asked for, two digits: 999,999 stand with the million, so do 100,001 claims."""
    return int(float(f"{point.rows / CURVES[point.name].part:.1e}"))


def missing(points: list[Point]) -> str:
    """In words: which of the usual sizes of which benchmark nobody has measured yet."""
    found = {(point.name, size_of(point)) for point in points}
    told = []
    for curve in CURVES.values():
        sizes = [
            size for size in sizes_of(curve, SIZES) if (curve.name, round(size, -1)) not in found
        ]
        if sizes:
            told.append(
                f"{curve.name} at {', '.join(drawing.counted(round(s, -1)) for s in sizes)}"
            )
    return f"Not measured yet: {'; '.join(told)}." if told else "Measured at every size."


def panel(points: list[Point], full: bool) -> Panel:
    """A benchmark's points as lines; `full` names each of them and has our further lines."""
    curve = CURVES[points[0].name]
    lines: list[Line] = []
    for name, group in groupby(points, key=lambda point: point.line):
        ours = list(group)
        first = name == curve.lines[0]
        if first or full:
            label = f"{name} {ours[-1].ratio:.2f}×" if full else f"{ours[-1].ratio:.2f}×"
            dots = tuple((point.rows, point.cost) for point in ours)
            lines.append(Line("ours" if first else "also ours", dots, label))
        if first:
            lines += against(ours, full)
    return Panel(curve.name, f"{curve.unit}, against {points[0].ceiling}", tuple(lines))


def against(ours: list[Point], full: bool) -> list[Line]:
    """The ceiling, and the gate where there is one."""
    dots = tuple((point.rows, point.ceilings) for point in ours)
    gate = tuple((point.rows, point.ceilings * point.goal) for point in ours if point.goal)
    lines = [Line("ceiling", dots, ours[0].ceiling if full else "")]
    if gate:
        lines.append(Line("gate", gate, f"gate {ours[-1].goal:.2f}×" if full else ""))
    return lines


def by_name(points: list[Point]) -> dict[str, list[Point]]:
    """Points by benchmark, in order."""
    return {name: list(group) for name, group in groupby(points, key=lambda point: point.name)}


def overview(points: list[Point]) -> str:
    """One sheet with a panel a benchmark."""
    panels = [panel(group, full=False) for group in by_name(points).values()]
    return drawing.overview(TITLE, panels)


def draw(points: list[Point], folder: Path) -> list[Path]:
    """A picture a benchmark and the overview `curves.svg` into a folder."""
    pictures = {
        name: drawing.picture(panel(group, full=True)) for name, group in by_name(points).items()
    }
    written = []
    for name, svg in {**pictures, "curves": overview(points)}.items():
        written.append(folder / f"{name}.svg")
        written[-1].write_text(svg, encoding="utf-8")
    return written


def in_paper(text: str, points: list[Point]) -> str:
    """The page with the table of these points, and what is missing in it."""
    rows = [HEADS, ["---"] * len(HEADS), *(point.cells() for point in points)]
    told = "".join(f"| {' | '.join(row)} |\n" for row in rows) + f"\n{missing(points)}\n"
    before, rest = text.split(BEGIN)
    return before + BEGIN + told + END + rest.partition(END)[2]


def of_paper(text: str) -> list[Point]:
    """The points that the page's table tells."""
    told = text.partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| *(.*?) *\|$", told, re.M)[2:]
    return [point_of(re.split(r" *\| *", row)) for row in rows]


def point_of(cells: list[str]) -> Point:
    """A row of the page's table."""
    name, line, ceiling, rows, *figures = cells
    cost, ceilings, ratio, goal, busy = (
        float(each.replace(",", "")) if each else None for each in figures
    )
    return Point(name, line, ceiling, int(rows.replace(",", "")), cost, ceilings, ratio, goal, busy)


def publish(points: list[Point]) -> None:
    """Write the table of docs/scaling.md, and its picture from that table."""
    text = in_paper(PAPER.read_text(encoding="utf-8"), points)
    PAPER.write_text(text, encoding="utf-8")
    PICTURE.write_text(overview(of_paper(text)), encoding="utf-8")
