"""The three books, to the yen (decided 3): the seal, the payouts, what providers and banks report.

Each sealed item (and each supplement) stands in exactly one bucket; a payout is worth its lines; an
issued payout is worth its order's parts, a paid one its transfer.
"""

from dataclasses import dataclass

from django.db import connection

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

FIRST_BOOK = """
WITH live AS (
    SELECT line.coupon_id, line.edition, payout.state
    FROM payouts_payoutline line JOIN payouts_payout payout ON payout.id = line.payout_id
    WHERE line.released_at IS NULL
), claimed AS (
    SELECT coupon_id, bool_or(state = 'pending') AS pending,
           bool_or(state = 'not_covered') AS not_covered
    FROM applications_claim WHERE coupon_id IS NOT NULL GROUP BY coupon_id
), given_up AS (
    SELECT DISTINCT line.coupon_id, line.edition
    FROM payouts_payoutline line JOIN payouts_payout payout ON payout.id = line.payout_id
    WHERE payout.state = 'given_up'
)
SELECT coupon.prefecture_code,
       CASE
           WHEN live.state IN ('issued', 'handed_over', 'paid') THEN 'paid'
           WHEN live.state = 'lapsed' THEN 'lapsed'
           WHEN live.state IS NOT NULL THEN 'owed'
           WHEN given_up.coupon_id IS NOT NULL THEN 'given_up'
           WHEN claimed.pending THEN 'owed'
           WHEN claimed.not_covered THEN 'not_covered'
           WHEN claimed.coupon_id IS NOT NULL THEN 'withdrawn'
           ELSE 'not_claimed'
       END AS bucket,
       count(*), sum(item.yen)
FROM coupons_sealeditem item
JOIN coupons_coupon coupon ON coupon.id = item.coupon_id
LEFT JOIN live ON live.coupon_id = item.coupon_id AND live.edition = item.edition
LEFT JOIN given_up ON given_up.coupon_id = item.coupon_id AND given_up.edition = item.edition
LEFT JOIN claimed ON claimed.coupon_id = item.coupon_id
WHERE item.yen > 0
GROUP BY 1, 2
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
class Books:
    """The first book by prefecture and bucket (count, yen), and every difference found."""

    buckets: dict[str, dict[str, tuple[int, int]]]
    sealed_yen: int
    differences: list[Difference]

    def total(self, bucket: str) -> tuple[int, int]:
        """Count and yen of one bucket over all prefectures."""
        found = [row.get(bucket, (0, 0)) for row in self.buckets.values()]
        return sum(count for count, _ in found), sum(yen for _, yen in found)


def reconcile() -> Books:
    """Read all three books in one snapshot and compare them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(yen), 0) FROM coupons_sealeditem")
        sealed = int(cursor.fetchone()[0])
        cursor.execute(FIRST_BOOK)
        buckets: dict[str, dict[str, tuple[int, int]]] = {}
        for prefecture, bucket, count, yen in cursor.fetchall():
            buckets.setdefault(prefecture, {})[bucket] = (count, int(yen))
        differences = []
        for check, (_, sql) in CHECKS.items():
            cursor.execute(sql)
            differences += [
                Difference(check, str(key), int(left or 0), int(right or 0))
                for key, left, right in cursor.fetchall()
            ]
    booked = sum(yen for row in buckets.values() for _, yen in row.values())
    if booked != sealed:
        differences.append(Difference("seal", "total", sealed, booked))
    return Books(buckets, sealed, differences + provider_differences())


def provider_differences() -> list[Difference]:
    """Our api orders against the providers' own books; a silent provider is a difference too.

    What a provider issued for an order that is still being asked for is under way, no difference.
    """
    differences = []
    providers = {provider for brand in NOTICE.brands if (provider := provider_for(brand))}
    ours, under_way = _ordered("issued"), _ordered("placed")
    for provider in providers:
        try:
            theirs = {row.request_id: row for row in provider.ledger()}
        except (NotSent, NoAnswer):
            return [Difference("provider", "no_answer", sum(ours.values()), 0)]
        for request_id, row in theirs.items():
            if request_id in under_way:
                continue
            mine = ours.pop(request_id, None)
            yen = row.yen if row.state == "issued" else 0
            if mine is None and yen:
                differences.append(Difference("provider", request_id, 0, yen))
            elif mine is not None and mine != yen:
                differences.append(Difference("provider", request_id, mine, yen))
    return differences + [Difference("provider", key, yen, 0) for key, yen in ours.items()]


def _ordered(state: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT part.request_id, part.amount FROM payouts_orderpart part
               JOIN payouts_order o ON o.id = part.order_id
               WHERE o.provider = 'api' AND o.state = %s""",
            [state],
        )
        return dict(cursor.fetchall())
