"""How the sending stands, in numbers: counted from indexes, also at a million messages."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from config import clock
from payouts import brakes, undelivered
from payouts.models import Message, Pause

State = Message.State
SPAN = timedelta(minutes=10)  # over which the present rate is taken
ENDED = (State.SENT, State.DELIVERED, *undelivered.UNDELIVERED)


@dataclass
class Channel:
    """One way of sending: its counts by state, its pace, and what stops it."""

    key: str
    label: str
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    oldest: datetime | None = None
    last_minute: int = 0
    last_hour: int = 0
    rate: float = 0  # messages a minute, over SPAN
    pause: Pause | None = None

    @property
    def age(self) -> timedelta | None:
        """How long the oldest one that is due has waited."""
        return clock.now() - self.oldest if self.oldest else None


@dataclass
class Progress:
    """One kind of message: how many there are, how far the sending is, when it will be through."""

    kind: str
    label: str
    total: int = 0
    gone: int = 0
    arrived: int = 0
    failed: int = 0
    queued: int = 0
    ends_at: datetime | None = None

    @property
    def percent(self) -> int:
        """What has left the queue, in whole percent; 100 only when nothing waits."""
        return self.gone * 100 // self.total if self.total else 100


@dataclass(frozen=True)
class Failure:
    """Messages that did not go, or wait, for one reason."""

    channel: str
    label: str
    advice: str
    code: str
    count: int
    waits: bool


@dataclass(frozen=True)
class Figures:
    """Everything that the monitor shows."""

    at: datetime
    channels: list[Channel]
    progress: list[Progress]
    failures: list[Failure]


COUNTS = """
    SELECT channel, kind, state, failure, cause, count(*) FROM payouts_message
    WHERE prefecture_code = ANY(%s) AND channel IN ('sms', 'email')
    GROUP BY channel, kind, state, failure, cause
"""
OPEN = """
    SELECT channel, failure, cause, count(*) FROM payouts_message
    WHERE state IN ('failed', 'unconfirmed', 'given_up') AND handled_at IS NULL
      AND prefecture_code = ANY(%s) AND channel IN ('sms', 'email')
    GROUP BY channel, failure, cause
"""
OLDEST = """
    SELECT min(due_at) FROM payouts_message
    WHERE state = 'queued' AND channel = %s AND due_at <= %s
"""
PACE = """
    SELECT count(*) FILTER (WHERE sent_at > %(minute)s), count(*) FILTER (WHERE sent_at > %(span)s),
           count(*)
    FROM payouts_message WHERE channel = %(channel)s AND sent_at > %(hour)s
"""


def figures(prefectures: list[str]) -> Figures:
    """The state of the sending: counts of these prefectures, pace and pauses of all."""
    at = clock.now()
    channels = {key: Channel(key, label) for key, label in brakes.CHANNELS.items()}
    progress = {kind: Progress(kind, label) for kind, label in Message.Kind.choices}
    failures: list[Failure] = []
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [prefectures])
        for channel, kind, state, failure, cause, count in cursor.fetchall():
            channels[channel].counts[state] += count
            note(progress[kind], state, count)
            if state == State.QUEUED and failure:
                found = undelivered.reason(state, failure, cause)
                failures.append(
                    Failure(channel, found.label, found.advice, failure, count, waits=True)
                )
        cursor.execute(OPEN, [prefectures])
        for channel, failure, cause, count in cursor.fetchall():
            found = undelivered.reason(State.FAILED, failure, cause)
            failures.append(
                Failure(channel, found.label, found.advice, failure, count, waits=False)
            )
        for channel in channels.values():
            look(cursor, channel, at)
    for pause in Pause.objects.filter(ended_at=None).select_related("by"):
        channels[pause.channel].pause = pause
    rate = sum(channel.rate for channel in channels.values())
    for each in progress.values():
        if each.queued and rate:
            each.ends_at = at + timedelta(minutes=each.queued / rate)
    return Figures(
        at,
        list(channels.values()),
        [each for each in progress.values() if each.total],
        sorted(merged(failures), key=lambda each: (each.waits, -each.count)),
    )


def note(progress: Progress, state: str, count: int) -> None:
    """Count messages of one state into a kind's progress."""
    progress.total += count
    if state == State.QUEUED:
        progress.queued += count
    else:
        progress.gone += count
    progress.arrived += count if state == State.DELIVERED else 0
    progress.failed += count if state in undelivered.UNDELIVERED else 0


def look(cursor: object, channel: Channel, at: datetime) -> None:
    """Age and pace of one channel, by its own indexes."""
    cursor.execute(OLDEST, [channel.key, at])
    channel.oldest = cursor.fetchone()[0]
    moments = {
        "minute": at - timedelta(minutes=1),
        "span": at - SPAN,
        "hour": at - timedelta(0, 3600),
    }
    cursor.execute(PACE, {"channel": channel.key, **moments})
    channel.last_minute, span, channel.last_hour = cursor.fetchone()
    channel.rate = span / (SPAN / timedelta(minutes=1))


def merged(failures: list[Failure]) -> list[Failure]:
    """One line a channel, reason and code, whatever the kinds."""
    sums: dict[tuple[object, ...], int] = defaultdict(int)
    for each in failures:
        sums[each.channel, each.label, each.advice, each.code, each.waits] += each.count
    return [
        Failure(channel, label, advice, code, count, waits)
        for (channel, label, advice, code, waits), count in sums.items()
    ]
