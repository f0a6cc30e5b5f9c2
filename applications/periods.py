"""The decided postponements for pages: a look-up kept for some seconds, alive without a database.

Intake, which judges, reads them afresh in its transaction.
"""

from contextlib import suppress
from datetime import datetime
from time import monotonic

from django.db import DatabaseError

from config.models import Postponement

KEPT_SECONDS = 5

_kept: tuple[float, dict[str, datetime]] = (-KEPT_SECONDS, {})


def extended() -> dict[str, datetime]:
    """End by name of the date, as decided some seconds ago at the latest."""
    global _kept
    read_at, ends = _kept
    if monotonic() - read_at >= KEPT_SECONDS:
        if read_at >= 0:  # while one asks, the others go on with what is known
            _kept = (monotonic(), ends)
        with suppress(DatabaseError):
            ends = Postponement.approved()
        _kept = (monotonic(), ends)
    return ends


def forget() -> None:
    """Read them anew at the next question."""
    global _kept
    _kept = (-KEPT_SECONDS, {})
