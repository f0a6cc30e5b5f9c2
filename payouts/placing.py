"""The one statement that takes a brand: payout, order, parts and codes move together or not at all.

It compares what its caller knows with the rows that it locks, so that nobody need read them first:
who knows something stale gets nothing and is told so. Locks are taken in the order payout, link,
codes. The deferred guards of all these tables look at the result at commit.
"""

import random
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from config import prepared
from payouts.models import Link, Order, Payout
from payouts.outbound.gifts.provider import GiftProvider
from payouts.shelf import PICKED

PLACE = f"""
    WITH held AS (
        SELECT id FROM payouts_payout
        WHERE id = %(payout)s::bigint AND state = %(old)s::text AND road = %(road)s::text
          AND amount = %(amount)s::int AND prefecture_code = %(prefecture)s::text
          AND receives_until IS NOT DISTINCT FROM %(receives_until)s::timestamptz
          AND %(postponed)s::timestamptz IS NOT DISTINCT FROM (
              SELECT max(until) FROM config_postponement
              WHERE key = 'receiving_closes' AND approved_at IS NOT NULL)
        FOR UPDATE
    ), door AS (
        SELECT link.id FROM payouts_link link JOIN held ON held.id = link.payout_id
        WHERE link.id = %(link)s::bigint AND link.replaced_at IS NULL AND link.locked_at IS NULL
        FOR SHARE OF link
    ), may AS (
        SELECT id FROM held WHERE %(link)s::bigint IS NULL OR EXISTS (SELECT FROM door)
    ), want AS (
        SELECT yen, n FROM may, (VALUES {{faces}}) AS face (yen, n)
    ), {PICKED}, enough AS (
        SELECT FROM picked HAVING count(*) = %(codes)s::int
    ), moved AS (
        UPDATE payouts_payout payout SET state = %(moved)s::text FROM may, enough
        WHERE payout.id = may.id RETURNING payout.id
    ), told AS (
        INSERT INTO payouts_payoutstep (of_id, old, new, at, reason)
        SELECT id, %(old)s::text, %(moved)s::text, %(at)s::timestamptz, %(brand)s::text FROM moved
    ), taken AS (
        UPDATE payouts_code code SET taken_at = %(at)s::timestamptz FROM moved
        WHERE code.id = ANY (ARRAY(SELECT id FROM picked))
    ), placed AS (
        INSERT INTO payouts_order
            (payout_id, brand, provider, amount, state, placed_at, issued_at, attempts)
        SELECT id, %(brand)s::text, %(kind)s::text, %(amount)s::int, %(state)s::text,
               %(at)s::timestamptz, %(issued_at)s::timestamptz, 0
        FROM moved RETURNING id
    ), begun AS (
        INSERT INTO payouts_orderstep (of_id, old, new, at, reason)
        SELECT id, '', %(state)s::text, %(at)s::timestamptz, '' FROM placed
    ), code AS (
        SELECT id, yen, row_number() OVER (PARTITION BY yen) AS nth FROM picked
    ), part AS (
        SELECT request_id, yen, number, row_number() OVER (PARTITION BY yen ORDER BY number) AS nth
        FROM unnest(%(requests)s::text[], %(yen)s::int[]) WITH ORDINALITY
            AS part (request_id, yen, number)
    ), parted AS (
        INSERT INTO payouts_orderpart (order_id, number, amount, request_id, provider_ref, code_id)
        SELECT placed.id, part.number, part.yen, part.request_id, '', code.id
        FROM placed CROSS JOIN part LEFT JOIN code USING (yen, nth)
    )
    SELECT id FROM placed
"""


@cache
def statement(faces: int) -> str:
    """PLACE for so many face values; the planner reckons well with rows that it can count."""
    pairs = [f"(%(yen{i})s::int, %(n{i})s::int)" for i in range(faces)]
    return PLACE.format(faces=", ".join(pairs or ["(0, 0)"]))


@dataclass(frozen=True)
class Wish:
    """One brand in these parts (yen); codes of the stock last until `earliest` or longer.

    `postponed` is the moment to which the end of receiving was moved, as far as is known.
    """

    brand: str
    parts: tuple[int, ...]
    earliest: date
    postponed: datetime | None


def place(
    payout: Payout, link: Link | None, provider: GiftProvider, wish: Wish, at: datetime
) -> Order | None:
    """Order what is wished for a payout and move it; codes of the stock are taken, and it is done.

    An api's order is placed until its provider answers. None, and nothing was done, where one of
    these does not hold any more: the payout and the postponement as the caller knows them, the link
    (where one is given) open, enough free codes.
    """
    stock, key = provider.kind == "stock", uuid.uuid4()
    faces = Counter(wish.parts) if stock else Counter()
    order = Order(
        payout_id=payout.pk,
        brand=wish.brand,
        provider=provider.kind,
        amount=payout.amount,
        state=Order.State.ISSUED if stock else Order.State.PLACED,
        placed_at=at,
        issued_at=at if stock else None,
    )
    row = prepared.fetch_one(
        statement(len(faces)),
        {
            "payout": payout.pk,
            "link": link and link.pk,
            "old": payout.state,
            "moved": "issued" if stock else "issuing",
            "road": payout.road,
            "amount": payout.amount,
            "prefecture": payout.prefecture_code,
            "receives_until": payout.receives_until,
            "postponed": wish.postponed,
            "at": at,
            "issued_at": order.issued_at,
            "brand": wish.brand,
            "kind": provider.kind,
            "state": str(order.state),
            "requests": [provider.request_id(key, n + 1) for n in range(len(wish.parts))],
            "yen": list(wish.parts),
            "codes": faces.total(),
            "earliest": wish.earliest,
            "draw": random.random(),
        }
        | {f"yen{i}": yen for i, yen in enumerate(faces)}
        | {f"n{i}": n for i, n in enumerate(faces.values())},
    )
    if row is None:
        return None
    order.pk = row[0]
    order._state.adding, order._state.db = False, "default"
    return order
