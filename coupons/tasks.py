"""Bells of the ledger: each claims its slot, calls one act, and is safe twice."""

from datetime import datetime

from celery import shared_task

from config import jobs
from coupons import sealing, uploads


@shared_task
def seal(slot: str) -> None:
    """Seal the balances as soon as an export younger than the cut-off is in the ledger."""
    with jobs.claimed("seal", datetime.fromisoformat(slot)) as run:
        if run:
            verdict = sealing.seal_due()
            run.outcome = {"sha256": verdict.sha256} if verdict else {}


@shared_task
def take_uploads(slot: str) -> None:
    """Try and apply the exports that the office has uploaded."""
    with jobs.claimed("take_uploads", datetime.fromisoformat(slot)) as run:
        if run:
            run.outcome = uploads.work()
