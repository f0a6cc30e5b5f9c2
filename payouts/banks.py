"""The bank master: loaded from snapshots, the first ships with the site; nothing is deleted.

A snapshot is a folder in the form of zengin-code: `updated_at` (YYYYMMDD), `banks.json` and
`branches/<bank code>.json`. What the newest one lacks stays, marked as no longer current, since a
code that was valid at the application may be gone at the payment.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q

from config.states import Refused
from payouts.models import Bank, Branch

SHIPPED = files("zengin_code") / "source-data" / "data"
UPDATED = ["name", "kana", "is_current", "last_seen"]


@dataclass(frozen=True)
class Loaded:
    """What a snapshot (YYYYMMDD) had, and how many banks and branches it no longer has."""

    snapshot: str
    banks: int
    branches: int
    gone: int


def load(folder: Traversable = SHIPPED) -> Loaded:
    """Load a snapshot, by default the one that ships with the site; the same again changes nothing.

    Raises Refused: a folder that is none, or a snapshot older than the one loaded last.
    """
    found, banks, branches = _read(folder)
    with transaction.atomic():
        if found < snapshot():
            raise Refused(f"読み込み済みの版（{snapshot()}）より古い版（{found}）です。", "older")
        Bank.objects.bulk_create(
            banks,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=UPDATED,
            batch_size=2000,
        )
        Branch.objects.bulk_create(
            branches,
            update_conflicts=True,
            unique_fields=["bank", "code"],
            update_fields=UPDATED,
            batch_size=5000,
        )
        gone = Bank.objects.exclude(last_seen=found).update(is_current=False)
        gone += Branch.objects.exclude(last_seen=found).update(is_current=False)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE payouts_bank, payouts_branch")
    return Loaded(found, len(banks), len(branches), gone)


def snapshot() -> str:
    """The newest snapshot that was loaded (YYYYMMDD), "" before the first."""
    return Bank.objects.aggregate(Max("last_seen"))["last_seen__max"] or ""


def gone(places: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these (bank code, branch code) that the newest snapshot does not have.

    Empty where no master was loaded: then nothing can be said.
    """
    asked = set(places)
    if not asked or not snapshot():
        return set()
    current = Q(is_current=True, bank__is_current=True)
    rows = Branch.objects.filter(current, bank__in={bank for bank, _ in asked})
    return asked - set(rows.values_list("bank_id", "code"))


def _read(folder: Traversable) -> tuple[str, list[Bank], list[Branch]]:
    """The snapshot's day, its banks and its branches. Raises Refused."""
    try:
        day = (folder / "updated_at").read_text().strip()
        seen = {"is_current": True, "first_seen": day, "last_seen": day}
        banks = [Bank(**_place(row), **seen) for row in _rows(folder / "banks.json")]
        branches = [
            Branch(bank_id=bank.code, **_place(row), **seen)
            for bank in banks
            for row in _rows(folder / "branches" / f"{bank.code}.json")
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(f"金融機関の一覧として読み取れません（{error}）。", "folder") from error
    if not (len(day) == 8 and day.isdecimal() and banks):
        raise Refused("updated_at が8けたの日付でないか、金融機関がありません。", "folder")
    return day, banks, branches


def _rows(path: Traversable) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text("utf-8")).values())


def _place(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("code", "name", "kana")}
