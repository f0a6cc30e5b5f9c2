"""Curves from fixed JSON: points, table, pictures; docs/scaling.md shows what its table tells."""

import json
import os
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import bank_file, curves, dispatch, drawing
from tests.house import ROOT

SVG = "{http://www.w3.org/2000/svg}"
PAPER = curves.PAPER.read_text(encoding="utf-8")
LARGEST = 60_000  # bytes


def told(rows: int, ours: float, name: str = "seal", **more: object) -> curves.Json:
    """The JSON of a run: ours so many times a ceiling of 10 µs a row."""
    ceiling = rows / 100_000
    return {
        "name": name,
        "rows": rows,
        "seconds": {"bare": [ceiling] * 3, curves.CURVES[name].lines[0]: [ceiling * ours] * 3},
        "ratios": {"bare": 1.0, curves.CURVES[name].lines[0]: ours},
        "goals": {curves.CURVES[name].lines[0]: 3.0},
        "figures": {},
        "host_busy_cores": 1.2,
    } | more


def keep(folder: Path, *runs: curves.Json) -> Path:
    for run in runs:
        path = folder / str(run["rows"]) / f"{run['name']}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(run))
    return folder


def points(*runs: curves.Json) -> list[curves.Point]:
    return [point for run in runs for point in curves.points_of(run)]


def lines_of(svg: str) -> list[list[tuple[float, float]]]:
    """The dots of every line of a picture, in the order in which they are drawn."""
    found = ElementTree.fromstring(svg).iter(SVG + "polyline")
    pairs = [line.get("points", "").split() for line in found]
    return [[tuple(map(float, pair.split(","))) for pair in line] for line in pairs]


def words_of(svg: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(SVG + "text")]


def test_a_point_is_microseconds_a_row_beside_its_ceiling() -> None:
    (found,) = points(told(100_000, 1.5))
    assert found == curves.Point("seal", "seal", "bare", 100_000, 15.0, 10.0, 1.5, 3.0, 1.2)


def test_a_point_of_the_list_is_microseconds_a_page() -> None:
    timing = {"seconds": {"empty page": [0.05], "first page": [0.2], "stock: first page": [9.0]}}
    ratios = {"ratios": {"empty page": 1.0, "first page": 4.0}}
    figures = {"figures": {"requests a timing": 5}}
    (found,) = points(told(1_000_000, 4, "lists", **timing, **ratios, **figures))
    assert (found.line, found.cost, found.ceilings) == ("first page", 40_000, 10_000)


def test_a_timing_too_short_for_the_clock_can_be_drawn() -> None:
    (found,) = points(told(1000, 2.0, seconds={"bare": [0.0], "seal": [0.0]}))
    assert (found.cost, found.ceilings) == (0.05, 0.05)
    assert curves.overview([found])


def test_of_two_runs_of_a_size_the_newer_counts_and_other_benchmarks_do_not(tmp_path: Path) -> None:
    keep(tmp_path, told(10_000, 2.0), told(100_000, 2.0))
    (tmp_path / "seal.json").write_text(json.dumps(told(100_000, 1.5)))
    (tmp_path / "landing.json").write_text(json.dumps({"name": "landing", "rows": 4}))
    for age, path in enumerate(sorted(tmp_path.rglob("*.json"))):
        os.utime(path, (age, age))  # the folders of sizes come before seal.json
    found = curves.kept(tmp_path)
    assert [(point.rows, point.ratio) for point in found] == [(10_000, 2.0), (100_000, 1.5)]


def test_nothing_runs_larger_than_it_can_nor_twice() -> None:
    sizes = [10_000, 100_000, 1_000_000]
    assert curves.sizes_of(curves.CURVES["dispatch"], sizes) == [10_000, 100_000]
    assert curves.sizes_of(curves.CURVES["bankfile"], sizes) == [10_000, 100_000, 999_999]
    assert curves.CURVES["dispatch"].most == dispatch.MOST
    assert curves.CURVES["bankfile"].most == bank_file.records.MOST_COUNT


@pytest.mark.parametrize("curve", curves.CURVES.values(), ids=lambda curve: curve.name)
def test_a_curve_names_a_benchmark_and_its_contenders(curve: curves.Curve) -> None:
    suites = (ROOT / "benchmarks" / "suites.py").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")]
    elsewhere = "\n".join(text for text in sources if "CURVES = {" not in text)
    names = [line.removeprefix("search: ") for line in curve.lines]
    assert f'"{curve.name}": ' in suites
    assert [name for name in names if f'"{name}"' not in elsewhere] == []


def test_the_table_has_a_column_a_size_and_names_a_missed_gate() -> None:
    runs = told(10_000, 1.5), told(1_000_000, 3.5), told(999_999, 2.0, "bankfile")
    console = Console(record=True, width=120)
    console.print(curves.table(points(*runs)))
    rows = [re.split(r"\s{2,}", line.strip()) for line in console.export_text().splitlines()]
    assert ["10 k", "1 M", "gate"] in rows
    assert ["seal", "15 µs 1.50×", "35 µs 3.50×", "3.00×", "MISSED"] in rows
    assert ["bankfile", "20 µs 2.00×", "3.00×", "met"] in rows


def test_the_same_cost_at_each_decade_is_a_level_line_of_equal_steps() -> None:
    svg = curves.overview(points(*(told(10**power, 2.0) for power in (4, 5, 6))))
    ours, ceiling, gate = lines_of(svg)
    assert len({y for _, y in ours}) == 1
    assert ours[1][0] - ours[0][0] == pytest.approx(ours[2][0] - ours[1][0], abs=0.2)
    assert gate[0][1] < ours[0][1] < ceiling[0][1]  # y runs downwards
    assert "2.00×" in words_of(svg)


def test_a_tenfold_cost_is_as_far_up_wherever_it_begins() -> None:
    runs = points(told(10_000, 1.0), told(100_000, 10.0), told(1_000_000, 100.0))
    ours = lines_of(curves.overview(runs))[0]
    assert ours[0][1] - ours[1][1] == pytest.approx(ours[1][1] - ours[2][1], abs=0.2)
    assert ours[0][1] > ours[1][1]


def test_without_a_goal_there_is_no_gate() -> None:
    runs = points(told(10_000, 2.0, goals={}), told(100_000, 2.0, goals={}))
    assert len(lines_of(curves.overview(runs))) == 2


def test_words_at_the_end_of_lines_do_not_lie_on_each_other() -> None:
    close = tuple(
        drawing.Line("also ours", ((1e4, cost), (1e5, cost)), f"line {cost}")
        for cost in (10.0, 10.01, 10.02, 10.03)
    )
    svg = drawing.picture(drawing.Panel("title", "below", close))
    texts = ElementTree.fromstring(svg).iter(SVG + "text")
    places = sorted(float(each.get("y", "")) for each in texts if "line" in (each.text or ""))
    apart = [lower - upper for upper, lower in pairwise(places)]
    assert len(apart) == 3
    assert min(apart) >= drawing.APART


def test_drawing_alone_makes_a_picture_each_and_one_of_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [told(size, 2.0, name) for name in curves.CURVES for size in (10_000, 100_000, 10**6)]
    keep(tmp_path, *runs)
    assert command.main(["curves", "--draw", "--kept", str(tmp_path)]) == 0
    pictures = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.svg")}
    assert sorted(pictures) == sorted([*curves.CURVES, "curves"])
    for svg in pictures.values():
        assert len(svg.encode()) < LARGEST
        assert ElementTree.fromstring(svg).tag == SVG + "svg"
        assert re.findall(r"<script|<style|<image|href|url\(|@import", svg) == []
    assert [name for name in curves.CURVES if name not in words_of(pictures["curves"])] == []
    out = capsys.readouterr().out
    assert "Not measured yet: matching at 10 k." in out  # a tenth of the rows are claims


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (["curves", "landing", "--draw"], "no curve: landing"),
        (["curves", "--sizes", "ten"], "invalid sizes value"),
        (["curves", "--sizes", "0"], "invalid sizes value"),
        (["curves", "--draw", "--kept", "/nowhere"], "no JSON of a curve"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    given: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(given)
    assert ended.value.code == 2
    assert error in capsys.readouterr().err


def test_sizes_that_nobody_measured_are_named() -> None:
    runs = [told(size, 2.0, name) for name in curves.CURVES for size in (10_000, 100_000, 999_999)]
    rest = [run for run in runs if (run["name"], run["rows"]) != ("seal", 10_000)]
    claims = [told(size, 2.0, "matching") for size in (1_001, 10_001, 100_001)]
    assert curves.missing(points(*rest, *claims)) == "Not measured yet: seal at 10 k."


def test_the_picture_and_the_gaps_of_the_page_follow_from_its_table() -> None:
    found = curves.of_paper(PAPER)
    assert found
    assert curves.in_paper(PAPER, found) == PAPER
    assert curves.PICTURE.read_text(encoding="utf-8") == curves.overview(found)
    assert curves.PICTURE.stat().st_size < LARGEST


def test_the_page_tells_what_was_measured() -> None:
    runs = points(told(10_000, 1.5), told(100_000, 1.5, goals={}))
    paper = curves.in_paper(f"before\n{curves.BEGIN}old\n{curves.END}\nafter\n", runs)
    assert curves.of_paper(paper) == runs
    assert (paper.startswith("before\n"), paper.endswith("\nafter\n")) == (True, True)
