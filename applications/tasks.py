"""Bells of the applications: each claims its slot, calls one act, and is safe twice."""

import logging
from datetime import datetime

from celery import shared_task

from applications import (
    app_holders,
    bulk,
    circulars,
    closing,
    demo,
    erasing,
    matching,
    other_contacts,
    reconcile,
    returns,
    risks,
    tallies,
)
from applications.corrections import asking
from config import clock, jobs
from config.owner import as_owner

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
def ask_returned(slot: str) -> None:
    """Ask those whose transfer came back for another account."""
    with jobs.claimed("ask_returned", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = returns.ask_due()


@shared_task
def open_for_app_holders(slot: str) -> None:
    """Go on with the app-holder runs that two people signed."""
    with jobs.claimed("open_for_app_holders", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = app_holders.open_for_app_holders(limit=CHUNKS)


@shared_task
def write_circulars(slot: str) -> None:
    """Write the messages of circulars that two people signed."""
    with jobs.claimed("write_circulars", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = {"written": circulars.write_due()}


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


@shared_task
def other_channel(slot: str) -> None:
    """Send what did not arrive to the other contact that the person gave."""
    with jobs.claimed("other_channel", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = other_contacts.follow()


@shared_task
def approve_bulk(slot: str) -> None:
    """Go on with the bulk approvals that two people signed."""
    with jobs.claimed("approve_bulk", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = bulk.go_on()


@shared_task
def mark_risks(slot: str) -> None:
    """Mark what looks like one hand behind many applications."""
    with jobs.claimed("mark_risks", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = risks.mark()


@shared_task
def count_tallies(slot: str) -> None:
    """Count for the dashboard."""
    with jobs.claimed("count_tallies", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = tallies.recount()


@shared_task
def erase(slot: str) -> None:
    """In rehearsals: erase what is due. Elsewhere `manage.py erase` does, by the owner's log-in."""
    with jobs.claimed("erase", datetime.fromisoformat(slot)) as run:
        if run:
            with as_owner():
                found = {stage: erasing.erase(stage) for stage in erasing.due(clock.now())}
            run.outcome = {stage: sum(row.counts.values()) for stage, row in found.items()}
