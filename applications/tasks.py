"""Bells of the applications: each claims its slot, calls one act, and is safe twice."""

import logging
from typing import Any

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
    sources,
    tallies,
)
from applications.corrections import asking
from config import clock, jobs, limits
from config.owner import as_owner

CHUNKS = 40  # of the app-holder runs that one bell opens before it lets others in
log = logging.getLogger(__name__)


@jobs.bell("rematch")
def rematch() -> dict[str, Any]:
    """Hold every pending claim against the ledger as it is now."""
    return matching.rematch()


@jobs.bell("close_applications")
def close_applications() -> dict[str, Any]:
    """Seal the list of applications after the deadline."""
    row = closing.close_applications()
    return {"count": row.count, "sha256": row.sha256}


@jobs.bell("remind_numbers")
def remind_numbers() -> dict[str, Any]:
    """Ask for the numbers that are still to follow."""
    return asking.remind_numbers()


@jobs.bell("ask_returned")
def ask_returned() -> dict[str, Any]:
    """Ask those whose transfer came back for another account."""
    return returns.ask_due()


@jobs.bell("open_for_app_holders")
def open_for_app_holders() -> dict[str, Any]:
    """Go on with the app-holder runs that two people signed."""
    return app_holders.open_for_app_holders(limit=CHUNKS)


@jobs.bell("write_circulars")
def write_circulars() -> dict[str, Any]:
    """Write the messages of circulars that two people signed."""
    return {"written": circulars.write_due()}


@jobs.bell("reconcile")
def reconcile_books() -> dict[str, Any]:
    """Compare the three books every night; a yen of difference is an alarm."""
    outcome = reconcile.reconcile().outcome()
    if outcome["differences"]:
        log.error("the books differ in %s places", outcome["differences"])
    return outcome


@jobs.bell("demo_feed")
def demo_feed() -> dict[str, Any]:
    """In rehearsals: take in the exports that have arrived as the clock was moved on."""
    return {"done": demo.feed()}


@jobs.bell("other_channel")
def other_channel() -> dict[str, Any]:
    """Send what did not arrive to the other contact that the person gave."""
    return other_contacts.follow()


@jobs.bell("approve_bulk")
def approve_bulk() -> dict[str, Any]:
    """Go on with the bulk approvals that two people signed."""
    return bulk.go_on()


@jobs.bell("mark_risks")
def mark_risks() -> dict[str, Any]:
    """Mark what looks like one hand behind many applications."""
    return risks.mark()


@jobs.bell("forget_tries")
def forget_tries() -> dict[str, Any]:
    """Forget who tried what from where, once no limit and no rule asks any more (N81)."""
    return {"limits": limits.purge(), "sources": sources.forget()}


@jobs.bell("count_tallies")
def count_tallies() -> dict[str, Any]:
    """Count for the dashboard."""
    return tallies.recount()


@jobs.bell("erase")
def erase() -> dict[str, Any]:
    """In rehearsals: erase what is due. Elsewhere `manage.py erase` does, by the owner's log-in."""
    with as_owner():
        found = {stage: erasing.erase(stage) for stage in erasing.due(clock.now())}
    return {stage: sum(row.counts.values()) for stage, row in found.items()}
