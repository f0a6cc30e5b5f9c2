"""Write a coupon system's export, and what the notice says of each coupon in it.

    python -m tests.ledger_export --coupons 2000 --seed 1 --out DIR [--as-of MOMENT]

DIR gets coupons.csv (a row a coupon; its expiry is the original one), transactions.csv (a row a
movement, each coupon's oldest first) and expected.csv: the outcome by the notice's rules, worked out
from the rows without a database, sorted by number. With --as-of (ISO 8601 with offset) the same
ledger is written as the system would have exported it at that moment: later movements and
departures from the app are not there yet, and covered coupons show the expiry extended until then.

The random draws stand in a fixed order: the same numbers give the same files, byte for byte.
"""

import argparse
import csv
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

JST = timezone(timedelta(hours=9))
OUTAGE_DAY = date(2023, 2, 24)
OUTAGE_FROM = datetime(2023, 2, 24, 17, tzinfo=JST)
FIRST_EXTENSION_ENDS = datetime(2023, 2, 27, tzinfo=JST)
CUT_OFF = datetime(2023, 4, 1, tzinfo=JST)
EXTENDED = (  # from this moment on covered coupons show this expiry; the newest first
    (datetime(2023, 3, 2, tzinfo=JST), datetime(2023, 3, 31, 23, 59, 59, tzinfo=JST)),
    (datetime(2023, 2, 25, tzinfo=JST), datetime(2023, 2, 26, 23, 59, 59, tzinfo=JST)),
)
CODES = "0308091012131415192224252729303234353640414243454647"  # JIS X 0401
PREFECTURES = [CODES[i : i + 2] for i in range(0, len(CODES), 2)]
APP_FIELDS = ["app_account", "app_phone", "app_email", "app_left_at"]
COUPON_FIELDS = [
    "inquiry_number",
    "prefecture_code",
    "travel_type",
    "travel_start",
    "travel_end",
    "face_value",
    "issued_at",
    "expires_at",
    "issuer",
    "charged_at",
    *APP_FIELDS,
]
TRANSACTION_FIELDS = [
    "transaction_id",
    "inquiry_number",
    "kind",
    "amount",
    "occurred_at",
    "store_id",
    "store_name",
    "restores_transaction_id",
]
EXPECTED_FIELDS = ["inquiry_number", "category", "eligible", "balance", "supplement", "route"]
SIGNS = {"payment": -1, "cancellation": 1, "restoration": 1}

Row = dict[str, Any]


def iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


class Ledger:
    """Numbers coupons, movements and app accounts as it hands them out."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.coupons = self.movements = 0
        self.accounts: list[Row] = []
        self.first_number = self.rng.randrange(10**11)

    def number(self) -> str:
        self.coupons += 1
        return f"{(self.first_number + self.coupons * 7919) % 10**12:012d}"

    def account(self) -> Row:
        """An app account; now and then one seen before: one person with coupons of several trips
        and prefectures."""
        rng = self.rng
        if self.accounts and rng.random() < 0.05:
            return rng.choice(self.accounts)
        i = len(self.accounts) + 1
        phone = f"+81{rng.choice(['70', '80', '90'])}{rng.randrange(10**7, 10**8)}"
        email = f"traveller{self.seed}-{i}@example.jp"
        phone, email = rng.choice([(phone, email), (phone, ""), ("", email)])
        left = None
        if rng.random() < 0.06:
            left = datetime(2023, rng.choice([3, 3, 4]), rng.randrange(1, 29), 12, tzinfo=JST)
        values = [f"U{self.seed:03d}{i:07d}", phone, email, iso(left)]
        self.accounts.append(dict(zip(APP_FIELDS, values, strict=True)))
        return self.accounts[-1]

    def move(
        self, number: str, kind: str, amount: int, at: datetime, store: int, restores: str = ""
    ) -> Row:
        self.movements += 1
        return {
            "transaction_id": f"T{self.seed:03d}-{self.movements:09d}",
            "inquiry_number": number,
            "kind": kind,
            "amount": amount,
            "occurred_at": at,
            "store_id": f"S{store:05d}",
            "store_name": f"加盟店{store:05d}",
            "restores_transaction_id": restores,
        }

    def trip(self) -> Iterator[tuple[Row, list[Row]]]:
        """The coupons of one party: one a person and night (a day trip: one a person), all ending
        on the same day."""
        rng = self.rng
        end = OUTAGE_DAY + timedelta(days=rng.choice([0] * 14 + [-4, -1, 1, 2, 3, 10]))
        nights = 0 if rng.random() < 0.25 else rng.choice([1, 1, 1, 2, 3])
        start = end - timedelta(days=nights)
        expiry_day, stayed_on = end, end
        if end == OUTAGE_DAY and rng.random() < 0.03:
            stayed_on = end + timedelta(days=2)  # the first lodging's; the journey went on: A1
        elif end == OUTAGE_DAY + timedelta(days=1) and nights > 1 and rng.random() < 0.3:
            stayed_on = OUTAGE_DAY  # went home a day early: A2 with a later expiry
        trip = {
            "prefecture_code": rng.choice(PREFECTURES),
            "travel_type": "stay" if nights else "day_trip",
            "travel_start": start.isoformat(),
            "travel_end": stayed_on.isoformat(),
            "issuer": f"発行施設{rng.randrange(400):03d}",
        }
        hours = datetime.combine(start, time(rng.randrange(8, 17), rng.randrange(60)), JST)
        for _ in range(rng.choice([1, 2, 2, 3, 4, 5])):
            account = self.account()
            for _ in range(max(1, nights)):
                issued, expires = hours, datetime.combine(expiry_day, time(23, 59, 59), JST)
                if nights <= 1 and start == OUTAGE_DAY and rng.random() < 0.05:
                    # printed in the outage, never activated
                    issued = OUTAGE_FROM + timedelta(minutes=rng.randrange(300))
                    expires = None
                charged = expires is not None and rng.random() < 0.7
                coupon = {
                    "inquiry_number": self.number(),
                    **trip,
                    "face_value": rng.choice([1000, 2000]),
                    "issued_at": iso(issued),
                    "expires_at": iso(expires),
                    "charged_at": "",
                    **dict.fromkeys(APP_FIELDS, ""),
                }
                if charged:
                    coupon["charged_at"] = iso(issued + timedelta(minutes=rng.randrange(5, 300)))
                    coupon |= account
                yield coupon, Spending(self, coupon).moves(issued, expires)


class Spending:
    """The movements of one coupon: ordinary payments, the outage's doubles, give-backs, the days
    of the first extension, March, and what should not be."""

    def __init__(self, ledger: Ledger, coupon: Row) -> None:
        self.ledger, self.rng = ledger, ledger.rng
        self.number, self.left = coupon["inquiry_number"], coupon["face_value"]
        self.made: list[Row] = []

    def pay(self, amount: int, at: datetime, store: int | None = None) -> Row:
        self.left -= amount
        store = self.rng.randrange(3000) if store is None else store
        self.made.append(self.ledger.move(self.number, "payment", amount, at, store))
        return self.made[-1]

    def give_back(self, kind: str, debit: Row, at: datetime) -> None:
        store, amount = int(debit["store_id"][1:]), debit["amount"]
        self.made.append(
            self.ledger.move(self.number, kind, amount, at, store, debit["transaction_id"])
        )

    def some(self) -> int:
        return self.left if self.rng.random() < 0.4 else self.rng.randrange(1, self.left + 1)

    def moves(self, issued: datetime, expires: datetime | None) -> list[Row]:
        if expires is None:
            return []
        touched = issued < OUTAGE_FROM <= expires  # valid when the system failed
        self.ordinary(issued, OUTAGE_FROM if touched else expires)
        if touched:
            wrong = self.doubled()
            if self.left > 0 and self.rng.random() < 0.15:  # used within the first extension
                amount, day = self.some(), datetime(2023, 2, 25, 9, tzinfo=JST)
                self.pay(amount, day + timedelta(minutes=self.rng.randrange(2300)))
            self.march(self.given_back(wrong))
            self.made.sort(key=lambda move: move["occurred_at"])
        return self.made

    def ordinary(self, at: datetime, until: datetime) -> None:
        rng = self.rng
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            minutes = int((until - at).total_seconds() // 60) - 5
            if self.left > 0 and minutes > 0:
                at += timedelta(minutes=rng.randrange(minutes))
                payment = self.pay(self.some(), at)
                if rng.random() < 0.02:  # a purchase cancelled at the till
                    at += timedelta(minutes=3)
                    self.give_back("cancellation", payment, at)
                    self.left += payment["amount"]

    def doubled(self) -> list[Row]:
        """The wrong debits: one, though paid in cash as well (B-1), or all but the first (B-2)."""
        rng = self.rng
        if self.left < 3 or rng.random() >= 0.06:
            return []
        amount = rng.randrange(1, self.left // 3 + 1)
        at, store = OUTAGE_FROM + timedelta(seconds=rng.randrange(20000)), rng.randrange(3000)
        presses = rng.choice([1, 2, 2, 2, 3])
        debits = [self.pay(amount, at + timedelta(seconds=20 * i), store) for i in range(presses)]
        return debits if presses == 1 else debits[1:]

    def given_back(self, wrong: list[Row]) -> datetime:
        """Given back by the call centre in March, or only after the cut-off, or not. Returns when
        the person may come back to spend the rest."""
        fate, came_back = self.rng.random(), datetime(2023, 3, 2, 9, tzinfo=JST)
        if not wrong or fate >= 0.6:
            return came_back
        if fate < 0.5:
            at = came_back = datetime(2023, 3, self.rng.randrange(2, 31), 15, tzinfo=JST)
        else:
            at = datetime(2023, 4, self.rng.randrange(3, 28), 15, tzinfo=JST)
        for debit in wrong:
            self.give_back("restoration", debit, at)
            self.left += debit["amount"] if at < CUT_OFF else 0
        return came_back

    def march(self, came_back: datetime) -> None:
        """Used again in March, some in the last second; and what should have been refused."""
        rng = self.rng
        if self.left > 0 and rng.random() < 0.15:
            minutes, amount = int((CUT_OFF - came_back).total_seconds() // 60), self.some()
            if rng.random() < 0.1:
                self.pay(amount, CUT_OFF - timedelta(seconds=1))
            else:
                self.pay(amount, came_back + timedelta(minutes=rng.randrange(minutes)))
        if self.left > 0 and rng.random() < 0.01:
            amount = self.some()
            self.pay(amount, CUT_OFF + timedelta(seconds=rng.choice([0, 1, 60, 86400])))


def category_of(coupon: Row, restored: bool) -> str:
    if coupon["expires_at"].startswith(OUTAGE_DAY.isoformat()):
        return "A1"
    if coupon["travel_end"] == OUTAGE_DAY.isoformat():
        return "A2"
    return "B" if restored else ""


def outcome(coupon: Row, moves: list[Row]) -> Row:
    """What the notice says of this coupon."""
    paid_at = {m["transaction_id"]: m["occurred_at"] for m in moves if m["kind"] == "payment"}
    restorations = [m for m in moves if m["kind"] == "restoration"]

    def balance(before: datetime) -> int:
        moved = [m for m in moves if m["occurred_at"] < before]
        return coupon["face_value"] + sum(SIGNS[m["kind"]] * m["amount"] for m in moved)

    category = category_of(coupon, bool(restorations))
    eligible = bool(category) and (balance(FIRST_EXTENSION_ENDS) >= 1 or bool(restorations))
    sealed = balance(CUT_OFF) if eligible else 0
    supplement = sum(
        m["amount"]
        for m in restorations
        if m["occurred_at"] >= CUT_OFF and paid_at[m["restores_transaction_id"]] < CUT_OFF
    )
    left = coupon["app_left_at"] and datetime.fromisoformat(coupon["app_left_at"]) < CUT_OFF
    if sealed + supplement < 1:
        route = "none"
    else:
        route = "app_link" if coupon["charged_at"] and not left else "application"
    return {
        "inquiry_number": coupon["inquiry_number"],
        "category": category,
        "eligible": "yes" if eligible else "no",
        "balance": sealed,
        "supplement": supplement,
        "route": route,
    }


def as_exported(coupon: Row, moves: list[Row], at: datetime | None) -> tuple[Row, list[Row]]:
    """The coupon and its movements as an export of that moment shows them."""
    if at is None:
        return coupon, moves
    shown = dict(coupon)
    if coupon["app_left_at"] and datetime.fromisoformat(coupon["app_left_at"]) > at:
        shown["app_left_at"] = ""
    if category_of(coupon, restored=False):
        shown["expires_at"] = next(
            (iso(expiry) for since, expiry in EXTENDED if at >= since), coupon["expires_at"]
        )
    return shown, [move for move in moves if move["occurred_at"] <= at]


def rows(coupons: int, seed: int) -> Iterator[tuple[Row, list[Row]]]:
    """So many coupons, each with its movements, oldest first."""
    ledger, made = Ledger(seed), 0
    while made < coupons:
        for coupon, moves in ledger.trip():
            if made == coupons:
                break
            made += 1
            yield coupon, moves


def write(folder: Path, coupons: int, seed: int, as_of: datetime | None = None) -> Path:
    """Write the three files of an export into `folder`, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = []
    with (
        (folder / "coupons.csv").open("w", newline="", encoding="utf-8") as coupons_file,
        (folder / "transactions.csv").open("w", newline="", encoding="utf-8") as moves_file,
        (folder / "expected.csv").open("w", newline="", encoding="utf-8") as expected_file,
    ):
        to_coupons = csv.DictWriter(coupons_file, COUPON_FIELDS, lineterminator="\n")
        to_moves = csv.DictWriter(moves_file, TRANSACTION_FIELDS, lineterminator="\n")
        to_expected = csv.DictWriter(expected_file, EXPECTED_FIELDS, lineterminator="\n")
        for writer in (to_coupons, to_moves, to_expected):
            writer.writeheader()
        for coupon, moves in rows(coupons, seed):
            shown, seen = as_exported(coupon, moves, as_of)
            outcomes.append(outcome(shown | {"expires_at": coupon["expires_at"]}, seen))
            to_coupons.writerow(shown)
            to_moves.writerows(move | {"occurred_at": iso(move["occurred_at"])} for move in seen)
        to_expected.writerows(sorted(outcomes, key=lambda row: row["inquiry_number"]))
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--coupons", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--as-of", type=datetime.fromisoformat, help="ISO moment with offset")
    args = parser.parse_args()
    write(args.out, args.coupons, args.seed, args.as_of)


if __name__ == "__main__":
    main()
