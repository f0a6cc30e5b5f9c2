"""What time it is: the only place that asks.

Business time (deadlines, due moments, stamps that people read) is `now()`. In rehearsal mode it is
real time plus an offset that web, workers and beat share through one row; outside rehearsal the
offset is always zero. Leases and sweeps use PostgreSQL's `clock_timestamp()` instead: a jump of the
rehearsal clock must not free them (docs/decisions.md, time).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")

_offset: timedelta = timedelta()
_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """The business moment, aware, in Japanese time."""
    held = _held.get()
    return held if held is not None else real_now() + _offset


def real_now() -> datetime:
    """The machine's moment in Japanese time, whatever the rehearsal says: drafts and sessions."""
    return datetime.now(JST)


def set_offset(offset: timedelta) -> None:
    """Let the clock of this process run `offset` ahead of (or behind) real time."""
    global _offset
    _offset = offset


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Hold the clock of this thread at one moment (tests, and renderings of a past moment)."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware moments only")
    token = _held.set(moment.astimezone(JST))
    try:
        yield moment
    finally:
        _held.reset(token)
