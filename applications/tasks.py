"""Bells of the applications: each claims its slot, calls one act, and is safe twice."""

import logging
from datetime import datetime

from celery import shared_task

from applications import app_holders, closing, demo, matching, reconcile
from applications.corrections import asking
from config import jobs

CHUNKS = 40  # of the app-holder runs that one bell opens before it lets others in
log = logging.getLogger(__name__)


@shared_task
def rematch(slot: str) -> None:
    """Hold every pending claim against the ledger as it is now."""
    with jobs.claimed("rematch", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = matching.rematch()


@shared_task
def close_applications(slot: str) -> None:
    """Seal the list of applications after the deadline."""
    with jobs.claimed("close_applications", datetime.fromisoformat(slot)) as run:
        if run:
            row = closing.close_applications()
            run.outcome = {"count": row.count, "sha256": row.sha256}


@shared_task
def remind_numbers(slot: str) -> None:
    """Ask for the numbers that are still to follow."""
    with jobs.claimed("remind_numbers", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = asking.remind_numbers()


@shared_task
def open_for_app_holders(slot: str) -> None:
    """Go on with the app-holder runs that two people signed."""
    with jobs.claimed("open_for_app_holders", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = app_holders.open_for_app_holders(limit=CHUNKS)


@shared_task
def reconcile_books(slot: str) -> None:
    """Compare the three books every night; a yen of difference is an alarm."""
    with jobs.claimed("reconcile", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = reconcile.reconcile().outcome()
            if run.outcome["differences"]:
                log.error("the books differ in %s places", run.outcome["differences"])


@shared_task
def demo_feed(slot: str) -> None:
    """In rehearsals: take in the exports that have arrived as the clock was moved on."""
    with jobs.claimed("demo_feed", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = {"done": demo.feed()}
