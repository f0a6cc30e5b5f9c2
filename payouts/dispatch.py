"""Sending what the outbox holds: claim, call the provider, write what came of it.

1. `claim` takes due rows under one lease (FOR UPDATE SKIP LOCKED), within the brakes, and commits.
2. `attempt` calls the provider outside any transaction, under the message's own reference.
3. `outcomes.finish` writes results and attempts only where the lease is still its own.

While one batch is written the calls of the next are already under way; `Heartbeat` keeps the leases
of slow batches alive and sees a pause, and those of a dead worker run out.
"""

import logging
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.db import connection, transaction

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from payouts import brakes, outcomes, texts
from payouts.leases import Circuit, Heartbeat
from payouts.models import Attempt, Message
from payouts.outbound.messages import Outcome, Refused, Sender, Unknown
from payouts.outbound.senders import sender_for
from payouts.outcomes import Later, Result, finish

MACHINE_CHANNELS = ("sms", "email")
ROUNDS = 1000  # batches that one bell sends at the most,
BELL = 10.0  # and seconds after which it begins no other, so that other channels get their turn
LIMIT = 500  # rows under one lease at the most
REST = 30.0  # seconds that a provider gets which does not answer
log = logging.getLogger(__name__)
NEEDED = (
    *("key", "kind", "channel", "address", "language", "version", "prefecture_code", "facts"),
    *("attempts", "due_at", "link__generation", "link__key_number", "link__replaced_at"),
    *("link__payout__state", "link__payout__language", "link__payout__receives_until"),
)


@dataclass(frozen=True)
class Job:
    """One message of a batch to call for: whether the provider may have it, and its place."""

    message: Message
    doubt: bool
    not_before: float


@dataclass(frozen=True)
class Batch:
    """Messages under one lease, the threads that call for them, and what has come of it."""

    lease: uuid.UUID
    messages: list[Message]
    work: list[Future[None]]
    outcomes: dict[int, Outcome | Later]
    past: dict[int, dict[int, str]]

    def results(self) -> list[Result]:
        """Wait for all calls."""
        for each in self.work:
            each.result()
        return [
            Result(message, self.outcomes[message.pk], len(self.past[message.pk]))
            for message in self.messages
        ]


@dataclass(frozen=True)
class Line:
    """One bell's work on a channel: its sender, its threads, and what may stop it."""

    channel: str
    sender: Sender
    pool: ThreadPoolExecutor
    heart: Heartbeat
    circuit: Circuit

    def stopped(self) -> Later | None:
        """Why no further call begins."""
        if self.heart.stopped.is_set():
            return Later(outcomes.PAUSED, 0)
        return Later(outcomes.REST, REST) if self.circuit.open else None


def due_channels() -> list[str]:
    """The machine channels that have something to send now and may."""
    return [
        channel
        for channel in MACHINE_CHANNELS
        if not brakes.paused(channel) and _due(channel, 1, lock=False)
    ]


def deliver(channel: str, rounds: int = ROUNDS, sender: Sender | None = None) -> int:
    """Send what is due on a channel, up to `rounds` batches; returns how many were claimed.

    By the provider of the settings, where no other `sender` is given.
    """
    sender, claimed, before = sender or sender_for(channel), 0, None
    rate = sender.concurrency / settings.PROVIDER_TIMEOUT_SECONDS  # the worst; then as measured
    with ThreadPoolExecutor(sender.concurrency) as pool, Heartbeat(channel) as heart:
        line, until = Line(channel, sender, pool, heart, Circuit()), monotonic() + BELL
        for _ in range(rounds):
            began = monotonic()
            if before and began > until:
                break
            batch = begin(line, room(rate))
            heart.leases.add(batch.lease)
            if before:
                finish(before.lease, before.results())
                heart.leases.discard(before.lease)
                rate = len(before.messages) / max(monotonic() - began, 0.001)
            before, claimed = batch, claimed + len(batch.messages)
            if not batch.messages:
                break
        finish(before.lease, before.results())
        if line.circuit.open:
            log.warning("%s: the provider does not answer, %s s of rest", channel, REST)
            brakes.rest(channel, REST)
    return claimed


def begin(line: Line, room: int) -> Batch:
    """Claim a batch and set its calls going, each at its place in the provider's line."""
    rate = line.sender.rate
    room = 0 if line.stopped() else brakes.room(line.channel, rate, room)
    lease, messages = claim(line.channel, room) if room else (uuid.uuid4(), [])
    refused, past = refusals(messages), history(messages)
    going = [message for message in messages if message.pk not in refused]
    starts = monotonic() + brakes.reserve(line.channel, rate, len(going))
    jobs = iter(
        [
            Job(each, in_doubt(each, past[each.pk]), starts + (n / rate if rate else 0))
            for n, each in enumerate(going)
        ]
    )
    hands = min(line.sender.concurrency, len(going))
    work = [line.pool.submit(call_all, line, jobs, refused) for _ in range(hands)]
    return Batch(lease, messages, work, refused, past)


def call_all(line: Line, jobs: Iterator[Job], outcomes: dict[int, Outcome | Later]) -> None:
    """Take jobs until none is left, beside the other threads of the batch."""
    for job in jobs:
        outcomes[job.message.pk] = safely(line, job)


def refusals(batch: list[Message]) -> dict[int, Outcome | Later]:
    """What a claimed message meets with us, before any call, by its id."""
    found: dict[int, Outcome | Later] = {}
    late = NOTICE.past_ordinary_links(clock.now(), Postponement.approved())
    for each in batch:
        if each.channel == "sms" and not brakes.is_mobile(each.address):
            found[each.pk] = Refused(outcomes.NOT_MOBILE, permanent=True)
        elif each.link and (each.link.replaced_at or each.link.payout.state not in going(each)):
            found[each.pk] = Refused(outcomes.REPLACED, permanent=True)
        elif late and _ordinary(each):
            found[each.pk] = Refused(outcomes.LATE_LINK, permanent=True)
    left = [each for each in batch if each.pk not in found]
    found |= dict.fromkeys(brakes.barred(left), Refused(outcomes.BARRED, permanent=True))
    sms = [each for each in left if each.channel == "sms" and each.pk not in found]
    if sms:
        found |= dict.fromkeys(brakes.too_many(sms), Later(outcomes.NUMBER_LIMIT, 3600))
        found |= unpaid([each for each in sms if each.pk not in found])
    return found


def going(message: Message) -> tuple[str, ...]:
    """The states of a payout in which a message with its link goes: a re-sent one also after."""
    return ("ready", "issued") if message.kind == Message.Kind.LINK else ("ready",)


def _ordinary(message: Message) -> bool:
    """The first link of a payout to which nobody has given its own end (N36)."""
    link = message.link
    if link is None or message.kind != Message.Kind.LINK:
        return False
    return link.generation == 1 and link.payout.receives_until is None


def unpaid(sms: list[Message]) -> dict[int, Outcome | Later]:
    """The SMS that the day's money does not pay: receipts are held back, all else waits."""
    found: dict[int, Outcome | Later] = {}
    for budget in brakes.Budget:
        mine = [each for each in sms if brakes.budget_of(each.kind) == budget]
        held = budget == brakes.Budget.RECEIPTS
        outcome = Refused(outcomes.BUDGET, permanent=True) if held else Later(outcomes.BUDGET, 600)
        for each in mine[brakes.spend(budget, len(mine)) :]:
            found[each.pk] = outcome
    return found


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
    rows = Message.objects.select_related("link__payout").only(*NEEDED)
    found = rows.extra(where=["payouts_message.id = ANY(%s)"], params=[ids])
    return lease, list(found.order_by("id"))


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


def safely(line: Line, job: Job) -> Outcome | Later:
    """One try at its place in the line, that keeps its own trouble from the rest of the batch."""
    if (early := job.not_before - monotonic()) > 0:
        time.sleep(early)
    if stopped := line.stopped():
        return stopped
    try:
        outcome = attempt(line.sender, job.message, job.doubt)
    except Exception:
        log.exception("message %s could not be tried", job.message.pk)
        return Unknown("broken")
    line.circuit.note(outcome)
    return outcome


def attempt(sender: Sender, message: Message, doubt: bool) -> Outcome:
    """One try; in doubt the provider is asked before anything goes again. Touches no row."""
    if doubt:
        known = sender.lookup(message.key)
        if known is not None and not isinstance(known, Unknown):
            return known
    return sender.send(message.key, message.address, texts.render(message))


def _due(channel: str, room: int, *, lock: bool) -> list[int]:
    """Ids of messages to send now; none while the channel is paused (asked inside the claim).

    Links only while NOTICE lets them go out. A kind of a newer version, whose words are not known
    here, is left to a worker of that version.
    """
    at = clock.now()
    links_go = NOTICE.sends_links(at, Postponement.approved())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id FROM payouts_message
                WHERE state = 'queued' AND channel = %s AND due_at <= %s
                  AND (next_at IS NULL OR next_at <= clock_timestamp())
                  AND (lease_until IS NULL OR lease_until < clock_timestamp())
                  AND (%s OR link_id IS NULL) AND kind = ANY(%s)
                  AND NOT EXISTS (SELECT FROM payouts_pause WHERE channel = %s AND ended_at IS NULL)
                ORDER BY due_at, id LIMIT %s {"FOR UPDATE SKIP LOCKED" if lock else ""}""",
            [channel, at, links_go, Message.Kind.values, channel, room],
        )
        return [row[0] for row in cursor.fetchall()]
