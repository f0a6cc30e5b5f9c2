"""The benchmarks by name."""

from collections.abc import Callable

from benchmarks import app_holders, ground, journeys, ledger
from benchmarks.measure import Result

ground.lay()

SUITES: dict[str, Callable[[int, int], Result]] = {
    "import": ledger.import_,
    "seal": ledger.seal,
    "balances": ledger.balances,
    "opening": app_holders.opened,
    "submission": journeys.submission,
    "landing": journeys.landing,
    "release": app_holders.released,
}
