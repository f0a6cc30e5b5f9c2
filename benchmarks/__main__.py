"""Run benchmarks: `python -m benchmarks [import seal ... bankfile] [--rows N]`.

They have their own database under var/bench, started here and left stopped. JSON goes to
var/bench/<name>.json, a table to the screen; a missed goal makes the exit code 1.
"""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from config import embedded

FOLDER = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var") / "bench"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("names", nargs="*", help="which ones; all where none is named")
    arguments.add_argument("--rows", type=int, default=1_000_000, help="coupons or app holders")
    arguments.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    options = arguments.parse_args()
    start_engine()
    from benchmarks import measure, suites  # Django reads its settings here, after the engine

    chosen = options.names or list(suites.SUITES)
    unknown = [name for name in chosen if name not in suites.SUITES]
    if unknown:
        arguments.error(f"unknown: {', '.join(unknown)}; known: {', '.join(suites.SUITES)}")
    console, results = Console(), []
    for name in chosen:
        console.print(f"{name}: {options.rows:,} rows, {options.rounds} rounds ...")
        load = measure.Load()
        result = suites.SUITES[name](options.rows, options.rounds)
        result.busy_cores = load.cores()
        measure.store(result, FOLDER)
        results.append(result)
    measure.show(results, console)
    missed = [line for result in results for line in result.missed()]
    for line in missed:
        console.print(f"missed  {line}")
    return 1 if missed else 0


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
