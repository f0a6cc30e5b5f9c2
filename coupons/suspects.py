"""Likely double debits that nobody has called about, found in the ledger by ourselves.

Two or more payments with one coupon in one shop of one amount, each within NEAR of the one before,
in the outage band. Of such a run one payment is right; the others are suspected (N10, N44). One
debit that was paid otherwise as well (N9) can't be seen here: only the person knows it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from config import clock
from config.notice import NOTICE
from config.states import Refused
from coupons import double_charges
from coupons.models import Coupon, DoubleCharge, Entry

NEAR = timedelta(minutes=2)  # between two presses of the same button

# What a run still holds too much: its payments but one, less what came back of them already.
RUNS = """
    WITH paid AS (
        SELECT e.coupon_id, e.transaction_id, e.amount, e.occurred_at, e.store_id, e.store_name,
               coalesce(e.occurred_at - lag(e.occurred_at) OVER same > %(near)s, true) AS begins
        FROM coupons_entry e
        WHERE e.kind = 'payment' AND NOT e.reversal
          AND e.occurred_at >= %(outage_from)s AND e.occurred_at < %(outage_until)s
          AND NOT EXISTS (SELECT FROM coupons_entry n
                          WHERE n.transaction_id = e.transaction_id AND n.revision > e.revision)
        WINDOW same AS (PARTITION BY e.coupon_id, e.store_id, e.amount
                        ORDER BY e.occurred_at, e.id)
    ), numbered AS (
        SELECT p.*, count(*) FILTER (WHERE begins) OVER (
                   PARTITION BY coupon_id, store_id, amount ORDER BY occurred_at, transaction_id
               ) AS run
        FROM paid p
    ), runs AS (
        SELECT coupon_id, amount, min(store_name) AS store_name, min(occurred_at) AS first_at,
               max(occurred_at) AS last_at, count(*)::int AS presses,
               array_agg(transaction_id ORDER BY occurred_at, transaction_id) AS transactions
        FROM numbered GROUP BY coupon_id, store_id, amount, run HAVING count(*) > 1
    )
    SELECT r.coupon_id, c.inquiry_number, c.prefecture_code, r.store_name, r.first_at, r.last_at,
           r.amount, r.presses, b.count AS back,
           (r.amount * (r.presses - 1 - b.count))::int AS yen, r.transactions,
           c.charged_at IS NOT NULL AND c.app_left_at IS NULL AS in_app
    FROM runs r JOIN coupons_coupon c ON c.id = r.coupon_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT e.restores_transaction_id)::int FROM coupons_entry e
        WHERE e.restores_transaction_id = ANY(r.transactions) AND NOT e.reversal
          AND e.kind IN ('restoration', 'cancellation')
          AND e.coupon_id = r.coupon_id
    ) b (count)
    WHERE r.presses - 1 - b.count > 0
      AND (%(prefectures)s::text[] IS NULL OR c.prefecture_code = ANY(%(prefectures)s))
      AND (%(coupon)s::bigint IS NULL OR c.id = %(coupon)s)
      AND NOT EXISTS (SELECT FROM coupons_doublecharge d WHERE d.coupon_id = c.id)"""


@dataclass(frozen=True)
class Suspect:
    """A run of payments of one coupon; `yen` is what seems debited too much, in yen."""

    coupon_id: int
    inquiry_number: str
    prefecture_code: str
    store_name: str
    first_at: datetime
    last_at: datetime
    amount: int
    presses: int
    back: int
    yen: int
    transactions: list[str]
    in_app: bool


def suspects(prefectures: list[str] | None = None, coupon_id: int | None = None) -> list[Suspect]:
    """All runs of these prefectures (None: of all), the largest first, in one statement."""
    values = {
        "near": NEAR,
        "outage_from": NOTICE.dates.outage_from,
        "outage_until": NOTICE.dates.outage_until,
        "prefectures": prefectures,
        "coupon": coupon_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{RUNS} ORDER BY yen DESC, r.coupon_id, r.first_at", values)
        return [Suspect(*row) for row in cursor.fetchall()]


def take_up(coupon: Coupon, case_number: str, by: AbstractBaseUser) -> DoubleCharge:
    """Open a case that nobody has called about, from the coupon's largest run.

    Raises Refused where there is none (any more), or somebody was faster.
    """
    with transaction.atomic():
        coupon = Coupon.objects.select_for_update(of=("self",)).get(pk=coupon.pk)
        found = suspects(coupon_id=coupon.pk)
        if not found:
            raise Refused("すでに受付があるか、疑いがなくなりました。", "moved")
        first = found[0]
        row = double_charges.take(
            case_number=case_number,
            by=by,
            reason="found",
            inquiry_number=coupon.inquiry_number,
            prefecture_code=coupon.prefecture_code,
            told_prefecture="",
            shop_name=first.store_name,
            case=DoubleCharge.Case.PRESSED_AGAIN,
            told_at=first.first_at,
            told_yen=first.yen,
        )
        said = f"事務局が台帳で見つけた疑い：{first.amount:,}円が{first.presses}回"
        double_charges.note(row, f"{said}（{clock.now():%Y/%m/%d}）", by)
        return row


def doubled(payments: list[Entry]) -> set[str]:
    """Of one coupon's payments, oldest first, the numbers of those that repeat the one before."""
    repeated, last = set(), {}
    for entry in payments:
        key = (entry.store_id, entry.amount)
        if key in last and entry.occurred_at - last[key] <= NEAR:
            repeated.add(entry.transaction_id)
        last[key] = entry.occurred_at
    return repeated
