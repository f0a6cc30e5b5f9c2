"""The coupons of a rehearsal as the world knows them: the files of its exports, read without us.

The exports come from the generator of the test suite, which works the outcome by the notice out
from the rows by itself. Nothing here asks the database.
"""

import csv
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

GENERATOR = Path(__file__).resolve().parent.parent / "tests" / "ledger_export.py"
TWICE = timedelta(minutes=1)  # two equal payments at one till within it are one pressed twice


@dataclass(slots=True)
class Coupon:
    """One paper coupon, and what the notice says of it (yen): sealed, and given back later."""

    number: str
    prefecture: str
    travel_type: str
    start: date
    end: date
    expires: date | None  # as printed
    issuer: str
    charged: bool
    account: str
    contact: str  # the app's phone (E.164), else its mail address
    by_sms: bool
    left: bool
    category: str
    yen: int
    later: int
    route: str
    given_back: list[tuple[str, int, datetime]]  # debit, yen, when

    @property
    def owed(self) -> int:
        """All that is due on it."""
        return self.yen + self.later

    @property
    def trip(self) -> tuple[object, ...]:
        """Equal for the coupons of one party."""
        return (self.prefecture, self.travel_type, self.start, self.end, self.issuer)


def export(folder: Path, coupons: int, seed: int, as_of: datetime | None = None) -> Path:
    """Write an export of the coupon system, as of a moment or with everything that will be."""
    command = [sys.executable, str(GENERATOR), "--coupons", str(coupons), "--seed", str(seed)]
    command += ["--out", str(folder)]
    if as_of:
        command += ["--as-of", as_of.isoformat()]
    subprocess.run(command, check=True)
    return folder


def read(folder: Path) -> Iterator[Coupon]:
    """The coupons of a whole export with their outcome, in the order of the file."""
    expected = {row["inquiry_number"]: row for row in _rows(folder / "expected.csv")}
    back: dict[str, list[tuple[str, int, datetime]]] = {}
    for row in _rows(folder / "transactions.csv"):
        if row["kind"] == "restoration":
            at = datetime.fromisoformat(row["occurred_at"])
            told = (row["restores_transaction_id"], int(row["amount"]), at)
            back.setdefault(row["inquiry_number"], []).append(told)
    for row in _rows(folder / "coupons.csv"):
        found = expected[row["inquiry_number"]]
        yield Coupon(
            number=row["inquiry_number"],
            prefecture=row["prefecture_code"],
            travel_type=row["travel_type"],
            start=date.fromisoformat(row["travel_start"]),
            end=date.fromisoformat(row["travel_end"]),
            expires=date.fromisoformat(row["expires_at"][:10]) if row["expires_at"] else None,
            issuer=row["issuer"],
            charged=bool(row["charged_at"]),
            account=row["app_account"],
            contact=row["app_phone"] or row["app_email"],
            by_sms=bool(row["app_phone"]),
            left=bool(row["charged_at"]) and found["route"] == "application",
            category=found["category"],
            yen=int(found["balance"]),
            later=int(found["supplement"]),
            route=found["route"],
            given_back=back.get(row["inquiry_number"], []),
        )


def sealed_yen(folder: Path) -> int:
    """What an export's coupons are owed as of the cut-off, in yen, by its own table."""
    return sum(int(row["balance"]) for row in _rows(folder / "expected.csv"))


def doubles(folder: Path) -> dict[str, list[str]]:
    """Payments that a till booked again within a minute, by coupon: what a person calls about."""
    found: dict[str, list[str]] = {}
    by_coupon = groupby(_rows(folder / "transactions.csv"), itemgetter("inquiry_number"))
    for number, rows in by_coupon:
        paid = [row for row in rows if row["kind"] == "payment"]
        for one, other in pairwise(paid):
            gap = datetime.fromisoformat(other["occurred_at"]) - datetime.fromisoformat(
                one["occurred_at"]
            )
            same = (one["store_id"], one["amount"]) == (other["store_id"], other["amount"])
            if same and gap <= TWICE:
                found.setdefault(number, []).append(other["transaction_id"])
    return found


def parties(coupons: Iterator[Coupon]) -> Iterator[list[Coupon]]:
    """Coupons of one trip together."""
    for _, party in groupby(coupons, lambda coupon: coupon.trip):
        yield list(party)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)
