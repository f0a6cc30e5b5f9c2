"""An open-loop rush: applications begin at their own moments, answered or not, as a crowd's do.

    python -m benchmarks.rush --rate 8 --seconds 60 [--workers 1]

Arrivals are drawn at random (Poisson). What each waited counts from the moment at which it wanted
to begin, so that a server that stands still is not spared the time in which nobody could ask.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.__main__ import start_engine
from benchmarks.visitors import Browser, Journey

CROWD = 400  # that many may be under way at once
SLOWEST = 5.0  # seconds that 99 of 100 whole applications must not exceed


@dataclass(frozen=True)
class Rush:
    """Seconds of each application from its wanted beginning, and why some did not end."""

    waited: list[float]
    failed: list[str]
    began_late: float  # seconds, the longest: the crowd itself was too small for what it was to do

    def percentile(self, part: float) -> float:
        """Seconds that `part` of the applications do not exceed."""
        ordered = sorted(self.waited)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def moments(a_second: float, seconds: float, seed: int) -> list[float]:
    """When each wants to begin, in seconds from the start."""
    draw, at, found = random.Random(seed), 0.0, []
    while (at := at + draw.expovariate(a_second)) < seconds:
        found.append(at)
    return found


def rush(journey: Callable[[], None], wanted: list[float]) -> Rush:
    """Let every journey begin at its moment, whatever became of the others."""
    began, waited, failed, late = time.perf_counter(), [], [], []

    def one(moment: float) -> None:
        late.append(time.perf_counter() - began - moment)
        try:
            journey()
        except (OSError, RuntimeError) as error:
            failed.append(f"{type(error).__name__}: {error}"[:200])
            return
        waited.append(time.perf_counter() - began - moment)

    with ThreadPoolExecutor(CROWD) as crowd:
        for moment in wanted:
            time.sleep(max(0.0, began + moment - time.perf_counter()))
            crowd.submit(one, moment)
    return Rush(waited, failed, max(late, default=0.0))


def anew(port: int, journey: Journey) -> Callable[[], None]:
    """The journey of a person who was never here before."""

    def once() -> None:
        browser = Browser(port)
        try:
            journey(browser)
        finally:
            browser.connection.close()

    return once


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.rush", description=__doc__)
    arguments.add_argument("--rate", type=float, default=8, help="applications a second")
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--workers", type=int, default=1, help="web processes")
    options = arguments.parse_args()
    start_engine()
    from benchmarks import ground, journeys, serving  # Django reads its settings here

    ground.lay()
    journeys.prepare_tables()
    target = "config.wsgi:application"
    with serving.granian(target, journeys.environment(), options.workers) as server:
        rush(anew(server.port, journeys.ours), [0.0])  # warm
        before = server.cpu()
        found = rush(
            anew(server.port, journeys.ours), moments(options.rate, options.seconds, seed=1)
        )
        spent = server.cpu() - before
    if not found.waited:
        print("\n".join(found.failed[:3] or ["nobody came"]))
        return 1
    print(
        f"{len(found.waited):,} applications at {options.rate:g} a second,"
        f" {len(found.failed)} failed\n"
        f"waited: middle {statistics.median(found.waited):.2f} s, 99 of 100 within"
        f" {found.percentile(0.99):.2f} s, longest {max(found.waited):.2f} s\n"
        f"web server: {1000 * spent / len(found.waited):.1f} ms of CPU an application;"
        f" the crowd began at most {found.began_late:.2f} s late"
    )
    for told in sorted(set(found.failed))[:3]:
        print(told)
    return 1 if found.failed or found.percentile(0.99) > SLOWEST else 0


if __name__ == "__main__":
    sys.exit(main())
