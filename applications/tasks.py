"""Bells of the applications: each claims its slot, calls one act, and is safe twice."""

from datetime import datetime

from celery import shared_task

from applications import closing, matching
from config import jobs


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
