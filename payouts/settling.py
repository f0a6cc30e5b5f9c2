"""What the provider of an api brand says of a placed order, and what follows from it.

An order without an answer stays placed: it is asked for again under the same request ids, never
under new ones (promise 5). It is rejected only when none of its parts exists any more: a part that
was issued beside a refused one is taken back first.
"""

import logging
import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction

from config import clock
from payouts.models import Order, OrderPart, Payout
from payouts.outbound.gifts import provider as api
from payouts.outbound.gifts.providers import provider_for

log = logging.getLogger(__name__)


@dataclass
class Answers:
    """What was heard of an order's parts in one round."""

    refs: dict[int, str] = field(default_factory=dict)  # part id -> the provider's reference
    refused: list[str] = field(default_factory=list)  # reasons
    waits: list[int] = field(default_factory=list)  # seconds that the provider asks for
    unknown: bool = False


def settle(order: Order) -> Order:
    """Ask the provider for an api order's parts, outside any transaction, under a lease.

    Does nothing where another process is asking, or where the brand has no provider any more.
    """
    provider = provider_for(order.brand)
    lease = _lease(order) if provider else None
    if lease is None:
        order.refresh_from_db()
        return order
    parts = list(order.parts.order_by("number"))
    answers = ask(provider, order, parts)
    if answers.refused:
        take_back(provider, order, parts, answers)
    with transaction.atomic():
        kept = Order.objects.select_for_update(of=("self",)).filter(pk=order.pk, lease=lease)
        if not kept.exists():
            return order
        for part in parts:
            part.provider_ref = answers.refs.get(part.pk, "")
        OrderPart.objects.bulk_update(parts, ["provider_ref"])
        conclude(order, parts, answers)
        Order.objects.filter(pk=order.pk).update(lease=None, lease_until=None)
    return order


def ask(provider: api.GiftProvider, order: Order, parts: list[OrderPart]) -> Answers:
    """Issue, or from the second round on look up, every part that has no reference yet."""
    answers = Answers()
    for part in parts:
        if part.provider_ref:
            answers.refs[part.pk] = part.provider_ref
            continue
        asked = api.Ask(part.request_id, order.brand, part.amount)
        result = provider.issue(asked) if order.attempts <= 1 else provider.lookup(asked)
        if isinstance(result, api.Issued):
            answers.refs[part.pk] = result.ref[:80]
        elif isinstance(result, api.Rejected):
            answers.refused.append(result.reason)
        else:
            answers.unknown = True
            answers.waits += [result.retry_after] if result.retry_after else []
    return answers


def take_back(
    provider: api.GiftProvider, order: Order, parts: list[OrderPart], answers: Answers
) -> None:
    """Cancel the parts that exist beside a refused one; what can't be cancelled keeps its place."""
    for part in parts:
        ref = answers.refs.get(part.pk)
        asked = api.Ask(part.request_id, order.brand, part.amount)
        if ref and isinstance(provider.cancel(asked, ref), api.Cancelled):
            del answers.refs[part.pk]


def conclude(order: Order, parts: list[OrderPart], answers: Answers) -> None:
    """Move order and payout by what is known now, in the caller's transaction."""
    payout = Payout.objects.get(pk=order.payout_id)
    if len(answers.refs) == len(parts):
        issued(order, payout)
    elif answers.refused and not answers.refs and not answers.unknown:
        order.move("rejected", reason=answers.refused[0][:60])
        payout.move("ready", reason="provider_rejected")
    else:
        wait = max(answers.waits, default=api.retry_seconds(order.attempts))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE payouts_order SET next_at = clock_timestamp()"
                " + make_interval(secs => %s) WHERE id = %s",
                [wait, order.pk],
            )


def issued(order: Order, payout: Payout) -> None:
    """Every part has its code: order and payout are done."""
    at = clock.now()
    order.move("issued", at=at, issued_at=at)
    payout.move("issued", at=at, reason=order.brand)


def _lease(order: Order) -> uuid.UUID | None:
    """Take a placed order for asking; None where it is done or in another's hands."""
    lease = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payouts_order SET lease = %s, attempts = attempts + 1,
                      lease_until = clock_timestamp() + make_interval(secs => %s)
               WHERE id = %s AND state = 'placed' AND provider = 'api'
                 AND (lease_until IS NULL OR lease_until < clock_timestamp())
               RETURNING attempts""",
            [lease, settings.LEASE_SECONDS, order.pk],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    order.attempts = row[0]
    return lease


def settle_due(limit: int = 100) -> int:
    """Ask again for placed orders whose time has come; returns how many were issued.

    Trouble with one order is logged by its id and keeps nobody else waiting.
    """
    due = Order.objects.raw(
        """SELECT * FROM payouts_order WHERE state = 'placed' AND provider = 'api'
             AND (next_at IS NULL OR next_at <= clock_timestamp())
             AND (lease_until IS NULL OR lease_until < clock_timestamp())
           ORDER BY id LIMIT %s""",
        [limit],
    )
    done = 0
    for order in due:
        try:
            done += settle(order).state == Order.State.ISSUED
        except Exception:
            log.exception("order %s could not be asked for", order.pk)
    return done
