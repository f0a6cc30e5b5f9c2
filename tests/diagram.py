"""Draws docs/architecture.md's picture and its list of rooms out of the code: `make papers`.

The picture has one box a room (a package's layer), drawn from top (who asks) to bottom (what
everything stands on), and one line where a module of one room imports a module of another.
`tests/test_architecture.py` holds both against the code.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.house import ROOT

PACKAGES = ("rehearsal", "applications", "payouts", "coupons", "config")
LAYERS = ("doors", "forms", "acts", "models")
DOORS = ("admin", "views", "urls", "tasks", "management", "templatetags", "apps")
NAMES = {
    "doors": "views · admin · tasks",
    "forms": "forms · validators",
    "acts": "acts",
    "models": "models",
    "outbound": "outbound",
    "wiring": "notice · clock · jobs · states · cipher",
    "stage": "the whole calendar with people made from a seed; no part of production",
}
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"
PAPER = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: make papers -->", "<!-- /rooms -->"
WIDTH, HEIGHT, LEFT, TOP, ROW, COLUMN = 960, 702, 30, 60, 92, 235
WHOLE = ("rehearsal", "config")  # one box each, over the whole width


def modules() -> list[Path]:
    """Every module of the packages but migrations and empty ones."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts and path.stat().st_size]


def room_of(name: str) -> tuple[str, str] | None:
    """Package and layer of a dotted module name."""
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return None
    second = parts[1] if len(parts) > 1 else ""
    if parts[0] == "config":
        return ("config", "wiring")
    if parts[0] == "rehearsal":
        return ("rehearsal", "stage")
    if second == "outbound":
        return ("payouts", "outbound")
    if second in DOORS:
        return (parts[0], "doors")
    if second in ("forms", "validators"):
        return (parts[0], "forms")
    return (parts[0], "models" if second == "models" else "acts")


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    """What a module imports, dotted, as deep as it says."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def lines() -> Counter[tuple[tuple[str, str], tuple[str, str]]]:
    """(room, room it imports from) -> how many modules do."""
    found: Counter[tuple[tuple[str, str], tuple[str, str]]] = Counter()
    for path in modules():
        here = room_of(dotted(path))
        there = {room for name in imported(path) if (room := room_of(name)) and room != here}
        if here:
            found.update((here, room) for room in there)
    return found


def place(room: tuple[str, str]) -> tuple[int, int]:
    """The upper left corner of a room's box."""
    package, layer = room
    column = ("applications", "payouts", "coupons").index(package) if package not in WHOLE else 0
    order = ("stage", "doors", "forms", "acts", "outbound", "models", "wiring")
    rows = {layer: row for row, layer in enumerate(order)}
    return LEFT + column * (COLUMN + 90), TOP + rows[layer] * ROW


def picture() -> str:
    """The SVG, the same for the same code."""
    edges = lines()
    rooms = sorted({room for edge in edges for room in edge}, key=lambda room: place(room)[::-1])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" '
        'markerWidth="9" markerHeight="9" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#5b6b7b"/></marker></defs>',
        '<text x="30" y="28" font-size="16" fill="#14202b">Who imports whom: every line leads '
        "down or to the right, none back</text>",
    ]
    for (here, there), count in sorted(edges.items()):
        if there[0] != "config":  # everything stands on it; the box says so
            parts.append(arrow(here, there, count))
    parts += [box(room) for room in rooms]
    return "\n".join([*parts, "</svg>", ""])


def size(room: tuple[str, str]) -> tuple[int, int]:
    return (WIDTH - 2 * LEFT, 52) if room[0] in WHOLE else (COLUMN, 52)


def box(room: tuple[str, str]) -> str:
    """One room with its name and how many modules it has."""
    (x, y), (width, height) = place(room), size(room)
    count = sum(room_of(dotted(path)) == room for path in modules())
    fill = {"applications": "#e6f0fa", "payouts": "#e9f5ec", "coupons": "#fdf3e1"}
    title, below = room[0], f"{NAMES[room[1]]} ({count})"
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" '
        f'fill="{fill.get(room[0], "#eceff2")}" stroke="#5b6b7b"/>'
        f'<text x="{x + 12}" y="{y + 21}" font-weight="bold" fill="#14202b">{title}</text>'
        f'<text x="{x + 12}" y="{y + 40}" fill="#14202b">{below}</text>'
    )


def arrow(here: tuple[str, str], there: tuple[str, str], count: int) -> str:
    """A line from one room to another, wider for more modules."""
    (x1, y1), (x2, y2) = place(here), place(there)
    (w1, h1), (w2, _) = size(here), size(there)
    width = 1 + min(count, 30) / 12
    if here[0] == "rehearsal":
        points = f"M{x2 + w1 / 20} {y1 + h1} L{x2 + w1 / 20} {y2}"
    elif here[0] == there[0]:
        far = (y2 - y1) > ROW
        bend = x1 + w1 + 22 if far else x1 + w1 / 2
        points = (
            f"M{x1 + w1} {y1 + h1 / 2} C{bend} {y1 + h1 / 2} {bend} {y2 + 26} {x2 + w2} {y2 + 26}"
            if far
            else f"M{x1 + w1 / 2} {y1 + h1} L{x2 + w2 / 2} {y2}"
        )
    else:
        points = f"M{x1 + w1} {y1 + h1 / 2} L{x2} {y2 + 26}"
    return (
        f'<path d="{points}" fill="none" stroke="#5b6b7b" stroke-opacity="0.55" '
        f'stroke-width="{width:.1f}" marker-end="url(#tip)"/>'
    )


def rooms() -> str:
    """Each module with the first line of its docstring, by room, as Markdown."""
    parts = []
    for package in reversed(PACKAGES):
        parts.append(f"\n### {package}\n")
        for path in modules():
            if path.relative_to(ROOT).parts[0] == package and "commands" not in path.parts:
                told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
                if told:
                    parts.append(f"- `{path.relative_to(ROOT)}`: {told.splitlines()[0]}")
    return "\n".join([BEGIN, *parts, "", END])


def paper() -> str:
    """The paper with its list of rooms as the code has it now."""
    text = PAPER.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    return before + rooms() + rest.split(END)[1]


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAPER.write_text(paper(), encoding="utf-8")
