"""Sending what the outbox holds: claim, call the provider, write what came of it.

1. `claim` takes due rows under one lease (FOR UPDATE SKIP LOCKED) and commits.
2. `attempt` calls the provider outside any transaction, under the message's own reference.
3. `finish` writes results and attempt rows only where the lease is still its own.

While one batch is written the calls of the next are already under way; `Heartbeat` keeps the leases
of slow batches alive, and those of a dead worker run out.
"""

import logging
import uuid
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import connection, transaction

from config import clock, limits
from config.models import Postponement
from config.notice import NOTICE
from payouts import texts
from payouts.models import Attempt, Message
from payouts.outbound.messages import Accepted, Outcome, Refused, Sender, Unknown
from payouts.outbound.senders import sender_for

MACHINE_CHANNELS = ("sms", "email")
ROUNDS = 20  # batches that one bell sends before it lets others in
LIMIT = 500  # rows under one lease at the most
WAITS = (10, 30, 60, 300, 900, 1800, 3600)  # seconds between tries, then hourly
TRIES = 12
DAY = timedelta(days=1)
log = logging.getLogger(__name__)
NEEDED = (
    *("key", "kind", "channel", "address", "language", "version", "prefecture_code", "facts"),
    *("attempts", "link__generation", "link__key_number", "link__replaced_at"),
    "link__payout__state",
)


@dataclass(frozen=True)
class Result:
    """What became of one claimed message, and how many of its tries had ended before."""

    message: Message
    outcome: Outcome
    ended_before: int = 0


@dataclass(frozen=True)
class Batch:
    """Messages under one lease, and the calls that are under way for them."""

    lease: uuid.UUID
    messages: list[Message]
    calls: list[Future[Outcome]]
    past: dict[int, dict[int, str]]

    def results(self) -> list[Result]:
        """Wait for all calls."""
        return [
            Result(message, call.result(), len(self.past[message.pk]))
            for message, call in zip(self.messages, self.calls, strict=True)
        ]


class Heartbeat:
    """A thread that renews the leases in use, by the database's clock, until the work is done."""

    def __init__(self) -> None:
        self.leases: set[uuid.UUID] = set()
        self.done = Event()
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
        while not self.done.wait(settings.LEASE_SECONDS / 3):
            renew(list(self.leases))
        connection.close()


def due_channels() -> list[str]:
    """The machine channels that have something to send now."""
    return [channel for channel in MACHINE_CHANNELS if _due(channel, 1, lock=False)]


def deliver(channel: str, rounds: int = ROUNDS) -> int:
    """Send what is due on a channel, up to `rounds` batches; returns how many were tried."""
    sender, tried, before = sender_for(channel), 0, None
    rate = sender.concurrency / settings.PROVIDER_TIMEOUT_SECONDS  # the worst; then as measured
    with ThreadPoolExecutor(sender.concurrency) as pool, Heartbeat() as heart:
        for _ in range(rounds):
            began = monotonic()
            batch = begin(channel, sender, pool, room(rate))
            heart.leases.add(batch.lease)
            if before:
                finish(before.lease, before.results())
                heart.leases.discard(before.lease)
                rate = len(before.messages) / max(monotonic() - began, 0.001)
            before, tried = batch, tried + len(batch.messages)
            if not batch.messages:
                break
        finish(before.lease, before.results())
    return tried


def begin(channel: str, sender: Sender, pool: ThreadPoolExecutor, room: int) -> Batch:
    """Claim a batch and set its calls going."""
    lease, messages = claim(channel, room)
    over = {message.pk for message in over_budget(messages)}
    past = history(messages)
    calls = [
        pool.submit(too_dear)
        if message.pk in over
        else pool.submit(safely, sender, message, in_doubt(message, past[message.pk]))
        for message in messages
    ]
    return Batch(lease, messages, calls, past)


def over_budget(batch: list[Message]) -> list[Message]:
    """The receipts by SMS of a claimed batch that the day's budget for them no longer pays."""
    first = [m for m in batch if (m.kind, m.channel, m.attempts) == ("receipt", "sms", 1)]
    if not first:
        return []
    spent = limits.hit("receipt_sms_all", "", DAY, len(first)) * settings.SMS_PRICE_YEN
    short = max(0, spent - settings.SMS_RECEIPT_BUDGET_YEN)
    beyond = min(len(first), -(-short // settings.SMS_PRICE_YEN))
    return first[len(first) - beyond :]


def too_dear() -> Outcome:
    """What becomes of a receipt that the budget does not pay."""
    return Refused("budget", permanent=True)


def room(rate: float) -> int:
    """How many rows to take at a rate of calls a second: half a lease's worth."""
    return max(1, min(LIMIT, int(rate * settings.LEASE_SECONDS / 2)))


def claim(channel: str, room: int) -> tuple[uuid.UUID, list[Message]]:
    """Take up to `room` due rows; those of a dead worker are due again when its lease is over."""
    lease = uuid.uuid4()
    with transaction.atomic():
        ids = _due(channel, room, lock=True)
        if not ids:
            return lease, []
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE payouts_message SET lease = %s, attempts = attempts + 1,
                          lease_until = clock_timestamp() + make_interval(secs => %s)
                   WHERE id = ANY(%s)""",
                [lease, settings.LEASE_SECONDS, ids],
            )
    rows = Message.objects.filter(pk__in=ids).select_related("link__payout").only(*NEEDED)
    return lease, list(rows.order_by("id"))


def renew(leases: list[uuid.UUID]) -> None:
    """Let leases that still hold go on from now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payouts_message
               SET lease_until = clock_timestamp() + make_interval(secs => %s)
               WHERE state = 'queued' AND lease = ANY(%s) AND lease_until > clock_timestamp()""",
            [settings.LEASE_SECONDS, leases],
        )


def history(messages: list[Message]) -> dict[int, dict[int, str]]:
    """The outcomes of earlier tries, by message id and try; a try of a dead worker left none."""
    again = [message.pk for message in messages if message.attempts > 1]
    past: dict[int, dict[int, str]] = {message.pk: {} for message in messages}
    if again:
        rows = Attempt.objects.filter(message__in=again)
        for pk, number, outcome in rows.values_list("message", "number", "outcome"):
            past[pk][number] = outcome
    return past


def in_doubt(message: Message, past: dict[int, str]) -> bool:
    """Whether an earlier try may have reached the provider: no answer, or no word of it at all."""
    return any(past.get(number, "unknown") == "unknown" for number in range(1, message.attempts))


def safely(sender: Sender, message: Message, doubt: bool) -> Outcome:
    """One try that keeps its own trouble from the rest of the batch."""
    try:
        return attempt(sender, message, doubt)
    except Exception:
        log.exception("message %s could not be tried", message.pk)
        return Unknown("broken")


def attempt(sender: Sender, message: Message, doubt: bool) -> Outcome:
    """One try; in doubt the provider is asked before anything goes again. Touches no row."""
    if message.link and (message.link.replaced_at or message.link.payout.state != "ready"):
        return Refused("link_replaced", permanent=True)
    if doubt:
        known = sender.lookup(message.key)
        if known is not None and not isinstance(known, Unknown):
            return known
    return sender.send(message.key, message.address, texts.render(message))


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
        wait = WAITS[min(result.ended_before, len(WAITS) - 1)]
        if tried.permanent or result.ended_before + 1 >= TRIES:
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
            [channel, at, NOTICE.sends_links(at, Postponement.approved()), room],
        )
        return [row[0] for row in cursor.fetchall()]
