"""Bells of the payouts: each claims its slot or its rows, calls one act, and is safe twice."""

from datetime import datetime

from celery import shared_task

from config import jobs
from config.tasks import LONG_QUEUE, waiting
from payouts import amounts, delivery, dispatch, levels, opening, reminding, settling

RELEASED = 20_000  # payouts that one bell releases before it lets others in


@shared_task
def sweep(slot: str) -> None:
    """Ring for each channel that has something to send, unless its bells lie there unheard."""
    with jobs.claimed("sweep", datetime.fromisoformat(slot)) as run:
        if run:
            due = dispatch.due_channels()
            run.outcome = {"channels": [each for each in due if waiting(each) <= LONG_QUEUE]}
            for channel in run.outcome["channels"]:
                deliver.apply_async([channel], queue=channel)


@shared_task
def deliver(channel: str) -> None:
    """Send what is due on one channel."""
    dispatch.deliver(channel)


@shared_task
def match_receipts(slot: str) -> None:
    """Give receipts that came too early, or without our reference, to their messages."""
    with jobs.claimed("match_receipts", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = {"matched": delivery.match()}


@shared_task
def expire_unconfirmed(slot: str) -> None:
    """Mark messages of which nothing was heard for 72 hours."""
    with jobs.claimed("expire_unconfirmed", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = {"marked": delivery.expire()}


@shared_task
def release_due(slot: str) -> None:
    """Make due payouts ready, once the balances are sealed."""
    with jobs.claimed("release_due", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = opening.release_due(limit=RELEASED)


@shared_task
def settle_orders(slot: str) -> None:
    """Ask the gift providers about orders that have no answer yet."""
    with jobs.claimed("settle_orders", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = {"issued": settling.settle_due()}


@shared_task
def close_receiving(slot: str) -> None:
    """Let points lapse that nobody took until the end of receiving."""
    with jobs.claimed("close_receiving", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = {"lapsed": opening.lapse()}


@shared_task
def remind_receivers(slot: str) -> None:
    """Remind of the end of receiving, a week and a day before it."""
    with jobs.claimed("remind_receivers", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = reminding.remind()


@shared_task
def look_at_stock(slot: str) -> None:
    """Find amounts that no brand can pay, stocks that run low, providers short of funds."""
    with jobs.claimed("look_at_stock", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = amounts.mark() | levels.short()
