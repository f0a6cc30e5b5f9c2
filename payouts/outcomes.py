"""What came of the calls of a batch, written at once: states, tries, money, barred addresses."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from config import clock
from payouts import brakes
from payouts.models import Attempt, Message
from payouts.outbound.messages import Accepted, Outcome, Refused, Unknown

WAITS = (10, 30, 60, 300, 900, 1800, 3600)  # seconds between tries, then hourly
TRIES = 12  # of a receiver that can't be reached for now
TECHNICAL_FOR = timedelta(hours=72)  # how long a fault of ours, or of the provider, is waited out
State, Cause = Message.State, Message.Cause

# Refused by ourselves, before any call. The address is to blame for some, nobody for the others.
BARRED, NOT_MOBILE = "barred", "not_mobile"
REPLACED, LATE_LINK, BUDGET = "link_replaced", "late_link", "budget"
OURS = {BARRED, NOT_MOBILE, REPLACED, LATE_LINK, BUDGET}
NUMBER_LIMIT, PAUSED, REST = "number_limit", "paused", "rest"  # waits
BLAMELESS = {REPLACED, LATE_LINK, BUDGET}
NOT_FOR_EVER = {"552", "554"}  # SMTP: a full mailbox, a text that a server does not like
UNPAID = OURS | {NUMBER_LIMIT}  # decided before any money was taken out of the day's budget


@dataclass(frozen=True, slots=True)
class Later:
    """Not tried at all: the message waits in the queue, and no try is counted."""

    code: str
    seconds: float


@dataclass(frozen=True)
class Result:
    """What became of one claimed message, and how many of its tries had ended before."""

    message: Message
    outcome: Outcome | Later
    ended_before: int = 0


@dataclass(frozen=True)
class Written:
    """The new values of a message, and of its try ("" for none)."""

    id: int
    state: str
    sent_at: datetime | None
    ref: str
    failure: str
    cause: str
    wait: float
    handled_at: datetime | None
    number: int
    outcome: str
    permanent: bool
    code: str


# `lease` as a column of v: as a constant, the planner would expect one row and read all of them.
FINISH = """
    WITH v AS MATERIALIZED (
        SELECT *, %s::uuid AS lease FROM jsonb_to_recordset(%s::jsonb) AS v (
            id bigint, state text, sent_at timestamptz, ref text, failure text, cause text,
            wait float, handled_at timestamptz, number int, outcome text, permanent bool, code text
        )
    ), done AS (
        UPDATE payouts_message m
        SET state = v.state, sent_at = v.sent_at, provider_ref = v.ref, failure = v.failure,
            cause = v.cause, handled_at = v.handled_at,
            attempts = m.attempts - CASE WHEN v.outcome = '' THEN 1 ELSE 0 END,
            next_at = clock_timestamp() + make_interval(secs => v.wait),
            lease = NULL, lease_until = NULL
        FROM v WHERE m.id = v.id AND m.lease = v.lease
        RETURNING m.id, v.number, v.outcome, v.permanent, v.code
    ), tried AS (
        INSERT INTO payouts_attempt (message_id, number, at, outcome, permanent, code)
        SELECT id, number, %s, outcome, permanent, code FROM done WHERE outcome <> '' ORDER BY id
    )
    SELECT id FROM done
"""


def finish(lease: uuid.UUID, results: Iterable[Result]) -> None:
    """Write results and attempts where the lease still holds; a late worker writes nothing.

    Money of SMS that did not go comes back; the provider's word that an address will never do
    bars it.
    """
    at, results = clock.now(), list(results)
    rows = [written(result, at) for result in results]
    if not rows:
        return
    values = json.dumps([vars(row) for row in rows], default=str)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FINISH, [lease, values, at])
        done = {row[0] for row in cursor.fetchall()}
        ended = [each for each in results if each.message.pk in done]
        for budget, count in sorted(unspent(ended).items()):
            brakes.give_back(budget, count)
        for each in ended:
            if bars(each.outcome):
                brakes.bar(each.message.channel, each.message.address, plain(each.outcome.code, 40))


def unspent(results: Iterable[Result]) -> Counter[str]:
    """How many SMS of each budget were claimed and cost nothing."""
    return Counter(
        brakes.budget_of(each.message.kind)
        for each in results
        if each.message.channel == "sms"
        and isinstance(each.outcome, Refused | Later)
        and each.outcome.code not in UNPAID
    )


def bars(outcome: Outcome | Later) -> bool:
    """Whether the provider says of the address that nothing will ever arrive there."""
    spared = OURS | NOT_FOR_EVER
    return isinstance(outcome, Refused) and outcome.permanent and outcome.code not in spared


def written(result: Result, at: datetime) -> Written:
    """The new values of a message: sent, to be tried again at its time, or given up and why."""
    message, outcome = result.message, result.outcome
    state, sent_at, ref, permanent, tried = State.QUEUED, None, "", False, ""
    failure = code = (
        "" if isinstance(outcome, Accepted) else plain(getattr(outcome, "code", ""), 40)
    )
    wait = float(WAITS[min(result.ended_before, len(WAITS) - 1)])
    if isinstance(outcome, Accepted):
        state, sent_at, ref, wait = State.SENT, at, plain(outcome.ref, 80), 0.0
        tried = Attempt.Outcome.ACCEPTED
    elif isinstance(outcome, Refused):
        permanent, tried = outcome.permanent, Attempt.Outcome.REFUSED
    elif isinstance(outcome, Later):
        wait = float(outcome.seconds)
    else:
        failure, code, tried = "no_answer", "", Attempt.Outcome.UNKNOWN
    cause = cause_of(outcome)
    if tried in (Attempt.Outcome.REFUSED, Attempt.Outcome.UNKNOWN):
        state = State.GIVEN_UP if over(result, permanent, cause, at) else State.QUEUED
    return Written(
        *(message.pk, str(state), sent_at, ref, failure, cause, wait),
        at if failure == REPLACED else None,
        *(message.attempts, str(tried), permanent, code),
    )


def plain(told: str, length: int) -> str:
    """A provider's word as the database takes it: no control characters, no broken halves."""
    return told[:length] if told.isprintable() else "".join(filter(str.isprintable, told))[:length]


def cause_of(outcome: Outcome | Later) -> str:
    """Who is to blame for a failure: the address, the moment, or us and the provider."""
    if isinstance(outcome, Unknown) or (isinstance(outcome, Refused) and outcome.technical):
        return str(Cause.TECHNICAL)
    if not isinstance(outcome, Refused) or outcome.code in BLAMELESS:
        return ""
    return str(Cause.PERMANENT if outcome.permanent else Cause.TEMPORARY)


def over(result: Result, permanent: bool, cause: str, at: datetime) -> bool:
    """Whether there is no further try: for good, too many of them, or a fault that never ends."""
    tries = result.ended_before + 1
    if cause == Cause.TECHNICAL and not isinstance(result.outcome, Unknown):
        return at >= result.message.due_at + TECHNICAL_FOR
    return permanent or tries >= TRIES
