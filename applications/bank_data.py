"""Which accounts the applications still need; the others are forgotten after their settlement."""

from datetime import datetime

from django.db.models import QuerySet

from applications.models import Application, NewAccount
from applications.returns import OPEN
from payouts import account_erasing
from payouts.models import BankAccount

ENDED = (Application.State.DECIDED, Application.State.WITHDRAWN)


def needed() -> QuerySet[BankAccount]:
    """Ids of the accounts of applications not decided yet, and of corrections under way."""
    asked = Application.objects.exclude(state__in=ENDED).filter(bank_account__isnull=False)
    corrected = NewAccount.objects.filter(state__in=OPEN)
    both = asked.values_list("bank_account", flat=True).union(
        corrected.values_list("bank_account", flat=True)
    )
    return BankAccount.objects.filter(pk__in=both).values("pk")


def erase(before: datetime) -> account_erasing.Erased:
    """Forget the accounts and bank files that were settled before `before` (N81)."""
    return account_erasing.erase(before, needed())
