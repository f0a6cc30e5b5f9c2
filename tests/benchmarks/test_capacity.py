"""The tables of docs/scaling.md follow from each other and from the benchmarks' JSON."""

import json
from pathlib import Path

import pytest

from benchmarks import capacity, rush

PAPER = capacity.PAPER.read_text(encoding="utf-8")


def test_the_page_names_every_cost_and_no_other() -> None:
    assert list(capacity.costs_of(PAPER)) == [cost.key for cost in capacity.COSTS]


def test_the_second_table_follows_from_the_first() -> None:
    assert capacity.schemes(PAPER) == PAPER


def test_a_cost_is_taken_from_its_json_and_the_others_stay(tmp_path: Path) -> None:
    told = {"rows": 500_000, "seconds": {"seal": [4.0, 5.0, 9.0]}, "host_busy_cores": 1.5}
    (tmp_path / "seal.json").write_text(json.dumps(told))
    found = capacity.measured(PAPER, tmp_path)
    row = "| `seal` | 10.0 | s a million coupons | seal.json, 500,000 rows,"
    row += " 1.5 cores of the host busy |"
    assert [line for line in found.splitlines() if line not in PAPER.splitlines()] == [row]


def test_cores_grow_with_the_rush_and_its_costs() -> None:
    assert capacity.peak(capacity.SCHEMES[2], 0.15, 3) == 125
    assert capacity.cores(125, 16, 0) == pytest.approx(4.0)
    assert capacity.cores(1, 0, 1) == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("value", "written"), [(0.01234, "0.0123"), (9.876, "9.88"), (316, "316"), (8948, "8,948")]
)
def test_figures_keep_three_digits(value: float, written: str) -> None:
    assert capacity.figure(value) == written


def test_a_rush_waits_for_nobody_and_counts_from_the_wanted_moment() -> None:
    found = rush.rush(lambda: None, [0.0, 0.01, 0.02])
    assert (len(found.waited), found.failed) == (3, [])
    assert found.percentile(0.99) == max(found.waited)


def test_who_fails_is_told_and_nobody_else_suffers() -> None:
    turns = iter([RuntimeError("POST /apply/: 503"), None])

    def journey() -> None:
        if (error := next(turns)) is not None:
            raise error

    found = rush.rush(journey, [0.0, 0.01])
    assert found.failed == ["RuntimeError: POST /apply/: 503"]
    assert len(found.waited) == 1


def test_arrivals_are_as_many_as_asked_and_the_same_again() -> None:
    found = rush.moments(100, 50, seed=1)
    assert found == rush.moments(100, 50, seed=1)
    assert found == sorted(found)
    assert 4_700 < len(found) < 5_300
