"""Did it arrive? Delivery receipts, and what follows where none comes.

A receipt is kept once, whatever it says, and then matched: by our own reference where the provider
returns it, else by the provider's. It may come before our own word of the sending is committed (it
waits until the lease is over), late, doubled, in another order, or for nobody.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction

from config import clock
from payouts import brakes
from payouts.models import Message, Receipt
from payouts.outbound.messages import Told
from payouts.outbound.senders import sender_for

UNMATCHED = 10_000  # receipts kept that belong to no message that we know
KEPT_FOR = timedelta(days=7)  # how long such a one waits for its message
SILENCE = timedelta(hours=72)  # docomo tries for so long
MATCHED_AT_ONCE = 1000
AHEAD = timedelta(minutes=5)  # how far a provider's clock may run before ours
RANK = {"delayed": 1, "failed": 2, "delivered": 3, "complained": 4}


def keep(provider: str, channel: str, told: Iterable[Told]) -> int:
    """Store receipts, each once, and match what can be matched; returns how many were new.

    Above UNMATCHED unknown ones nothing more is kept of those that name no message of ours.
    """
    at, told = clock.now(), list(told)
    rows = [
        Receipt(
            provider=provider,
            channel=channel,
            event=event_of(provider, each),
            reference=each.reference,
            provider_ref=each.provider_ref,
            outcome=each.outcome,
            permanent=each.permanent,
            code=each.code,
            happened_at=min(each.happened_at, clock.real_now() + AHEAD),
            received_at=at,
        )
        for each in told
        if each.reference or each.provider_ref
    ]
    if Receipt.objects.filter(message=None)[:UNMATCHED].count() >= UNMATCHED:
        known = known_keys(channel, rows)
        rows = [row for row in rows if row.reference in known or row.provider_ref in known]
    before = set(Receipt.objects.filter(event__in=[row.event for row in rows]).values_list("pk"))
    Receipt.objects.bulk_create(rows, ignore_conflicts=True)
    match()
    after = set(Receipt.objects.filter(event__in=[row.event for row in rows]).values_list("pk"))
    return len(after - before)


def event_of(provider: str, told: Told) -> bytes:
    """What makes two receipts one: the provider's name of the event, or all that it says."""
    whole = (told.reference, told.provider_ref, told.outcome, told.happened_at.isoformat())
    said = [provider, told.event] if told.event else [provider, *whole, told.code]
    return hashlib.sha256("\0".join(said).encode()).digest()


def known_keys(channel: str, rows: Iterable[Receipt]) -> set[str]:
    """The references and provider's numbers among these that belong to a message of ours."""
    rows = list(rows)
    mine = Message.objects.filter(channel=channel)
    references = mine.filter(key__in={row.reference for row in rows})
    refs = mine.filter(provider_ref__in={row.provider_ref for row in rows} - {""})
    return {*references.values_list("key", flat=True), *refs.values_list("provider_ref", flat=True)}


FITTING = """
    SELECT r.id, coalesce(own.id, theirs.id)
    FROM (SELECT id, channel, reference, provider_ref FROM payouts_receipt
          WHERE message_id IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) r
    LEFT JOIN payouts_message own ON own.key = r.reference AND own.channel = r.channel
    LEFT JOIN LATERAL (
        SELECT id FROM payouts_message m
        WHERE m.provider_ref = r.provider_ref AND m.provider_ref <> '' AND m.channel = r.channel
        ORDER BY id DESC LIMIT 1
    ) theirs ON own.id IS NULL
    WHERE coalesce(own.id, theirs.id) IS NOT NULL
"""
# Tried, and in nobody's hands: a receipt that comes before our own word of the sending waits.
READY = """
    SELECT id FROM payouts_message
    WHERE id = ANY(%s) AND attempts > 0 AND (lease IS NULL OR lease_until < clock_timestamp())
    ORDER BY id FOR UPDATE SKIP LOCKED
"""
# The rank decides between two of the same moment; of several for one message the newest counts.
APPLY = """
    UPDATE payouts_message m
    SET state = CASE WHEN v.outcome = 'failed' THEN 'failed' ELSE 'delivered' END,
        sent_at = coalesce(m.sent_at, %(at)s),
        failure = CASE WHEN v.outcome = 'failed' THEN v.code ELSE '' END,
        cause = CASE WHEN v.outcome <> 'failed' THEN ''
                     WHEN v.permanent THEN 'permanent' ELSE 'temporary' END,
        next_at = NULL, told_at = v.happened_at, told_rank = v.rank
    FROM (SELECT DISTINCT ON (message_id) * FROM unnest(
              %(message)s::bigint[], %(outcome)s::text[], %(permanent)s::bool[], %(code)s::text[],
              %(happened)s::timestamptz[], %(rank)s::int[]
          ) AS v (message_id, outcome, permanent, code, happened_at, rank)
          WHERE outcome <> 'delayed'
          ORDER BY message_id, happened_at DESC, rank DESC) v
    WHERE m.id = v.message_id
      AND (m.told_at IS NULL OR (v.happened_at, v.rank) > (m.told_at, m.told_rank))
    RETURNING m.id, m.channel, m.address, v.outcome, v.permanent, v.code
"""


def match() -> int:
    """Give kept receipts to their messages; returns how many found theirs. Safe at once and twice.

    A message that says "no answer" and is to be sent again is not, once its receipt has come.
    """
    at = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FITTING, [MATCHED_AT_ONCE])
        pairs = dict(cursor.fetchall())
        if not pairs:
            return 0
        cursor.execute(READY, [list(pairs.values())])
        ready = {row[0] for row in cursor.fetchall()}
        pairs = {receipt: message for receipt, message in pairs.items() if message in ready}
        rows = list(Receipt.objects.filter(pk__in=pairs).order_by("pk"))
        for row in rows:
            row.message_id = pairs[row.pk]
        Receipt.objects.bulk_update(rows, ["message"])
        cursor.execute(
            APPLY,
            {
                "at": at,
                "message": [row.message_id for row in rows],
                "outcome": [row.outcome for row in rows],
                "permanent": [row.permanent for row in rows],
                "code": [row.code for row in rows],
                "happened": [row.happened_at for row in rows],
                "rank": [RANK[row.outcome] for row in rows],
            },
        )
        for _, channel, address, outcome, permanent, code in cursor.fetchall():
            if outcome == "complained" or (outcome == "failed" and permanent):
                brakes.bar(channel, address, code or outcome)
    return len(pairs)


def expire() -> int:
    """Mark what was sent 72 hours ago and never confirmed, and let go of receipts for nobody.

    Only where the provider tells of arrivals at all. Returns how many were marked.
    """
    at, marked = clock.now(), 0
    for channel in brakes.CHANNELS:
        if sender_for(channel).receipts:
            sent = Message.objects.filter(state="sent", channel=channel, sent_at__lte=at - SILENCE)
            marked += sent.update(state=Message.State.UNCONFIRMED, failure="unconfirmed")
    Receipt.objects.filter(message=None, received_at__lte=at - KEPT_FOR).delete()
    return marked
