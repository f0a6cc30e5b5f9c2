"""What keeps a worker's claim alive, and what tells it to stop: heartbeat, pause, circuit."""

import uuid
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import connection

from payouts import brakes
from payouts.outbound.messages import Outcome, Refused, Unknown
from payouts.outcomes import Later

SILENT = 8  # faults of a provider in a row until it is left alone
LOOK = 1.0  # seconds between two looks at the pause


class Heartbeat:
    """A thread that renews the leases in use, by the database's clock, until the work is done.

    It looks for a pause each second: `stopped` lets the calls that wait go back to the queue.
    """

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.leases: set[uuid.UUID] = set()
        self.done, self.stopped = Event(), Event()
        self.thread = Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.done.set()
        self.thread.join()

    def _beat(self) -> None:
        beat = settings.LEASE_SECONDS / 3
        renewed = monotonic()
        while not self.done.wait(min(LOOK, beat)):
            if monotonic() - renewed >= beat:
                renew(list(self.leases))
                renewed = monotonic()
            if brakes.paused(self.channel):
                self.stopped.set()
        connection.close()


class Circuit:
    """Opens after SILENT faults of the provider in a row, so that the rest need not meet them."""

    def __init__(self) -> None:
        self.faults = 0

    @property
    def open(self) -> bool:
        return self.faults >= SILENT

    def note(self, outcome: Outcome | Later) -> None:
        """Count a fault; anything else that a provider says shows that it is alive."""
        if isinstance(outcome, Unknown) or (isinstance(outcome, Refused) and outcome.technical):
            self.faults += 1
        elif not isinstance(outcome, Later) and not self.open:
            self.faults = 0


def renew(leases: list[uuid.UUID]) -> None:
    """Let leases that still hold go on from now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payouts_message
               SET lease_until = clock_timestamp() + make_interval(secs => %s)
               WHERE state = 'queued' AND lease = ANY(%s) AND lease_until > clock_timestamp()""",
            [settings.LEASE_SECONDS, leases],
        )
