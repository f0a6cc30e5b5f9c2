"""The stock of codes as a gift provider: one office's codes of one brand, in rows (N71).

Codes are told apart by nothing but their face value and last day. Each has a place drawn when it
came (`draw`); who takes one begins at a place of his own, so that many at once do not queue up
behind the same row. The first to expire go first.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from config import cipher, clock
from config.templatetags.notice import yen as yen_words
from payouts.models import Code, OrderPart
from payouts.outbound.gifts.provider import (
    Ask,
    GiftCode,
    Issued,
    LedgerRow,
    Quote,
    Rejected,
    Result,
    request_id,
)

MOST_PARTS = 10  # codes that a person may be asked to type in
PREFIX = "Stock"
WANTED = """prefecture_code = %(prefecture)s::text AND brand = %(brand)s::text
    AND taken_at IS NULL"""

# The face values in the free stock, found by one step of the index each; of each no more codes are
# counted than one person could get.
COUNTS = f"""
    WITH RECURSIVE face AS (
        SELECT (SELECT min(face_value) FROM payouts_code WHERE {WANTED}) AS value
        UNION ALL
        SELECT (SELECT min(face_value) FROM payouts_code WHERE {WANTED} AND face_value > face.value)
        FROM face WHERE face.value IS NOT NULL
    )
    SELECT value, (SELECT count(*) FROM (
        SELECT FROM payouts_code WHERE {WANTED} AND face_value = face.value
          AND expires_on >= %(earliest)s LIMIT %(most)s) enough)
    FROM face WHERE value IS NOT NULL
"""

# Of each face value in want (yen, n) n free codes, locked, or as many as there are: from a place of
# our own within those of the first last day, then whatever is left, in order.
PICKED = f"""
    somewhere AS (
        SELECT want.yen, code.id FROM want CROSS JOIN LATERAL (
            SELECT id FROM payouts_code
            WHERE {WANTED} AND face_value = want.yen AND draw >= %(draw)s::float8
              AND expires_on = (
                  SELECT expires_on FROM payouts_code
                  WHERE {WANTED} AND face_value = want.yen AND expires_on >= %(earliest)s::date
                  ORDER BY expires_on, draw LIMIT 1)
            ORDER BY expires_on, draw LIMIT want.n FOR UPDATE SKIP LOCKED) code
    ), anywhere AS (
        SELECT want.yen, code.id FROM want CROSS JOIN LATERAL (
            SELECT id FROM payouts_code
            WHERE {WANTED} AND face_value = want.yen AND expires_on >= %(earliest)s::date
              AND id NOT IN (SELECT id FROM somewhere)
            ORDER BY expires_on, draw
            LIMIT want.n - (SELECT count(*) FROM somewhere WHERE yen = want.yen)
            FOR UPDATE SKIP LOCKED) code
    ), picked AS (
        SELECT yen, id FROM somewhere UNION ALL SELECT yen, id FROM anywhere
    )"""

# One free code for one part.
TAKE = f"""
    WITH want AS (
        SELECT amount AS yen, 1 AS n FROM payouts_orderpart
        WHERE request_id = %(request_id)s AND code_id IS NULL FOR UPDATE
    ), {PICKED}, taken AS (
        UPDATE payouts_code SET taken_at = %(at)s FROM picked WHERE payouts_code.id = picked.id
        RETURNING payouts_code.id
    )
    UPDATE payouts_orderpart part SET code_id = taken.id FROM taken
    WHERE part.request_id = %(request_id)s AND part.code_id IS NULL
    RETURNING taken.id
"""


@dataclass(frozen=True)
class Shelf:
    """The codes of one office that last until `earliest` or longer."""

    prefecture: str
    brand: str
    earliest: date
    kind: str = "stock"

    def request_id(self, order: UUID | int, part: int) -> str:
        """The key of a part that comes from our own stock."""
        return request_id(PREFIX, order, part)

    def quote(self, yen: int) -> Quote:
        """The fewest codes that make `yen` exactly; else what keeps them from it."""
        counts = self.counts()
        parts = exact_parts(yen, counts)
        if parts:
            return Quote(parts)
        if not counts:
            return Quote((), _("ただいま在庫がありません。"))
        values = _("・").join(yen_words(value) for value in sorted(counts))
        reason = _("%(values)s単位のため、%(amount)sちょうどではお渡しできません。")
        return Quote((), reason % {"values": values, "amount": yen_words(yen)})

    def counts(self) -> dict[int, int]:
        """How many free codes of each face value (yen), up to MOST_PARTS of each."""
        with connection.cursor() as cursor:
            cursor.execute(COUNTS, self._wanted() | {"most": MOST_PARTS})
            return {value: count for value, count in cursor.fetchall() if count}

    def issue(self, ask: Ask) -> Result:
        """Take a free code for the part of this request id, in the caller's transaction.

        Two people never get the same one. Rejected("stock") where none is left.
        """
        values = {"request_id": ask.request_id, "at": clock.now(), "draw": random.random()}
        with connection.cursor() as cursor:
            cursor.execute(TAKE, self._wanted() | values)
            if row := cursor.fetchone():
                return Issued(str(row[0]), ask.yen, GiftCode(""))
        known = self.lookup(ask)
        return known if isinstance(known, Issued) else Rejected("stock", permanent=False)

    def lookup(self, ask: Ask) -> Result:
        """The code that a part has."""
        part = OrderPart.objects.select_related("code").filter(request_id=ask.request_id).first()
        if part is None or part.code is None:
            return Rejected("not_taken", permanent=False)
        return Issued(str(part.code_id), part.amount, opened(part.code))

    def reveal(self, ask: Ask) -> Result:
        """The same: the stock keeps its codes, encrypted."""
        return self.lookup(ask)

    def cancel(self, ask: Ask, ref: str) -> Rejected:
        """A code that was given out is out: its holder may have written it down."""
        return Rejected("given_out", permanent=True)

    def funds(self) -> int:
        """What the free codes are worth, in yen."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT coalesce(sum(face_value), 0) FROM payouts_code
                    WHERE {WANTED} AND expires_on >= %(earliest)s""",
                self._wanted(),
            )
            return int(cursor.fetchone()[0])

    def ledger(self) -> Iterator[LedgerRow]:
        """The codes that were given out, in the order of the orders."""
        parts = OrderPart.objects.filter(
            code__prefecture_code=self.prefecture, code__brand=self.brand
        ).order_by("id")
        for request, code, brand, amount in parts.values_list(
            "request_id", "code_id", "code__brand", "amount"
        ).iterator(chunk_size=2000):
            yield LedgerRow(request, str(code), brand, amount, "issued")

    def _wanted(self) -> dict[str, object]:
        return {
            "prefecture": self.prefecture,
            "brand": self.brand,
            "earliest": self.earliest,
        }


def opened(code: Code) -> GiftCode:
    """A code of the stock in clear, for its holder."""
    plain = cipher.decrypt(code.secret, context(code.code_hash)).decode()
    return GiftCode(plain, "", code.expires_on, code.management_number)


def context(code_hash: bytes) -> str:
    """The associated data of a stored code."""
    return f"gift_code:{bytes(code_hash).hex()}"


def exact_parts(amount: int, counts: dict[int, int]) -> tuple[int, ...]:
    """The fewest face values that make `amount` yen exactly, within stock and MOST_PARTS.

    Empty where no combination does.
    """
    fewest: dict[int, tuple[int, ...]] = {0: ()}
    for value, count in sorted(counts.items(), reverse=True):
        longer = dict(fewest)
        for total, parts in fewest.items():
            room = min(count, MOST_PARTS - len(parts), (amount - total) // value)
            for more in range(1, room + 1):
                found, key = parts + (value,) * more, total + more * value
                if len(found) < len(longer.get(key, (*found, 0))):
                    longer[key] = found
        fewest = longer
    return fewest.get(amount, ())
