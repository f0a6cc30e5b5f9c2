"""After a backup was laid back: nothing goes out before somebody has looked (R18).

What was sent after the backup stands in it as unsent. So the channels are paused, and every waiting
message counts as tried: a provider that can be asked is asked for it before it is sent again.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from payouts import brakes
from payouts.models import Message, Order

REASON = "バックアップから復元したため（確認が済むまで）"


def restored(*, by: AbstractBaseUser) -> dict[str, int]:
    """Pause every channel and mark what waits; safe twice. Returns counts.

    `waiting` messages are asked for before they go; `orders` of gifts are without an answer yet.
    """
    with transaction.atomic():
        for channel in brakes.CHANNELS:
            if not brakes.paused(channel):
                brakes.pause(channel, by=by, reason=REASON)
        queued = Message.objects.filter(state="queued")
        queued.filter(attempts=0).update(attempts=1)
        queued.update(lease=None, lease_until=None)
        return {
            "waiting": queued.count(),
            "orders": Order.objects.filter(state="placed").count(),
        }
