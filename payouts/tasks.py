"""Bells of the payouts: each claims its slot or its rows, calls one act, and is safe twice."""

from typing import Any

from celery import shared_task

from config import jobs
from config.tasks import LONG_QUEUE, waiting
from payouts import amounts, arriving, delivery, dispatch, levels, opening, reminding, settling

RELEASED = 20_000  # payouts that one bell releases before it lets others in


@jobs.bell("sweep")
def sweep() -> dict[str, Any]:
    """Ring for each channel that has something to send, unless its bells lie there unheard."""
    channels = [each for each in dispatch.due_channels() if waiting(each) <= LONG_QUEUE]
    for channel in channels:
        deliver.apply_async([channel], queue=channel)
    return {"channels": channels}


@shared_task
def deliver(channel: str) -> None:
    """Send what is due on one channel."""
    dispatch.deliver(channel)


@jobs.bell("match_receipts")
def match_receipts() -> dict[str, Any]:
    """Give receipts that came too early, or without our reference, to their messages."""
    return {"matched": delivery.match()}


@jobs.bell("expire_unconfirmed")
def expire_unconfirmed() -> dict[str, Any]:
    """Mark messages of which nothing was heard for 72 hours."""
    return {"marked": delivery.expire()}


@jobs.bell("release_due")
def release_due() -> dict[str, Any]:
    """Make due payouts ready, once the balances are sealed."""
    return opening.release_due(limit=RELEASED)


@jobs.bell("settle_orders")
def settle_orders() -> dict[str, Any]:
    """Ask the gift providers about orders that have no answer yet."""
    return {"issued": settling.settle_due()}


@jobs.bell("settle_transfers")
def settle_transfers() -> dict[str, Any]:
    """Take transfers as arrived that did not come back for some bank days."""
    return arriving.settle_due()


@jobs.bell("close_receiving")
def close_receiving() -> dict[str, Any]:
    """Let points lapse that nobody took until the end of receiving."""
    return {"lapsed": opening.lapse()}


@jobs.bell("remind_receivers")
def remind_receivers() -> dict[str, Any]:
    """Remind of the end of receiving, a week and a day before it."""
    return reminding.remind()


@jobs.bell("look_at_stock")
def look_at_stock() -> dict[str, Any]:
    """Find amounts that no brand can pay, stocks that run low, providers short of funds."""
    return amounts.mark() | levels.short()
