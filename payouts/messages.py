"""The outbox: a message is written with its decision, as a row; `dispatch` sends it later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config import clock, limits
from payouts.models import Link, Message, Payout

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reach:
    """Where a message goes: office, channel (sms, email, letter), address, language."""

    prefecture_code: str
    channel: str
    address: str
    language: str = "ja"


def reach(payout: Payout) -> Reach:
    """Where a payout's messages go."""
    return Reach(payout.prefecture_code, payout.channel, payout.address, payout.language)


def write(
    key: str,
    kind: str,
    to: Reach,
    *,
    facts: dict[str, Any] | None = None,
    link: Link | None = None,
    subject: str = "",
    due_at: datetime | None = None,
    held: str = "",
) -> None:
    """Store one message, once a `key`; `facts` are numbers and codes, never a name or an amount.

    A receipt by SMS or mail goes to an address once a day (decided 14). One held back, for this or
    for the reason `held`, stays as a row that the office sees.
    """
    at = clock.now()
    if not held and kind == "receipt" and to.channel in ("sms", "email"):
        count = limits.hit(f"receipt_{to.channel}", to.address.casefold(), DAY)
        held = "once_a_day" if count > 1 else ""
    row = compose(key, kind, to, at, facts=facts, link=link, subject=subject, due_at=due_at)
    if held:
        row.state, row.failure = Message.State.GIVEN_UP, held
    write_all([row])


def compose(
    key: str,
    kind: str,
    to: Reach,
    at: datetime,
    *,
    facts: dict[str, Any] | None = None,
    link: Link | None = None,
    subject: str = "",
    due_at: datetime | None = None,
) -> Message:
    """A message row, not stored yet."""
    return Message(
        key=key,
        kind=kind,
        channel=to.channel or "letter",
        address=to.address,
        language=to.language,
        prefecture_code=to.prefecture_code,
        facts=facts or {},
        link=link,
        subject=subject,
        written_at=at,
        due_at=due_at or at,
    )


def write_all(rows: list[Message]) -> None:
    """Store messages, each once a `key`."""
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def drop(subject: str, kinds: Iterable[str]) -> None:
    """Take back what was written about a subject and nobody has begun to send yet."""
    rows = Message.objects.filter(subject=subject, kind__in=kinds, state="queued", lease=None)
    rows.update(state=Message.State.GIVEN_UP, failure="link_replaced")
