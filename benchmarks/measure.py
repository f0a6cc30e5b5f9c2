"""Medians of interleaved rounds, and ratios to a ceiling of the same run.

The machine may be shared: a rate alone proves little. Contenders take turns inside each round, in
rotated order, and a ratio is the median of the rounds' ratios.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Act = Callable[[], object]


@dataclass(frozen=True)
class Contender:
    """Something timed: `run` after an untimed `prepare`. The first of a list is the ceiling."""

    name: str
    run: Act
    prepare: Act = lambda: None


@dataclass
class Result:
    """One benchmark: seconds by contender and round, a goal for each ratio, and other figures."""

    name: str
    rows: int
    seconds: dict[str, list[float]]
    goals: dict[str, float] = field(default_factory=dict)  # contender -> at most this ratio
    figures: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)  # figure -> at most this
    busy_cores: float = 0.0

    @property
    def ceiling(self) -> str:
        return next(iter(self.seconds))

    def median(self, contender: str) -> float:
        """Seconds, the median of the rounds."""
        return statistics.median(self.seconds[contender])

    def ratio(self, contender: str) -> float:
        """Times the ceiling, the median of the ratios inside each round."""
        pairs = zip(self.seconds[contender], self.seconds[self.ceiling], strict=True)
        return statistics.median(own / ceiling for own, ceiling in pairs)

    def missed(self) -> list[str]:
        """The goals that this run did not meet, in words."""
        ratios = {name: (self.ratio(name), goal) for name, goal in self.goals.items()}
        figures = {name: (self.figures[name], limit) for name, limit in self.limits.items()}
        return [
            f"{self.name}: {name} {found:.2f}, goal {goal:.2f}"
            for name, (found, goal) in (ratios | figures).items()
            if found > goal
        ]

    def as_json(self) -> dict[str, Any]:
        """What var/bench/<name>.json holds."""
        return {
            "name": self.name,
            "rows": self.rows,
            "seconds": self.seconds,
            "medians": {name: round(self.median(name), 3) for name in self.seconds},
            "ratios": {name: round(self.ratio(name), 3) for name in self.seconds},
            "goals": self.goals,
            "figures": self.figures,
            "limits": self.limits,
            "missed": self.missed(),
            "host_busy_cores": round(self.busy_cores, 2),
        }


def interleave(contenders: list[Contender], rounds: int) -> dict[str, list[float]]:
    """Seconds of every contender in every round, in rotated order."""
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for turn in range(rounds):
        shift = turn % len(contenders)
        for contender in [*contenders[shift:], *contenders[:shift]]:
            contender.prepare()
            began = time.perf_counter()
            contender.run()
            seconds[contender.name].append(round(time.perf_counter() - began, 4))
    return seconds


class Load:
    """How many cores of the machine were busy between two looks, ours and others'."""

    def __init__(self) -> None:
        self.began, self.busy = time.perf_counter(), self._jiffies()

    def cores(self) -> float:
        """Busy cores on average since the start; 0 where the system does not tell."""
        spent = (self._jiffies() - self.busy) / os.sysconf("SC_CLK_TCK")
        return spent / max(time.perf_counter() - self.began, 0.001)

    @staticmethod
    def _jiffies() -> int:
        stat = Path("/proc/stat")
        if not stat.exists():
            return 0
        user, nice, system, _, _, irq, soft, *_ = map(int, stat.read_text().split()[1:9])
        return user + nice + system + irq + soft


def show(results: list[Result], console: Console) -> None:
    """A readable table of all that was measured."""
    table = Table("benchmark", "rows", "what", "seconds", "ratio", "goal", "")
    for result in results:
        for name in result.seconds:
            goal = result.goals.get(name)
            ratio = result.ratio(name)
            table.add_row(
                result.name,
                f"{result.rows:,}",
                name,
                f"{result.median(name):.2f}",
                "ceiling" if name == result.ceiling else f"{ratio:.2f}",
                f"<= {goal:.2f}" if goal else "",
                "" if goal is None else "met" if ratio <= goal else "MISSED",
            )
        for name, figure in result.figures.items():
            limit = result.limits.get(name)
            table.add_row(
                result.name,
                "",
                name,
                str(figure),
                "",
                f"<= {limit}" if limit else "",
                "" if limit is None else "met" if figure <= limit else "MISSED",
            )
        table.add_row(result.name, "", "busy cores of the host", f"{result.busy_cores:.1f}")
    console.print(table)


def store(result: Result, folder: Path) -> Path:
    """Write var/bench/<name>.json."""
    path = folder / f"{result.name}.json"
    path.write_text(json.dumps(result.as_json(), ensure_ascii=False, indent=2) + "\n")
    return path
