"""What the notice says of each coupon, as one SQL text for the seal, its table and the office.

`rule` looks at nothing that happened at or after the cut-off, so it says the same whenever it is
asked. Give-backs booked later (N43) are added by `owed`, which reads the seal and never changes it.
"""

from datetime import datetime, time, timedelta
from typing import Any

from config.clock import JST
from config.notice import NOTICE

# The columns of `sealed_balances --csv`; expected.csv has the same.
COLUMNS = ("inquiry_number", "category", "eligible", "balance", "supplement", "route")


def moments() -> dict[str, Any]:
    """The moments of the notice that the texts below name, JST."""
    day = datetime.combine(NOTICE.dates.outage_day, time(), JST)
    return {
        "outage_day": NOTICE.dates.outage_day,
        "day_begins": day,
        "day_ends": day + timedelta(days=1),
        "first_extension_ends": NOTICE.dates.first_extension_ends,
        "cut_off": NOTICE.dates.cut_off,
    }


def only(ids: bool) -> str:
    """The condition on entries for a text about the coupons `ids` (a parameter), or about all."""
    return "AND e.coupon_id = ANY(%(ids)s)" if ids else ""


def rule(ids: bool = False) -> str:
    """Each coupon's balance before the cut-off in yen, category, eligibility, place in the app.

    1(A): A1 by the first expiry seen, else A2 by the end of the trip, else B where a double debit
    was given back; eligible with 1 yen left after the first extension, or a give-back (N6 to N12).
    """
    return f"""
        SELECT c.id AS coupon_id, c.inquiry_number, c.app_account, c.app_phone, c.app_email,
               k.category, k.in_app,
               (c.face_value + coalesce(m.before_cut_off, 0))::int AS balance,
               k.category <> '' AND (c.face_value + coalesce(m.before_first, 0) >= 1
                                     OR coalesce(m.restored, false)) AS eligible
        FROM coupons_coupon c
        LEFT JOIN (
            SELECT e.coupon_id, sum(e.yen) AS before_cut_off,
                   sum(e.yen) FILTER (WHERE e.occurred_at < %(first_extension_ends)s)
                       AS before_first,
                   sum(CASE WHEN e.kind <> 'restoration' THEN 0 WHEN e.reversal THEN -1 ELSE 1 END)
                       > 0 AS restored
            FROM coupons_entry e
            WHERE e.occurred_at < %(cut_off)s {only(ids)}
            GROUP BY e.coupon_id
        ) m ON m.coupon_id = c.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN c.original_expires_at >= %(day_begins)s
                         AND c.original_expires_at < %(day_ends)s THEN 'A1'
                        WHEN c.travel_end = %(outage_day)s THEN 'A2'
                        WHEN coalesce(m.restored, false) THEN 'B'
                        ELSE '' END AS category,
                   c.charged_at IS NOT NULL
                       AND coalesce(c.app_left_at >= %(cut_off)s, true) AS in_app
        ) k
        {"WHERE c.id = ANY(%(ids)s)" if ids else ""}"""


def given_back(ids: bool = False) -> str:
    """Coupons with a give-back in the ledger, whenever booked, and their supplement in yen.

    The supplement is what was booked after the cut-off for a debit from before it (N43).
    """
    return f"""
        SELECT e.coupon_id, sum(CASE WHEN e.reversal THEN -1 ELSE 1 END) > 0 AS restored,
               coalesce(sum(e.yen) FILTER (WHERE e.occurred_at >= %(cut_off)s
                                             AND p.occurred_at < %(cut_off)s), 0)::int AS supplement
        FROM coupons_entry e
        LEFT JOIN LATERAL (
            SELECT o.occurred_at FROM coupons_entry o
            WHERE o.transaction_id = e.restores_transaction_id ORDER BY o.revision DESC LIMIT 1
        ) p ON true
        WHERE e.kind = 'restoration' {only(ids)}
        GROUP BY e.coupon_id"""


def owed(ids: bool = False) -> str:
    """The table of the sealed balances with later give-backs: the columns of COLUMNS.

    A coupon that only a late give-back made eligible is owed its whole sealed balance too. A coupon
    that appeared after the seal has no sealed balance: it stands with 0.
    """
    return f"""
        SELECT c.id AS coupon_id, c.inquiry_number, k.category, k.eligible, k.balance, k.supplement,
               CASE WHEN k.balance + k.supplement < 1 THEN 'none'
                    WHEN s.in_app THEN 'app_link' ELSE 'application' END AS route
        FROM coupons_coupon c
        LEFT JOIN coupons_sealeditem s ON s.coupon_id = c.id AND s.edition = 0
        LEFT JOIN ({given_back(ids)}) g ON g.coupon_id = c.id
        CROSS JOIN LATERAL (
            SELECT coalesce(s.eligible, false) OR coalesce(g.restored, false) AS eligible,
                   coalesce(nullif(s.category, ''), CASE WHEN g.restored THEN 'B' ELSE '' END)
                       AS category,
                   CASE WHEN s.eligible OR g.restored THEN coalesce(s.balance, 0) ELSE 0 END
                       AS balance,
                   coalesce(g.supplement, 0) AS supplement
        ) k
        {"WHERE c.id = ANY(%(ids)s)" if ids else ""}"""
