"""What an export says that the ledger does not take over: listed once for the office."""

from datetime import datetime
from typing import Any

from config.notice import NOTICE
from coupons.ledger import staging
from coupons.ledger.applying import AN_EXTENSION, LATEST, Met, execute, extension_ends

JST_TEXT = """to_char({} AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD"T"HH24:MI:SS"+09:00"')"""


def note(run: int, at: datetime, kind: str, select: str, **params: Any) -> None:
    """Store the findings of a query (key, coupon id, detail), each once however often found."""
    execute(
        f"""INSERT INTO coupons_difference (kind, key, coupon_id, detail, import_run_id, at)
            SELECT %(kind)s, f.key, f.coupon_id, f.detail, %(run)s, %(at)s
            FROM ({select}) f (key, coupon_id, detail)
            ON CONFLICT (kind, key) DO NOTHING""",
        {"kind": kind, "run": run, "at": at} | params,
    )


def note_coupons(met: Met, run: int, at: datetime, sha256: str) -> None:
    """Coupons that vanished, changed prefecture, or show an expiry that is no extension.

    To be asked after the extensions are applied and before the coupons are added.
    """
    shown, held = JST_TEXT.format("i.expires_at"), JST_TEXT.format("c.expires_at")
    joined = f"FROM {met.rows} i JOIN coupons_coupon c ON c.id = i.coupon_id"
    again = "i.expires_at IS NOT DISTINCT FROM c.original_expires_at"
    if met.vanished:
        note(
            run,
            at,
            "coupon_vanished",
            """SELECT c.inquiry_number, c.id, '{}'::jsonb FROM coupons_coupon c
               WHERE NOT EXISTS (
                   SELECT FROM incoming_coupons i WHERE i.inquiry_number = c.inquiry_number)""",
        )
    note(  # an office never gains or loses a coupon silently (promise 9)
        run,
        at,
        "prefecture",
        f"""SELECT c.inquiry_number || ':' || i.prefecture_code, c.id, jsonb_build_object(
                       'ledger', c.prefecture_code, 'export', i.prefecture_code)
                {joined} WHERE i.prefecture_code <> c.prefecture_code""",
    )
    note(
        run,
        at,
        "expiry",
        f"""SELECT c.inquiry_number || ':' || coalesce({shown}, ''), c.id, jsonb_build_object(
                       'ledger', {held}, 'export', {shown})
                {joined} WHERE i.expires_at IS DISTINCT FROM c.expires_at AND NOT {again}""",
    )
    note(  # a full export may carry original expiries throughout: one line, not one a coupon
        run,
        at,
        "expiry_original",
        f"""SELECT %(sha256)s, NULL::bigint, jsonb_build_object('coupons', count(*),
                       'first', min(c.inquiry_number), 'last', max(c.inquiry_number))
                {joined} WHERE i.expires_at IS DISTINCT FROM c.expires_at AND {again}
                HAVING count(*) > 0""",
        sha256=sha256,
    )


def note_originals(met: Met, run: int, at: datetime) -> None:
    """Coupons first seen with an expiry already extended: whether it was 2/24 once is unknown, and
    with it category A1. Not asked where the trip's end decides anyway, or is that very day.
    """
    note(
        run,
        at,
        "original_unknown",
        f"""SELECT c.inquiry_number, c.id, jsonb_build_object(
                   'original', {JST_TEXT.format("c.original_expires_at")},
                   'travel_end', c.travel_end)
            FROM {met.rows} i JOIN coupons_coupon c USING (inquiry_number)
            WHERE {AN_EXTENSION.format("c.original_expires_at")}
              AND c.travel_end <> (c.original_expires_at AT TIME ZONE 'Asia/Tokyo')::date
              AND c.travel_end <> %(outage_day)s""",
        outage_day=NOTICE.dates.outage_day,
        **extension_ends(),
    )


def note_movements(met: Met, run: int, at: datetime) -> None:
    """Movements that vanished, and those dated after the cut-off (期限後利用, Q12)."""
    if met.vanished:
        note(
            run,
            at,
            "movement_vanished",
            f"""SELECT l.transaction_id, l.coupon_id, jsonb_build_object(
                       'kind', l.kind, 'amount', l.amount,
                       'occurred_at', {JST_TEXT.format("l.occurred_at")})
                FROM ({LATEST}) l WHERE NOT EXISTS (
                    SELECT FROM told_movements i WHERE i.transaction_id = l.transaction_id)""",
        )
    note(
        run,
        at,
        "used_after_cut_off",
        f"""SELECT i.transaction_id, c.id, jsonb_build_object(
                   'amount', i.amount, 'occurred_at', {JST_TEXT.format("i.occurred_at")})
            FROM told_movements i JOIN coupons_coupon c USING (inquiry_number)
            WHERE i.kind = 'payment' AND i.occurred_at >= %(cut_off)s""",
        cut_off=NOTICE.dates.cut_off,
    )


# Coupons that were paid with beyond their face value or given money back at all, in one pass; only
# their movements are put in order. Movements of the same moment count together.
RUNNING = """
    SELECT b.id, b.inquiry_number, b.face_value, min(r.balance) AS lowest, max(r.balance) AS highest
    FROM (
        SELECT e.coupon_id, t.face_value + sum(e.yen) OVER (
                   PARTITION BY e.coupon_id ORDER BY e.occurred_at) AS balance
        FROM coupons_entry e JOIN (
            SELECT c.id, c.face_value
            FROM coupons_coupon c JOIN (
                SELECT coupon_id, sum(least(yen, 0)) AS paid, max(yen) AS most
                FROM coupons_entry GROUP BY coupon_id
            ) s ON s.coupon_id = c.id
            WHERE c.face_value + s.paid < 0 OR s.most > 0
        ) t ON t.id = e.coupon_id
    ) r JOIN coupons_coupon b ON b.id = r.coupon_id
    GROUP BY b.id
    HAVING min(r.balance) < 0 OR max(r.balance) > b.face_value"""


def note_balances(run: int, at: datetime) -> None:
    """Coupons whose balance was below zero or above the face value at some moment, and payments of
    which more was given back than paid. To be asked where movements or coupons were changed.
    """
    staging.make("strange_balances", RUNNING)
    note(
        run,
        at,
        "below_zero",
        """SELECT inquiry_number || ':' || lowest, id, jsonb_build_object('lowest', lowest)
           FROM strange_balances WHERE lowest < 0""",
    )
    note(
        run,
        at,
        "above_face",
        """SELECT inquiry_number || ':' || highest, id, jsonb_build_object(
                      'highest', highest, 'face_value', face_value)
           FROM strange_balances WHERE highest > face_value""",
    )
    note(
        run,
        at,
        "restored_too_much",
        f"""SELECT p.transaction_id || ':' || b.yen, p.coupon_id, jsonb_build_object(
                       'paid', p.amount, 'given_back', b.yen)
                FROM (SELECT restores_transaction_id, sum(yen) AS yen FROM coupons_entry
                      WHERE restores_transaction_id <> '' GROUP BY 1) b
                JOIN ({LATEST}) p ON p.transaction_id = b.restores_transaction_id
                WHERE b.yen > p.amount""",
    )
