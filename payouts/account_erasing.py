"""Forgetting accounts and bank files once their money is settled (N81).

What stays: that there was an account, its keyed hash, a file's SHA-256, count and total. To be run
by the owner of the tables: the processes' role may change no account.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from config import clock
from payouts.models import BankAccount, Batch, Payout, Transfer

WAVE = 1000  # rows in one transaction
State = Payout.State
OPEN = (State.WAITING, State.READY, State.LISTED, State.HANDED_OVER, State.RETURNED)
LIVE = (Transfer.State.LISTED, Transfer.State.HANDED_OVER)


@dataclass(frozen=True)
class Erased:
    """How many accounts and files were forgotten."""

    accounts: int
    files: int


def due(before: datetime, needed: QuerySet | None = None) -> QuerySet[BankAccount]:
    """Accounts of which nothing happened since `before` and that no payout can go to any more.

    `needed`: ids of accounts that somebody else still asks for.
    """
    transfers = Transfer.objects.filter(Q(state__in=LIVE) | Q(steps__at__gte=before))
    payouts = Payout.objects.filter(bank_account__isnull=False)
    busy = payouts.filter(Q(state__in=OPEN) | Q(steps__at__gte=before))
    rows = BankAccount.objects.filter(erased_at=None, made_at__lt=before)
    rows = rows.exclude(pk__in=transfers.values("bank_account"))
    rows = rows.exclude(pk__in=busy.values("bank_account"))
    return rows.exclude(pk__in=needed) if needed is not None else rows


def due_files(before: datetime) -> QuerySet[Batch]:
    """Frozen files all of whose transfers were settled before `before`."""
    unsettled = Transfer.objects.filter(Q(state__in=LIVE) | Q(steps__at__gte=before))
    files = Batch.objects.filter(state=Batch.State.HANDED_OVER, blob__isnull=False)
    return files.exclude(pk__in=unsettled.values("batch"))


def erase(before: datetime, needed: QuerySet | None = None) -> Erased:
    """Forget them all; safe twice and when interrupted. Returns the counts."""
    at, accounts = clock.now(), 0
    while True:
        with transaction.atomic():
            rows = due(before, needed).select_for_update(of=("self",), skip_locked=True)
            ids = list(rows.order_by("pk").values_list("pk", flat=True)[:WAVE])
            BankAccount.objects.filter(pk__in=ids).update(blob=b"", erased_at=at)
        accounts += len(ids)
        if len(ids) < WAVE:
            return Erased(accounts, due_files(before).update(blob=None))
