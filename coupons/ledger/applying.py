"""A checked export into the ledger: set-based, adding and correcting, never deleting.

Expects the temporary tables incoming_coupons and (after `coupons`) incoming_movements. `run` is the
id of the Import row, `at` its moment.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from config.notice import NOTICE
from coupons.ledger import staging

TEXTS = ("travel_type", "issuer", "app_account", "app_phone", "app_email")
PLAIN = ("travel_start", "travel_end", "face_value")
MOMENTS = ("issued_at", "charged_at", "app_left_at")
ATTRIBUTES = (*TEXTS, *PLAIN, *MOMENTS)  # what a newer export may correct
MOVEMENT = (
    "coupon_id",
    "kind",
    "amount",
    "occurred_at",
    "store_id",
    "store_name",
    "restores_transaction_id",
)
ENTRY = ("transaction_id", "revision", "reversal", *MOVEMENT, "yen", "import_run_id")
LATEST = """SELECT DISTINCT ON (transaction_id) * FROM coupons_entry
            ORDER BY transaction_id, revision DESC"""
# Whether an expiry is one of the notice's two extensions (N15): the system writes the last minute
# of the day, and any second of it is that end.
AN_EXTENSION = """EXISTS (SELECT FROM unnest(%(ends)s::timestamptz[]) AS e (ends)
                          WHERE {0} >= e.ends - %(minute)s AND {0} < e.ends)"""


def extension_ends() -> dict[str, Any]:
    """The parameters of AN_EXTENSION."""
    ends = [NOTICE.dates.first_extension_ends, NOTICE.dates.cut_off]
    return {"ends": ends, "minute": timedelta(minutes=1)}


def execute(query: str, params: dict[str, Any] | None = None) -> int:
    """Run one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.rowcount


def plan_for_whole_tables() -> None:
    """Join by hash until the end of the transaction: every statement of an import reads it all.

    Autovacuum may have looked at the tables while an earlier try was rolled back, and taken them
    for empty; row by row a million movements would then be compared with a million.
    """
    execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")


def columns(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def as_text(alias: str, name: str) -> str:
    """An attribute as a Correction shows it; moments in Japanese time."""
    if name in TEXTS:
        return f"{alias}.{name}"
    if name in PLAIN:
        return f"{alias}.{name}::text"
    local = f"{alias}.{name} AT TIME ZONE 'Asia/Tokyo'"
    return f"""coalesce(to_char({local}, 'YYYY-MM-DD"T"HH24:MI:SS"+09:00"'), '')"""


def extend(run: int, at: datetime) -> int:
    """Later expiries of the notice's two extensions: a row each, never a new original."""
    return execute(
        f"""WITH extended AS (
                INSERT INTO coupons_extension (coupon_id, old, new, at, import_run_id)
                SELECT c.id, c.expires_at, i.expires_at, %(at)s, %(run)s
                FROM incoming_coupons i JOIN coupons_coupon c USING (inquiry_number)
                WHERE (c.expires_at IS NULL OR i.expires_at > c.expires_at)
                  AND {AN_EXTENSION.format("i.expires_at")}
                RETURNING coupon_id, new
            )
            UPDATE coupons_coupon c SET expires_at = e.new
            FROM extended e WHERE c.id = e.coupon_id""",
        {"run": run, "at": at} | extension_ends(),
    )


def correct(run: int) -> int:
    """Attributes that the export tells otherwise: a Correction row each. Returns coupons."""
    changed = staging.make(
        "changed_coupons",
        f"""SELECT c.id AS coupon_id, {columns("i", ATTRIBUTES)}
            FROM incoming_coupons i JOIN coupons_coupon c USING (inquiry_number)
            WHERE ({columns("i", ATTRIBUTES)}) IS DISTINCT FROM ({columns("c", ATTRIBUTES)})""",
    )
    if not changed:
        return 0
    values = ", ".join(
        f"('{name}', {as_text('c', name)}, {as_text('i', name)})" for name in ATTRIBUTES
    )
    execute(
        f"""INSERT INTO coupons_correction (coupon_id, field, old, new, import_run_id)
            SELECT c.id, v.field, v.old, v.new, %(run)s
            FROM changed_coupons i JOIN coupons_coupon c ON c.id = i.coupon_id
            CROSS JOIN LATERAL (VALUES {values}) v (field, old, new)
            WHERE v.old <> v.new""",
        {"run": run},
    )
    news = ", ".join(f"{name} = i.{name}" for name in ATTRIBUTES)
    execute(f"UPDATE coupons_coupon c SET {news} FROM changed_coupons i WHERE c.id = i.coupon_id")
    return changed


def add_coupons() -> int:
    """Coupons not seen before; the expiry they come with is their original one."""
    names = ("inquiry_number", "prefecture_code", *ATTRIBUTES)
    return execute(
        f"""INSERT INTO coupons_coupon ({", ".join(names)}, original_expires_at, expires_at)
            SELECT {columns("i", names)}, i.expires_at, i.expires_at
            FROM incoming_coupons i
            WHERE NOT EXISTS (
                SELECT FROM coupons_coupon c WHERE c.inquiry_number = i.inquiry_number)
            ORDER BY i.line"""
    )


def add_movements(run: int) -> int:
    """Movements not seen before, as revision 1."""
    return execute(
        f"""INSERT INTO coupons_entry ({", ".join(ENTRY)})
            SELECT i.transaction_id, 1, false, {columns("i", MOVEMENT)},
                   CASE WHEN i.kind = 'payment' THEN -i.amount ELSE i.amount END, %(run)s
            FROM incoming_movements i
            WHERE NOT EXISTS (
                SELECT FROM coupons_entry e WHERE e.transaction_id = i.transaction_id)
            ORDER BY i.line""",
        {"run": run},
    )


def correct_movements(run: int) -> int:
    """Movements that the export tells otherwise: one entry takes back, one tells it anew."""
    changed = staging.make(
        "changed_movements",
        f"""SELECT i.transaction_id, l.revision, {columns("i", MOVEMENT)}
            FROM incoming_movements i JOIN ({LATEST}) l USING (transaction_id)
            WHERE ({columns("i", MOVEMENT)}) IS DISTINCT FROM ({columns("l", MOVEMENT)})""",
    )
    if changed:
        execute(
            f"""INSERT INTO coupons_entry ({", ".join(ENTRY)})
                SELECT e.transaction_id, e.revision + 1, true, {columns("e", MOVEMENT)}, -e.yen,
                       %(run)s
                FROM changed_movements i JOIN coupons_entry e USING (transaction_id, revision)
                UNION ALL
                SELECT i.transaction_id, i.revision + 2, false, {columns("i", MOVEMENT)},
                       CASE WHEN i.kind = 'payment' THEN -i.amount ELSE i.amount END, %(run)s
                FROM changed_movements i""",
            {"run": run},
        )
    return changed
