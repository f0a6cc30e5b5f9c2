"""The outbox: write a message with the decision, deliver it later, note what came of it.

1. `write` stores the row in the transaction of its decision; nothing is sent there.
2. `claim` takes due rows under one lease (FOR UPDATE SKIP LOCKED) and commits.
3. `attempt` calls the provider outside any transaction, under the message's own reference.
4. `finish` writes results and attempt rows only where the lease is still its own.
"""

import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from config import clock, limits
from config.notice import NOTICE
from payouts import texts
from payouts.models import Attempt, Link, Message, Payout
from payouts.outbound.messages import Accepted, Outcome, Refused, Sender, Unknown
from payouts.outbound.senders import sender_for

MACHINE_CHANNELS = ("sms", "email")
LIMIT = 500  # rows under one lease at the most
WAITS = (10, 30, 60, 300, 900, 1800, 3600)  # seconds between tries, then hourly
TRIES = 12
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reach:
    """Where a message goes: office, channel (sms, email, letter), address, language."""

    prefecture_code: str
    channel: str
    address: str
    language: str = "ja"


@dataclass(frozen=True)
class Result:
    """What became of one claimed message."""

    message: Message
    outcome: Outcome


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
) -> Message:
    """Store one message, once a `key`; `facts` are numbers and codes, never a name or an amount.

    A receipt by SMS goes to a number once a day (decided 14): one held back stays as a row that the
    office sees.
    """
    at = clock.now()
    receipt = kind == "receipt" and to.channel == "sms"
    held = receipt and limits.hit("receipt_sms", to.address, DAY) > 1
    message, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "channel": to.channel or "letter",
            "address": to.address,
            "language": to.language,
            "prefecture_code": to.prefecture_code,
            "facts": facts or {},
            "link": link,
            "subject": subject,
            "written_at": at,
            "due_at": due_at or at,
            "state": Message.State.GIVEN_UP if held else Message.State.QUEUED,
            "failure": "once_a_day" if held else "",
        },
    )
    return message


def due_channels() -> list[str]:
    """The machine channels that have something to send now."""
    return [channel for channel in MACHINE_CHANNELS if _due(channel, 1, lock=False)]


def deliver(channel: str) -> int:
    """Claim due messages of a channel, send them side by side, write results; returns how many."""
    sender = sender_for(channel)
    lease, batch = claim(channel, room(sender))
    if not batch:
        return 0
    over = over_budget(batch)
    going = [message for message in batch if message not in over]
    with ThreadPoolExecutor(min(sender.concurrency, len(batch))) as pool:
        outcomes = pool.map(lambda message: attempt(sender, message), going)
        results = [Result(*pair) for pair in zip(going, outcomes, strict=True)]
    results += [Result(message, Refused("budget", permanent=True)) for message in over]
    finish(lease, results)
    return len(batch)


def over_budget(batch: list[Message]) -> list[Message]:
    """The receipts by SMS of a claimed batch that the day's budget for them no longer pays."""
    first = [m for m in batch if (m.kind, m.channel, m.attempts) == ("receipt", "sms", 1)]
    if not first:
        return []
    spent = limits.hit("receipt_sms_all", "", DAY, len(first)) * settings.SMS_PRICE_YEN
    short = max(0, spent - settings.SMS_RECEIPT_BUDGET_YEN)
    beyond = min(len(first), -(-short // settings.SMS_PRICE_YEN))
    return first[len(first) - beyond :]


def room(sender: Sender) -> int:
    """How many rows one lease can carry even if every call runs into its time-out."""
    slowest = sender.concurrency * settings.LEASE_SECONDS / 2 / settings.PROVIDER_TIMEOUT_SECONDS
    return max(1, min(LIMIT, int(slowest)))


def claim(channel: str, room: int) -> tuple[uuid.UUID, list[Message]]:
    """Take up to `room` due rows; those of a dead worker are due again when its lease is over."""
    lease = uuid.uuid4()
    with transaction.atomic():
        ids = _due(channel, room, lock=True)
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE payouts_message SET lease = %s, attempts = attempts + 1,
                          lease_until = clock_timestamp() + make_interval(secs => %s)
                   WHERE id = ANY(%s)""",
                [lease, settings.LEASE_SECONDS, ids],
            )
    rows = Message.objects.filter(lease=lease).select_related("link__payout").order_by("id")
    return lease, list(rows.prefetch_related("tries"))


def attempt(sender: Sender, message: Message) -> Outcome:
    """One try. A message that may already have gone out is asked for before it goes again."""
    if message.link and (message.link.replaced_at or message.link.payout.state != "ready"):
        return Refused("link_replaced", permanent=True)
    if in_doubt(message):
        known = sender.lookup(message.key)
        if known is not None and not isinstance(known, Unknown):
            return known
    return sender.send(message.key, message.address, texts.render(message))


def in_doubt(message: Message) -> bool:
    """Whether an earlier try may have reached the provider: no answer, or no word of it at all."""
    tries = {row.number: row.outcome for row in message.tries.all()}
    return any(tries.get(number, "unknown") == "unknown" for number in range(1, message.attempts))


def finish(lease: uuid.UUID, results: Iterable[Result]) -> None:
    """Write results and attempts where the lease still holds; a late worker writes nothing."""
    at = clock.now()
    rows = [_written(result, at) for result in results]
    if not rows:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payouts_message m
               SET state = v.state, sent_at = v.sent_at, provider_ref = v.ref, failure = v.failure,
                   next_at = clock_timestamp() + make_interval(secs => v.wait),
                   lease = NULL, lease_until = NULL
               FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::text[],
                           %s::int[]) AS v (id, state, sent_at, ref, failure, wait)
               WHERE m.id = v.id AND m.lease = %s
               RETURNING m.id""",
            [*map(list, zip(*(row[0] for row in rows), strict=True)), lease],
        )
        ours = {row[0] for row in cursor.fetchall()}
        Attempt.objects.bulk_create(tried for _, tried in rows if tried.message_id in ours)


def _written(result: Result, at: datetime) -> tuple[tuple[Any, ...], Attempt]:
    """The new values of a message and the attempt row beside them."""
    message, outcome = result.message, result.outcome
    state, sent_at, ref, failure, wait = Message.State.QUEUED, None, "", "", 0
    tried = Attempt(message=message, number=message.attempts, at=at)
    if isinstance(outcome, Accepted):
        state, sent_at, ref = Message.State.SENT, at, outcome.ref
        tried.outcome = Attempt.Outcome.ACCEPTED
    elif isinstance(outcome, Refused):
        tried.outcome, tried.code = Attempt.Outcome.REFUSED, outcome.code[:40]
        tried.permanent, failure = outcome.permanent, outcome.code[:40]
    else:
        tried.outcome, failure = Attempt.Outcome.UNKNOWN, "no_answer"
    if state == Message.State.QUEUED:
        wait = WAITS[min(message.attempts, len(WAITS)) - 1]
        if tried.permanent or message.attempts >= TRIES:
            state = Message.State.GIVEN_UP
    return (message.pk, state.value, sent_at, ref[:80], failure, wait), tried


def _due(channel: str, room: int, *, lock: bool) -> list[int]:
    """Ids of messages to send now; links only while NOTICE lets them go out."""
    at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id FROM payouts_message
                WHERE state = 'queued' AND channel = %s AND due_at <= %s
                  AND (next_at IS NULL OR next_at <= clock_timestamp())
                  AND (lease_until IS NULL OR lease_until < clock_timestamp())
                  AND (%s OR kind <> 'link')
                ORDER BY due_at, id LIMIT %s {"FOR UPDATE SKIP LOCKED" if lock else ""}""",
            [channel, at, NOTICE.sends_links(at), room],
        )
        return [row[0] for row in cursor.fetchall()]
