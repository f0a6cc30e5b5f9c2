"""Write the tables of docs/scaling.md: measured costs, and what they mean for a scheme by its size.

    python -m benchmarks.capacity [FOLDER]

FOLDER (var/bench) holds the JSON of `python -m benchmarks`. A cost without its JSON stays as the
page has it; the second table is worked out from the first one.
"""

import json
import math
import re
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent
PAPER = BASE / "docs" / "scaling.md"
MILLION = 1_000_000
BUSY = 0.5  # share of a core that may be busy at the peak: twice the expected rush still fits
VIEWS = 20  # pages that are read for each application, by all who come
RATE = 100  # messages a second that the providers take together

Json = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """One measured cost: its key, the benchmark's JSON, how to read it, its unit."""

    key: str
    benchmark: str
    read: Callable[[Json], float]
    unit: str


def seconds_a_million(contender: str) -> Callable[[Json], float]:
    """Seconds that a contender takes for a million rows."""
    return lambda found: statistics.median(found["seconds"][contender]) / found["rows"] * MILLION


def milliseconds(found: Json) -> float:
    """Ours, in milliseconds."""
    return statistics.median(found["seconds"]["hosho"]) * 1000


def rate(figure: str) -> Callable[[Json], float]:
    """A figure that is a rate."""
    return lambda found: found["figures"][figure]


COSTS = (
    Cost("journey", "submission", milliseconds, "ms of CPU an application, nine requests"),
    Cost("page", "landing", milliseconds, "ms a public page"),
    Cost("import", "import", seconds_a_million("first import"), "s a million coupons"),
    Cost("seal", "seal", seconds_a_million("seal"), "s a million coupons"),
    Cost(
        "opening", "opening", seconds_a_million("open_for_app_holders"), "s a million app holders"
    ),
    Cost("release", "release", seconds_a_million("release_due"), "s a million payouts"),
    Cost("dispatch", "dispatch", rate("messages a second at 0 ms"), "messages a second"),
    Cost("redemption", "redemption", rate("acts a second"), "choices a second, one stock"),
    Cost("bankfile", "bankfile", seconds_a_million("bank file"), "s a million records"),
)


@dataclass(frozen=True)
class Scheme:
    """A size: coupons, applications, the shares of them in the first and in the last hour."""

    name: str
    coupons: int
    applications: int
    first_hour: float
    last_hour: float


SCHEMES = (
    Scheme("one prefecture", 40_000, 4_000, 0.10, 0.08),
    Scheme("26 prefectures, this notice", 1_000_000, 100_000, 0.10, 0.08),
    Scheme("the whole country in one day", 10_000_000, 1_000_000, 0.15, 0.10),
)
FIRST_RUSH, LAST_RUSH = 3, 2  # the worst five minutes of the hour over its mean


def peak(scheme: Scheme, share: float, rush: float) -> float:
    """Applications a second in the worst five minutes of an hour."""
    return scheme.applications * share * rush / 3600


def cores(a_second: float, journey_ms: float, page_ms: float) -> float:
    """Cores for so many applications a second and the pages read beside them."""
    return a_second * (journey_ms + VIEWS * page_ms) / 1000 / BUSY


def costs_of(text: str) -> dict[str, float]:
    """The measured costs that the page names."""
    rows = re.findall(r"^\| `(\w+)` \| ([\d.,]+) \|", text, re.M)
    return {key: float(value.replace(",", "")) for key, value in rows}


def measured(text: str, folder: Path) -> str:
    """The page with the costs whose JSON is there."""
    for cost in COSTS:
        path = folder / f"{cost.benchmark}.json"
        if path.exists():
            found = json.loads(path.read_text())
            how = f"{cost.benchmark}.json, {found['rows']:,} rows"
            how += f", {found['host_busy_cores']} cores of the host busy"
            row = f"| `{cost.key}` | {figure(cost.read(found))} | {cost.unit} | {how} |"
            text = re.sub(rf"^\| `{cost.key}` \|.*$", row, text, flags=re.M)
    return text


def figure(value: float) -> str:
    """Three digits that count."""
    places = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{places}f}"


def schemes(text: str) -> str:
    """The page with what its costs mean for each size."""
    table = ["| | " + " | ".join(each.name for each in SCHEMES) + " |"]
    table.append("|---|" + "---|" * len(SCHEMES))
    cells = [rows_of(scheme, costs_of(text)) for scheme in SCHEMES]
    for label in cells[0]:
        table.append(f"| {label} | " + " | ".join(each[label] for each in cells) + " |")
    begin, end = "<!-- schemes -->\n", "<!-- /schemes -->"
    before, rest = text.split(begin)
    return before + begin + "\n".join(table) + "\n" + end + rest.partition(end)[2]


def rows_of(scheme: Scheme, cost: dict[str, float]) -> dict[str, str]:
    """One column of the second table."""
    first = peak(scheme, scheme.first_hour, FIRST_RUSH)
    last = peak(scheme, scheme.last_hour, LAST_RUSH)
    millions = scheme.coupons / MILLION
    return {
        "coupons": f"{scheme.coupons:,}",
        "applications": f"{scheme.applications:,}",
        "opening: applications a second": figure(first),
        "opening: pages a second": figure(first * VIEWS),
        "opening: cores": figure(cores(first, cost["journey"], cost["page"])),
        "last hour: applications a second": figure(last),
        "last hour: cores": figure(cores(last, cost["journey"], cost["page"])),
        "import and seal, minutes": figure(millions * (cost["import"] + cost["seal"]) / 60),
        "opening the payouts, minutes": figure(millions * cost["opening"] / 60),
        f"all links at {RATE} a second, hours": figure(scheme.coupons / RATE / 3600),
        "links at what the workers manage, hours": figure(scheme.coupons / cost["dispatch"] / 3600),
    }


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else BASE / "var" / "bench"
    PAPER.write_text(schemes(measured(PAPER.read_text(encoding="utf-8"), folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
