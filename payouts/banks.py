"""The bank master: loaded from a snapshot that ships with the site, never deleted from."""

from collections.abc import Iterator
from importlib.metadata import version

import zengin_code
from django.db import connection, transaction

from payouts.models import Bank, Branch


def load() -> tuple[int, int]:
    """Load the snapshot of the package zengin-code; returns how many banks and branches it has.

    What the snapshot lacks stays, marked as no longer current; `last_seen` tells its last snapshot.
    """
    snapshot = version("zengin-code").rsplit(".", 1)[-1]
    with transaction.atomic():
        banks = list(_banks(snapshot))
        Bank.objects.bulk_create(
            banks,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "kana", "is_current", "last_seen"],
            batch_size=2000,
        )
        branches = list(_branches(snapshot))
        Branch.objects.bulk_create(
            branches,
            update_conflicts=True,
            unique_fields=["bank", "code"],
            update_fields=["name", "kana", "is_current", "last_seen"],
            batch_size=5000,
        )
        Bank.objects.exclude(last_seen=snapshot).update(is_current=False)
        Branch.objects.exclude(last_seen=snapshot).update(is_current=False)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE payouts_bank, payouts_branch")
    return len(banks), len(branches)


def _banks(snapshot: str) -> Iterator[Bank]:
    for bank in zengin_code.Bank.all.values():
        yield Bank(
            code=bank.code,
            name=bank.name,
            kana=bank.kana,
            is_current=True,
            first_seen=snapshot,
            last_seen=snapshot,
        )


def _branches(snapshot: str) -> Iterator[Branch]:
    for bank in zengin_code.Bank.all.values():
        for branch in bank.branches.values():
            yield Branch(
                bank_id=bank.code,
                code=branch.code,
                name=branch.name,
                kana=branch.kana,
                is_current=True,
                first_seen=snapshot,
                last_seen=snapshot,
            )
