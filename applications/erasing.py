"""Erasing what the office need no longer know, stage by stage, with a record that stays (N81).

Stages and their times stand in the notice, [retention]. To be run by the owner of the tables
(config.owner): the processes' role may rewrite neither seal nor history.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Sum

from applications import bank_data, personal
from applications.models import Application
from config import clock, erasing
from config.erasing import STAGES, Wipe
from config.models import Erasure
from config.notice import NOTICE
from config.states import Refused
from coupons import personal as coupons
from coupons.models import Seal
from payouts import account_erasing
from payouts import personal as payouts
from payouts.models import Payout

DECLARED = (erasing, coupons, payouts, personal)


def wipes(stage: str) -> tuple[Wipe, ...]:
    """What the apps declare for a stage."""
    return tuple(wipe for app in DECLARED for wipe in app.WIPES.get(stage, ()))


def begins(stage: str) -> datetime:
    """The first moment at which a stage can have something to erase."""
    kept, dates = NOTICE.retention, NOTICE.dates
    first_bank_day = datetime.combine(dates.first_bank_day, time(), clock.JST)
    return {
        "bank": first_bank_day + timedelta(days=kept.bank_days),
        "closed": dates.site_opens + timedelta(days=kept.closed_days),
        "all": kept.everything,
    }[stage]


def until(stage: str, at: datetime) -> datetime:
    """What ended before this moment is erased by a run at `at`."""
    days = {"bank": NOTICE.retention.bank_days, "closed": NOTICE.retention.closed_days}
    return at - timedelta(days=days.get(stage, 0))


def due(at: datetime) -> list[str]:
    """The stages whose time has begun."""
    return [stage for stage in STAGES if begins(stage) <= at]


def chosen(stage: str | None, at: datetime) -> list[str]:
    """The stages of a run: this one, or all that are due. Raises Refused before its time."""
    if stage and at < begins(stage):
        day = f"{begins(stage).astimezone(clock.JST):%Y-%m-%d}"
        raise Refused(f"この段階の消去は{day}からです。", "early")
    return [stage] if stage else due(at)


def waiting(stage: str) -> dict[str, int]:
    """Rows that a run would erase now, by table."""
    before = until(stage, clock.now())
    counts: dict[str, int] = {}
    for table, rows in _waiting(stage, before):
        counts[table] = counts.get(table, 0) + rows
    return {table: rows for table, rows in counts.items() if rows}


def _waiting(stage: str, before: datetime) -> Iterator[tuple[str, int]]:
    if stage == "bank":
        accounts = account_erasing.due(before, bank_data.needed())
        yield "payouts_bankaccount", accounts.count()
        yield "payouts_batch", account_erasing.due_files(before).count()
    for wipe in wipes(stage):
        yield wipe.table, erasing.count(wipe, before)


def erase(stage: str) -> Erasure:
    """Erase what is due of one stage and record it; safe twice.

    A run that fails records what it did until then and raises; the next one does the rest. Raises
    Refused before the stage's time.
    """
    at = clock.now()
    chosen(stage, at)
    before, counts, complete = until(stage, at), {}, False
    try:
        _erase(stage, before, at, counts)
        complete = True
    finally:
        row = Erasure.objects.create(
            stage=stage, at=at, until=before, complete=complete, counts=counts, sums=sums()
        )
    return row


def _erase(stage: str, before: datetime, at: datetime, counts: dict[str, int]) -> None:
    if stage == "bank":
        erased = bank_data.erase(before)
        found = {"payouts_bankaccount": erased.accounts, "payouts_batch": erased.files}
        counts |= {table: rows for table, rows in found.items() if rows}
    for wipe in wipes(stage):
        erasing.run(wipe, before, at, counts)


def sums() -> dict[str, Any]:
    """What the auditor can hold against the books for ever: counts and yen by state."""
    paid = (
        Payout.objects.order_by("state").values_list("state").annotate(Count("pk"), Sum("amount"))
    )
    asked = Application.objects.order_by("state").values_list("state").annotate(Count("pk"))
    return {
        "payouts": {state: [count, yen or 0] for state, count, yen in paid},
        "applications": dict(asked),
        "seal": Seal.objects.values_list("sha256", flat=True).first() or "",
    }
