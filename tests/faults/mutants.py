"""Imported by the worker of the fault tests: one guard is taken away, and they must notice.

make faults MUTANT=lease        a claimed message is due for everybody, and anyone may finish it:
                                killed workers and the storm count messages that went twice
make faults MUTANT=sweeper      nobody looks for what is due: both wait in vain for the first one
make faults MUTANT=constraint   the index of one live line a coupon is dropped (in the test): one
                                coupon is paid by two payouts
"""

import os
import uuid
from collections.abc import Iterable

from payouts import dispatch
from payouts.models import Message

MUTANT = os.environ.get("MUTANT", "")


def claim_without_lease(channel: str, room: int) -> tuple[uuid.UUID, list[Message]]:
    """Everything queued is everybody's, at once, and no try is counted."""
    rows = Message.objects.filter(channel=channel, state="queued")[:room]
    return uuid.uuid4(), list(rows.select_related("link__payout"))


def finish_without_lease(lease: uuid.UUID, results: Iterable[dispatch.Result]) -> None:
    """Whoever comes writes."""
    for result in results:
        Message.objects.filter(pk=result.message.pk).update(state="sent")


def due_nothing() -> list[str]:
    """A sweeper that sees nothing."""
    return []


if MUTANT == "lease":
    dispatch.claim, dispatch.finish = claim_without_lease, finish_without_lease
elif MUTANT == "sweeper":
    dispatch.due_channels = due_nothing
