"""Held against each other: what the model says of every coupon, and what the books say.

The model's outcomes go into a temporary table, so that a coupon is compared by the database and no
number of them has to fit into memory. What people saw on their pages and what the bank was told are
a third word.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction

from applications.reconcile import ITEMS
from rehearsal import model
from rehearsal.cast import Cast
from rehearsal.money import Bank

SHOWN = 20

# Every coupon on which something is or should be due: (number, road, bucket, yen) of both.
COMPARED = f"""
    WITH books AS (
        SELECT inquiry_number, road, bucket, sum(booked)::bigint AS yen
        FROM ({ITEMS}) placed GROUP BY 1, 2, 3
    )
    SELECT coalesce(b.inquiry_number, m.inquiry_number),
           coalesce(m.road || ' ' || m.bucket || ' ' || m.yen, 'nothing'),
           coalesce(b.road || ' ' || b.bucket || ' ' || b.yen, 'nothing')
    FROM books b FULL JOIN rehearsal_model m USING (inquiry_number, road, bucket, yen)
    WHERE b.inquiry_number IS NULL OR m.inquiry_number IS NULL
    ORDER BY 1 LIMIT {SHOWN}
"""


@dataclass
class Verdict:
    """How many coupons were foretold, and each that went otherwise (number, foretold, found)."""

    coupons: int = 0
    yen: int = 0
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    receivers: int = 0

    @property
    def agrees(self) -> bool:
        return not self.differences


def judge(cast: Cast, bank: Bank) -> Verdict:
    """Compare every coupon, every receiver of points, and the bank's own book."""
    verdict = Verdict()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMPORARY TABLE rehearsal_model (
                   inquiry_number text PRIMARY KEY, road text, bucket text, yen bigint
               ) ON COMMIT DROP"""
        )
        with cursor.copy("COPY rehearsal_model FROM STDIN") as copy:
            for number, (road, bucket, yen) in model.outcomes(cast):
                copy.write_row((number, road, bucket, yen))
                verdict.coupons += 1
                verdict.yen += yen
        cursor.execute(COMPARED)
        verdict.differences += cursor.fetchall()
    verdict.differences += seen(verdict, model.seen(cast))
    foretold = sum(
        yen for _, (road, bucket, yen) in model.outcomes(cast) if (road, bucket) == ("bank", "paid")
    )
    if foretold != bank.paid_yen:
        verdict.differences.append(("the bank's own book", str(foretold), str(bank.paid_yen)))
    return verdict


def seen(verdict: Verdict, people: Iterable[tuple[str, int, int]]) -> list[tuple[str, str, str]]:
    """Receivers whose pages showed another sum than was foretold."""
    wrong = []
    for who, foretold, shown in people:
        verdict.receivers += 1
        if foretold != shown:
            wrong.append((who, f"{foretold} on their pages", str(shown)))
    return wrong[:SHOWN]
