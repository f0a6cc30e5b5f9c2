"""The demo's data: the ledger as it was exported from day to day, a stock, people who asked.

Rehearsals only. Every row goes through the same acts as in earnest, each at its own moment; nothing
later than the rehearsal's clock is made.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

from django.conf import settings
from django.contrib.auth import get_user_model

from applications import demo_people
from applications.models import Application
from config import clock
from config.notice import NOTICE
from config.states import Refused
from coupons import sealing
from coupons.ledger.importing import import_ledger
from coupons.models import Import
from payouts import banks, stock
from payouts import offices as paying
from payouts.models import Bank, Code, Office
from payouts.offices import OwnAccount

COUPONS, SEED = 6000, 1
DAY = timedelta(days=1)
TAKEN_IN = timedelta(minutes=20)  # from an export's moment to its import
Say = Callable[[str], None]

FACES = ((100, 500, 1000), (500, 1000, 2000), (1000, 2000))  # yen, brand by brand of the stock
COPIES = 60  # codes of each face value and office


@dataclass(frozen=True)
class Exports:
    """When the coupon system's exports reach the office."""

    outage: datetime = NOTICE.dates.outage_from + timedelta(hours=3)
    sealed: datetime = NOTICE.dates.cut_off + timedelta(hours=9)
    later: datetime = NOTICE.dates.cut_off + 9 * DAY + timedelta(hours=8)
    last: datetime = NOTICE.dates.cut_off + 39 * DAY

    def until(self, at: datetime) -> list[datetime]:
        """Those that have arrived."""
        return [moment for moment in vars(self).values() if moment <= at]


def fill(say: Say) -> None:
    """Make what the demo shows at the rehearsal's moment; again: only what has come since.

    Ledger and people are of the notice that comes with this repository; another one gets its
    offices and a stock of codes.
    """
    at = clock.now()
    if not Bank.objects.exists():
        found = banks.load()
        say(f"bank master: {found.banks:,} banks, {found.branches:,} branches")
    if NOTICE.bank_road:
        offices()
    if settings.OWN_NOTICE:
        codes(say)
        return
    ledger(at, say)
    codes(say)
    if not Application.objects.exists():
        say(f"applications: {demo_people.apply(at):,}")


def feed() -> list[str]:
    """Import the exports that have arrived since, as the clock went on; what was done, in words.

    Raises Refused outside rehearsals. Does nothing where the demo did not make this database.
    """
    at, done = clock.now(), []
    if not settings.REHEARSAL:
        raise Refused("予行モードではないため、見本の台帳は取り込めません。", "rehearsal")
    brand = next(iter(stocked()))
    if Code.objects.filter(code_hash=stock.hash_of(brand, code(NOTICE.home, brand))).exists():
        ledger(at, done.append)
    return done


def offices() -> None:
    """A paying account of each office, as a sample: proposed by one demo clerk, then approved."""
    payer, manager = (get_user_model().objects.get(username=name) for name in ("payer", "manager"))
    known = set(Office.objects.values_list("pk", flat=True))
    for prefecture in (each for each in NOTICE.prefectures if each not in known):
        account = OwnAccount(
            f"99{prefecture}000000", "ミホンジムキヨク", "0149", "111", "1", f"9{prefecture}"
        )
        row = paying.prepare(prefecture, account, reason="見本", by=payer)
        paying.approve(row, by=manager)


def ledger(at: datetime, say: Say) -> None:
    """Import the exports that have arrived by `at`, and seal after the cut-off's."""
    exports = Exports()
    for moment in exports.until(at):
        if Import.objects.filter(at=moment + TAKEN_IN).exists():
            continue
        folder = settings.VAR_DIR / "exports" / f"{moment:%m-%d}"
        generator = settings.BASE_DIR / "tests" / "ledger_export.py"
        command = [sys.executable, str(generator), "--coupons", str(COUPONS), "--seed", str(SEED)]
        command += ["--out", str(folder), "--as-of", moment.isoformat()]
        subprocess.run(command, check=True)
        with clock.at(moment + TAKEN_IN):
            import_ledger(folder)
            say(f"ledger export of {moment:%Y-%m-%d %H:%M} imported")
            if moment == exports.sealed:
                sealing.seal()
                say("balances sealed")


def codes(say: Say) -> None:
    """A stock of each stock brand for every office."""
    if Code.objects.exists():
        return
    expires = date(NOTICE.dates.receiving_closes.year + 1, 3, 31)
    count = 0
    for prefecture in NOTICE.prefectures:
        rows = (
            stock.StockRow(
                brand, face, code(prefecture, brand, face, i), f"M{prefecture}-{i:05d}", expires
            )
            for brand, faces in stocked().items()
            for face in faces
            for i in range(COPIES)
        )
        count += stock.store(rows, prefecture)
    say(f"gift codes in stock: {count:,}")


def stocked() -> dict[str, tuple[int, ...]]:
    """The brands that come from the stock, and their face values in yen."""
    faces = FACES[:1] if settings.OWN_NOTICE else FACES
    kept = [each for each in NOTICE.brands if settings.GIFT_PROVIDERS.get(each, "stock") == "stock"]
    return dict(zip(kept, cycle(faces)))


def code(prefecture: str, brand: str, face: int = 100, number: int = 0) -> str:
    """A code of the demo's stock."""
    return f"DEMO{prefecture}{brand[:2].upper()}{face:04d}{number:06d}"
