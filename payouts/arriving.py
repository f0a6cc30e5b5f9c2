"""A transfer is settled when nothing came back for some bank days; it can still come back later.

That the bank has taken an order in (受付済) is no arrival, and no bank tells of every arrival. So
the time without a return is what settles: SETTLED_AFTER_BANK_DAYS after the day of the transfer.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from config import clock
from config.notice import NOTICE
from payouts import results
from payouts.models import Recall, Transfer

WAVE = 2000  # transfers in one transaction
REASON = "settled"
ONE_DAY = timedelta(days=1)


def settle_due() -> dict[str, int]:
    """Settle what was to be paid long enough ago and did not come back; safe twice. Counts.

    A transfer that is being called back (組戻) waits for its outcome.
    """
    at, settled = clock.now(), 0
    while True:
        with transaction.atomic():
            rows = due(last_day(at)).select_for_update(of=("self",), skip_locked=True)
            wave = list(rows.order_by("pk")[:WAVE])
            if wave:
                results.move(wave, "handed_over", "paid", by=None, at=at, reason=REASON)
        settled += len(wave)
        if len(wave) < WAVE:
            return {"settled": settled}


def due(day: date) -> QuerySet[Transfer]:
    """Transfers on their way whose day (JST) was `day` or before, no recall of them open."""
    open_recalls = Recall.objects.filter(dropped_at=None, outcome_at=None)
    rows = Transfer.objects.filter(state="handed_over", batch__pay_on__lte=day)
    return rows.exclude(pk__in=open_recalls.values("transfer"))


def last_day(at: datetime) -> date:
    """The newest day of a transfer that is settled at `at`: so many bank days ago."""
    tomorrow = at.astimezone(clock.JST).date() + ONE_DAY  # today counts where it is a bank day
    return _bank_day(tomorrow, settings.SETTLED_AFTER_BANK_DAYS + 1, -ONE_DAY)


def settled_on(pay_on: date) -> date:
    """The day on which a transfer of `pay_on` is settled, if nothing comes back."""
    return _bank_day(pay_on, settings.SETTLED_AFTER_BANK_DAYS, ONE_DAY)


def _bank_day(day: date, count: int, step: timedelta) -> date:
    """The bank day that is so many of them after a day, or before it by a negative step."""
    while count:
        day += step
        count -= NOTICE.is_bank_day(day)
    return day
