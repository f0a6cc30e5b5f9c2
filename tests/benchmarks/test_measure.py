"""How figures are made: turns inside a round, ratios of rounds, goals."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import measure


def result(**changes: object) -> measure.Result:
    seconds = {"bare": [1.0, 4.0, 2.0], "ours": [1.5, 4.0, 5.0]}
    return measure.Result(**{"name": "x", "rows": 10, "seconds": seconds} | changes)


def test_contenders_take_turns_in_rotated_order() -> None:
    told: list[str] = []
    contenders = [
        measure.Contender(name, lambda name=name: told.append(name), lambda: told.append("-"))
        for name in ("a", "b")
    ]
    seconds = measure.interleave(contenders, 2)
    assert told == ["-", "a", "-", "b", "-", "b", "-", "a"]
    assert [len(rounds) for rounds in seconds.values()] == [2, 2]


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    found = result()
    assert (found.ceiling, found.median("ours"), found.ratio("ours")) == ("bare", 4.0, 1.5)
    assert found.ratio("bare") == 1.0


@pytest.mark.parametrize(("goal", "missed"), [(1.5, []), (1.4, ["x: ours 1.50, goal 1.40"])])
def test_a_missed_goal_is_named(goal: float, missed: list[str]) -> None:
    assert result(goals={"ours": goal}).missed() == missed


def test_a_figure_over_its_limit_is_named() -> None:
    found = result(figures={"longest": 2.5}, limits={"longest": 2.0})
    assert found.missed() == ["x: longest 2.50, goal 2.00"]


def test_the_table_and_the_file_hold_the_same(tmp_path: Path) -> None:
    console = Console(record=True, width=120)
    found = result(goals={"ours": 1.2})
    measure.show([found], console)
    assert "MISSED" in console.export_text()
    kept = json.loads(measure.store(found, tmp_path).read_text())
    assert kept["ratios"] == {"bare": 1.0, "ours": 1.5}
    assert kept["missed"] == ["x: ours 1.50, goal 1.20"]
