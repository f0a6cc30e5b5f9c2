"""The three books, to the yen (decided 3): the seal, the payouts, what providers and banks report.

Each sealed item (and each supplement) stands in exactly one bucket; a bucket's yen are what the
payouts carry, the sealed yen what the seal says: they agree line by line or the line is red. An
issued payout is worth its order's parts, a paid one its transfer. All of it is read in one
snapshot, so that it is true while people work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from config import clock
from config.notice import NOTICE
from payouts.outbound.gifts.providers import provider_for
from payouts.outbound.signed_http import NoAnswer, NotSent

BUCKETS = {
    "paid": "支払い済み",
    "owed": "未払い（手続き中）",
    "not_covered": "補償の対象外",
    "withdrawn": "取下げ",
    "lapsed": "受取期限切れ",
    "given_up": "支払不能確定",
    "not_claimed": "申請なし・案内前",
}
ROADS = {
    "app_holder": "アプリ会員",
    "points": "申請（ポイント）",
    "bank": "申請（口座振込）",
    "application": "申請待ち",
}
DIFFERS = "differs"  # as a bucket: rows on which seal and payouts disagree
SHOWN = 100  # rows of a number shown at once
KEPT = 20  # differences named in the nightly outcome

# Every entitlement with its place: one row a sealed item, whatever became of it.
ITEMS = """
WITH given_up AS (
    SELECT DISTINCT line.coupon_id, line.edition
    FROM payouts_payoutline line JOIN payouts_payout payout ON payout.id = line.payout_id
    WHERE payout.state = 'given_up'
), claimed AS (
    SELECT claim.coupon_id, bool_or(claim.state = 'pending') AS pending,
           bool_or(claim.state = 'not_covered') AS not_covered,
           bool_or(application.method = 'bank') AS bank
    FROM applications_claim claim
    JOIN applications_application application ON application.id = claim.application_id
    WHERE claim.coupon_id IS NOT NULL GROUP BY claim.coupon_id
)
SELECT item.id, item.coupon_id, item.edition, item.yen AS sealed,
       CASE WHEN line.yen IS NULL THEN item.yen ELSE line.yen END AS booked,
       coupon.prefecture_code, coupon.inquiry_number, item.category, payout.id AS payout_id,
       CASE WHEN payout.origin = 'app_holder' THEN 'app_holder'
            WHEN payout.id IS NOT NULL THEN payout.road
            WHEN claimed.coupon_id IS NOT NULL
                THEN CASE WHEN claimed.bank THEN 'bank' ELSE 'points' END
            WHEN item.route = 'app_link' THEN 'app_holder'
            ELSE 'application' END AS road,
       CASE WHEN payout.state IN ('issued', 'handed_over', 'paid') THEN 'paid'
            WHEN payout.state = 'lapsed' THEN 'lapsed'
            WHEN payout.state IS NOT NULL THEN 'owed'
            WHEN given_up.coupon_id IS NOT NULL THEN 'given_up'
            WHEN claimed.pending THEN 'owed'
            WHEN claimed.not_covered THEN 'not_covered'
            WHEN claimed.coupon_id IS NOT NULL THEN 'withdrawn'
            ELSE 'not_claimed' END AS bucket
FROM coupons_sealeditem item
JOIN coupons_coupon coupon ON coupon.id = item.coupon_id
LEFT JOIN payouts_payoutline line ON line.coupon_id = item.coupon_id
    AND line.edition = item.edition AND line.released_at IS NULL
LEFT JOIN payouts_payout payout ON payout.id = line.payout_id
LEFT JOIN given_up ON given_up.coupon_id = item.coupon_id AND given_up.edition = item.edition
LEFT JOIN claimed ON claimed.coupon_id = item.coupon_id
WHERE item.yen <> 0
"""
FIRST_BOOK = f"""
SELECT prefecture_code, road, category, bucket, count(*), sum(sealed)::bigint, sum(booked)::bigint
FROM ({ITEMS}) placed GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
"""
ROWS = f"""
SELECT inquiry_number, coupon_id, edition, sealed, booked, payout_id, bucket, prefecture_code
FROM ({ITEMS}) placed
WHERE prefecture_code = ANY(%(prefectures)s)
  AND (road = %(road)s OR %(road)s = '') AND (category = %(category)s OR %(category)s = '')
  AND (bucket = %(bucket)s OR %(bucket)s = '' OR %(bucket)s = '{DIFFERS}' AND sealed <> booked)
  AND (coupon_id, edition) > (%(coupon)s, %(edition)s)
ORDER BY coupon_id, edition LIMIT %(limit)s
"""
# What was paid by the second book, and by the third: points by orders' parts, bank by transfers.
THIRD_BOOK = """
SELECT payout.prefecture_code, payout.road, sum(payout.amount)::bigint,
       sum(CASE WHEN payout.road = 'points' THEN (
               SELECT coalesce(sum(part.amount), 0) FROM payouts_order o
               JOIN payouts_orderpart part ON part.order_id = o.id
               WHERE o.payout_id = payout.id AND o.state = 'issued'
                 AND (part.code_id IS NOT NULL OR part.provider_ref <> ''))
           ELSE (
               SELECT coalesce(sum(transfer.amount), 0) FROM payouts_transfer transfer
               WHERE transfer.payout_id = payout.id AND transfer.state IN ('handed_over', 'paid'))
           END)::bigint
FROM payouts_payout payout
WHERE payout.state IN ('issued', 'handed_over', 'paid') GROUP BY 1, 2 ORDER BY 1, 2
"""

# name -> (what it compares, SQL giving the offending ids and the yen on both sides)
CHECKS = {
    "lines": (
        "支払いの金額と内訳",
        """SELECT payout.id, payout.amount, coalesce(sum(line.yen), 0)
           FROM payouts_payout payout
           LEFT JOIN payouts_payoutline line ON line.payout_id = payout.id
           WHERE payout.amount IS NOT NULL GROUP BY payout.id
           HAVING payout.amount <> coalesce(sum(line.yen), 0)""",
    ),
    "seal": (
        "内訳と確定残額",
        """SELECT line.payout_id, line.yen, item.yen
           FROM payouts_payoutline line LEFT JOIN coupons_sealeditem item USING (coupon_id, edition)
           WHERE line.yen IS NOT NULL AND line.yen IS DISTINCT FROM item.yen""",
    ),
    "orders": (
        "受取済みの支払いと発行",
        """SELECT payout.id, payout.amount, coalesce(sum(part.amount), 0)
           FROM payouts_payout payout
           LEFT JOIN payouts_order o ON o.payout_id = payout.id AND o.state = 'issued'
           LEFT JOIN payouts_orderpart part ON part.order_id = o.id
               AND (part.code_id IS NOT NULL OR part.provider_ref <> '')
           WHERE payout.state = 'issued' GROUP BY payout.id
           HAVING payout.amount <> coalesce(sum(part.amount), 0)""",
    ),
    "unpaid_orders": (
        "発行済みなのに受取済みでない支払い",
        """SELECT payout.id, o.amount, 0 FROM payouts_order o
           JOIN payouts_payout payout ON payout.id = o.payout_id
           WHERE o.state = 'issued' AND payout.state <> 'issued'""",
    ),
    "stock": (
        "払出済みのコードと発行の内訳",
        """SELECT code.id, code.face_value, coalesce(part.amount, 0)
           FROM payouts_code code LEFT JOIN payouts_orderpart part ON part.code_id = code.id
           WHERE (code.taken_at IS NOT NULL) <> (part.id IS NOT NULL)
              OR code.face_value <> part.amount""",
    ),
    "transfers": (
        "振込の支払いと振込",
        """SELECT payout.id, payout.amount, coalesce(sum(transfer.amount), 0)
           FROM payouts_payout payout LEFT JOIN payouts_transfer transfer
               ON transfer.payout_id = payout.id AND transfer.state IN ('handed_over', 'paid')
           WHERE payout.state IN ('handed_over', 'paid') GROUP BY payout.id
           HAVING payout.amount <> coalesce(sum(transfer.amount), 0)""",
    ),
    "unpaid_transfers": (
        "引渡し済みなのに支払いが進んでいない振込",
        """SELECT payout.id, transfer.amount, 0 FROM payouts_transfer transfer
           JOIN payouts_payout payout ON payout.id = transfer.payout_id
           WHERE transfer.state IN ('handed_over', 'paid')
             AND payout.state NOT IN ('handed_over', 'paid')""",
    ),
}


@dataclass(frozen=True)
class Difference:
    """One row on which two books disagree, with the yen on both sides."""

    check: str
    subject: str
    left: int
    right: int


@dataclass(frozen=True)
class Row:
    """One line of the equation: what is sealed of a prefecture, road and category, and where it is.

    `buckets` holds (count, yen as the payouts carry them).
    """

    prefecture_code: str
    road: str
    category: str
    sealed: int
    buckets: dict[str, tuple[int, int]]

    @property
    def difference(self) -> int:
        """Sealed yen less what stands in the buckets; zero, or the line is red."""
        return self.sealed - sum(yen for _, yen in self.buckets.values())


@dataclass(frozen=True)
class Paid:
    """What one office paid on one road: by the payouts, and by orders or transfers."""

    prefecture_code: str
    road: str
    payouts: int
    reported: int

    @property
    def difference(self) -> int:
        return self.payouts - self.reported


@dataclass(frozen=True)
class Books:
    """The equation, what was paid by both sides, and every difference found."""

    at: datetime
    rows: list[Row]
    paid: list[Paid]
    sealed_yen: int
    differences: list[Difference]

    def total(self, bucket: str) -> tuple[int, int]:
        """Count and yen of one bucket over all."""
        found = [row.buckets.get(bucket, (0, 0)) for row in self.rows]
        return sum(count for count, _ in found), sum(yen for _, yen in found)

    def outcome(self) -> dict[str, Any]:
        """What the nightly job keeps."""
        kept = [[d.check, d.subject, d.left, d.right] for d in self.differences[:KEPT]]
        return {
            "sealed": self.sealed_yen,
            "buckets": {bucket: list(self.total(bucket)) for bucket in BUCKETS},
            "differences": len(self.differences),
            "first": kept,
        }


@contextmanager
def snapshot() -> Iterator[None]:
    """All queries of the block see one moment; inside a transaction its own rules hold."""
    outside = not connection.in_atomic_block
    with transaction.atomic():
        if outside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def reconcile() -> Books:
    """Read all three books in one snapshot and compare them; then ask the providers."""
    at = clock.now()
    with snapshot(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(yen), 0)::bigint FROM coupons_sealeditem")
        sealed = cursor.fetchone()[0]
        rows = equation()
        cursor.execute(THIRD_BOOK)
        paid = [Paid(*found) for found in cursor.fetchall()]
        differences = []
        for check, (_, sql) in CHECKS.items():
            cursor.execute(sql)
            differences += [
                Difference(check, str(key), int(left or 0), int(right or 0))
                for key, left, right in cursor.fetchall()
            ]
        ours = _ordered("issued"), _ordered("placed")
    booked = sum(yen for row in rows for _, yen in row.buckets.values())
    if booked != sealed:
        differences.append(Difference("seal", "total", sealed, booked))
    return Books(at, rows, paid, sealed, differences + provider_differences(*ours))


def equation() -> list[Row]:
    """The first book against the second, by prefecture, road and category."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_BOOK)
        found = cursor.fetchall()
    rows: dict[tuple[str, str, str], Row] = {}
    for prefecture, road, category, bucket, count, sealed, booked in found:
        key = (prefecture, road, category)
        before = rows.get(key, Row(*key, 0, {}))
        buckets = before.buckets | {bucket: (count, booked)}
        rows[key] = Row(*key, before.sealed + sealed, buckets)
    return list(rows.values())


def rows_of(
    prefectures: list[str], road: str, category: str, bucket: str, after: tuple[int, int] = (0, -1)
) -> list[dict[str, Any]]:
    """The entitlements behind one number, SHOWN at most, after (coupon id, edition).

    An empty road, category or bucket is all of them; bucket DIFFERS: what the books tell apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ROWS,
            {
                "prefectures": prefectures,
                "road": road,
                "category": category,
                "bucket": bucket,
                "coupon": after[0],
                "edition": after[1],
                "limit": SHOWN,
            },
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, found, strict=True)) for found in cursor.fetchall()]


def every_row_of(
    prefectures: list[str], road: str, category: str, bucket: str
) -> Iterator[dict[str, Any]]:
    """All of them, page by page."""
    after = (0, -1)
    while found := rows_of(prefectures, road, category, bucket, after):
        yield from found
        after = (found[-1]["coupon_id"], found[-1]["edition"])


def provider_differences(ours: dict[str, int], under_way: dict[str, int]) -> list[Difference]:
    """Our api orders against the providers' own books; a silent provider is a difference too.

    What a provider issued for an order that is still being asked for, or was placed since `ours`
    was read, is under way, no difference.
    """
    theirs: dict[str, int] = {}
    silent: list[str] = []  # partner ids, with which our request ids there begin
    found = [provider for brand in NOTICE.brands if (provider := provider_for(brand))]
    for provider in {each.endpoint: each for each in found}.values():  # an account once
        try:
            theirs |= {
                row.request_id: row.yen if row.state == "issued" else 0 for row in provider.ledger()
            }
        except (NotSent, NoAnswer):
            silent.append(provider.endpoint.key)
    unheard = {key for key in ours.keys() - theirs.keys() if key.startswith(tuple(silent))}
    quiet = [Difference("provider", "no_answer", sum(ours[key] for key in unheard), 0)]
    unknown = {key for key, yen in theirs.items() if yen and key not in ours}
    since = _ordered("issued") | _ordered("placed") if unknown else {}
    return quiet * bool(silent) + [
        Difference("provider", key, ours.get(key, 0), theirs.get(key, 0))
        for key in sorted((ours.keys() - unheard) | unknown)
        if ours.get(key, 0) != theirs.get(key, 0)
        and not (key in under_way or (key in unknown and key in since))
    ]


def _ordered(state: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT part.request_id, part.amount FROM payouts_orderpart part
               JOIN payouts_order o ON o.id = part.order_id
               WHERE o.provider = 'api' AND o.state = %s""",
            [state],
        )
        return dict(cursor.fetchall())
