"""Run benchmarks: `python -m benchmarks [import seal ... bankfile] [--rows N]`.

They have their own database under var/bench, started here and left stopped. JSON goes to
var/bench/<name>.json, a table to the screen; a missed goal makes the exit code 1.

`python -m benchmarks curves [import seal ...] [--sizes 10000,100000,1000000]` runs those whose
cost depends on rows at each size: JSON to var/bench/curves/<size>/, a table to the screen, a
picture of each and curves.svg with all of them to var/bench/curves/. `--draw` runs nothing and
draws what is kept there, or in the folder of `--kept`; `--paper` writes docs/scaling.md and its
picture too.
"""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import curves, measure
from config import embedded

FOLDER = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var") / "bench"
Run = tuple[str, int, Path]  # a benchmark, its rows, the folder of its JSON


def main(given: list[str] | None = None) -> int:
    """Exit code 1 where a goal was missed in this run."""
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments.add_argument("names", nargs="*", help="which ones; all where none is named")
    arguments.add_argument("--rows", type=int, default=1_000_000, help="coupons or app holders")
    arguments.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    arguments.add_argument("--sizes", type=sizes, default=curves.SIZES, help="of curves: rows")
    arguments.add_argument("--draw", action="store_true", help="of curves: from kept JSON alone")
    arguments.add_argument(
        "--kept", type=Path, default=FOLDER / "curves", help="of curves: where JSON and pictures go"
    )
    arguments.add_argument("--paper", action="store_true", help="of curves: docs/scaling.md too")
    options = arguments.parse_args(given)
    if options.names[:1] == ["curves"]:
        return grown(options, arguments)
    results = run([(name, options.rows, FOLDER) for name in options.names], options, arguments)
    console = Console()
    measure.show(results, console)
    return missed(results, console)


def sizes(text: str) -> list[int]:
    """Rows, comma separated, each at least one."""
    found = [int(each.replace("_", "")) for each in text.split(",")]
    if min(found) < 1:
        raise ValueError(text)
    return found


def run(
    runs: list[Run], options: argparse.Namespace, arguments: argparse.ArgumentParser
) -> list[measure.Result]:
    """Run and store benchmarks, all of them where none is named."""
    start_engine()
    from benchmarks import suites  # Django reads its settings here, after the engine

    unknown = [name for name, *_ in runs if name not in suites.SUITES]
    if unknown:
        arguments.error(f"unknown: {', '.join(unknown)}; known: {', '.join(suites.SUITES)}, curves")
    console, results = Console(), []
    for name, rows, folder in runs or [(name, options.rows, FOLDER) for name in suites.SUITES]:
        console.print(f"{name}: {rows:,} rows, {options.rounds} rounds ...")
        load = measure.Load()
        result = suites.SUITES[name](rows, options.rounds)
        result.busy_cores = load.cores()
        folder.mkdir(parents=True, exist_ok=True)
        measure.store(result, folder)
        results.append(result)
    return results


def grown(options: argparse.Namespace, arguments: argparse.ArgumentParser) -> int:
    """Run benchmarks at every size, the small ones first, and draw all that is kept."""
    names = options.names[1:] or list(curves.CURVES)
    if unknown := [name for name in names if name not in curves.CURVES]:
        arguments.error(f"no curve: {', '.join(unknown)}; known: {', '.join(curves.CURVES)}")
    results = []
    if not options.draw:
        runs = [
            (name, size, options.kept / str(size))
            for name in names
            for size in curves.sizes_of(curves.CURVES[name], options.sizes)
        ]
        results = run(sorted(runs, key=lambda each: each[1]), options, arguments)
    if not (points := curves.kept(options.kept)):
        arguments.error(f"no JSON of a curve in {options.kept}")
    console = Console()
    console.print(curves.table(points))
    console.print(curves.missing(points))
    for path in curves.draw(points, options.kept):
        console.print(f"drawn  {path}", soft_wrap=True)
    if options.paper:
        curves.publish(points)
    return missed(results, console)


def missed(results: list[measure.Result], console: Console) -> int:
    """Name every missed goal of this run; the exit code."""
    lines = [f"{line} ({result.rows:,} rows)" for result in results for line in result.missed()]
    for line in lines:
        console.print(f"missed  {line}", soft_wrap=True)
    return 1 if lines else 0


def start_engine() -> None:
    """An own PostgreSQL under var/bench, and settings that point to it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    urls = embedded.database_urls(FOLDER)
    os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"] = urls["DATABASE_OWNER_URL"]
    os.environ |= {
        "REHEARSAL": "1",
        "VAR_DIR": str(FOLDER),
        "HASHED_STATIC": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


if __name__ == "__main__":
    sys.exit(main())
