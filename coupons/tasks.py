"""Bells of the ledger: each claims its slot, calls one act, and is safe twice."""

from typing import Any

from config import jobs
from coupons import sealing, uploads


@jobs.bell("seal")
def seal() -> dict[str, Any]:
    """Seal the balances as soon as an export younger than the cut-off is in the ledger."""
    verdict = sealing.seal_due()
    return {"sha256": verdict.sha256} if verdict else {}


@jobs.bell("take_uploads")
def take_uploads() -> dict[str, Any]:
    """Try and apply the exports that the office has uploaded."""
    return uploads.work()
