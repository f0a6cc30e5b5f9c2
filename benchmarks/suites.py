"""The benchmarks by name."""

from collections.abc import Callable

from benchmarks import (
    app_holders,
    bank_file,
    dispatch,
    ground,
    journeys,
    ledger,
    lists,
    office,
    redemption,
)
from benchmarks.measure import Result

ground.lay()

SUITES: dict[str, Callable[[int, int], Result]] = {
    "import": ledger.import_,
    "seal": ledger.seal,
    "balances": ledger.balances,
    "opening": app_holders.opened,
    "release": app_holders.released,
    "dispatch": dispatch.dispatched,
    "submission": journeys.submission,
    "landing": journeys.landing,
    "bankfile": bank_file.written,
    "lists": lists.listed,
    "doubles": office.doubles,
    "matching": office.matched,
    "books": office.booked,
    "redemption": redemption.redeemed,
}
