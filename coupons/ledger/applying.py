"""A checked export into the ledger: set-based, adding and correcting, never deleting.

Expects the temporary tables incoming_coupons and told_movements. `run` is the id of the Import row,
`at` its moment.
"""

from dataclasses import dataclass
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
# The newest revision of each movement; few have more than one.
LATEST = """SELECT e.* FROM coupons_entry e WHERE NOT EXISTS (
                SELECT FROM coupons_entry n WHERE n.transaction_id = e.transaction_id
                AND n.revision > 1 AND n.revision > e.revision)"""
# Whether an expiry is one of the notice's two extensions (N15): the system writes the last minute
# of the day, and any second of it is that end.
AN_EXTENSION = """({0} >= %(first)s - %(minute)s AND {0} < %(first)s
                   OR {0} >= %(second)s - %(minute)s AND {0} < %(second)s)"""


def extension_ends() -> dict[str, Any]:
    """The parameters of AN_EXTENSION."""
    dates = NOTICE.dates
    minute = timedelta(minutes=1)
    return {"first": dates.first_extension_ends, "second": dates.cut_off, "minute": minute}


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
    execute(
        "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off;"
        " SET LOCAL work_mem = '128MB'"
    )


def count(query: str) -> int:
    """One number."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


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


@dataclass(frozen=True)
class Met:
    """An export held against the ledger: where to find what is new or told otherwise, and counts.

    `rows` has the ledger's coupon_id, empty for a coupon that is new, or a movement's of an unknown
    one; of movements the revision in the ledger too, empty for a new one.
    """

    rows: str
    read: int
    new: int
    vanished: bool  # whether the ledger has rows that the export lacks


def meet_coupons() -> Met:
    """Hold incoming_coupons against the ledger, once; only what differs is looked at again."""
    read = count("SELECT count(*) FROM incoming_coupons")
    known = count("SELECT count(*) FROM coupons_coupon")
    if not known:
        rows = "(SELECT *, NULL::bigint AS coupon_id FROM incoming_coupons)"
        return Met(rows, read, read, vanished=False)
    told = ("prefecture_code", "expires_at", *ATTRIBUTES)
    staging.make(
        "met_coupons",
        f"""SELECT i.*, c.id AS coupon_id
            FROM incoming_coupons i LEFT JOIN coupons_coupon c USING (inquiry_number)
            WHERE c.id IS NULL OR ({columns("i", told)}) IS DISTINCT FROM ({columns("c", told)})""",
    )
    new = count("SELECT count(*) FROM met_coupons WHERE coupon_id IS NULL")
    return Met("met_coupons", read, new, vanished=read - new < known)


def meet_movements() -> Met:
    """Hold told_movements against the ledger, once; the coupons are to be there before."""
    read = count("SELECT count(*) FROM told_movements")
    known = count("SELECT count(*) FROM coupons_entry WHERE revision = 1")
    named = """(SELECT t.*, t.ctid AS place, c.id AS coupon_id{} FROM told_movements t
                LEFT JOIN coupons_coupon c USING (inquiry_number))"""
    if not known:
        return Met(named.format(", NULL::smallint AS revision"), read, read, vanished=False)
    staging.make(
        "met_movements",
        f"""SELECT t.*, l.revision
            FROM {named.format("")} t LEFT JOIN ({LATEST}) l USING (transaction_id)
            WHERE l.revision IS NULL
               OR ({columns("t", MOVEMENT)}) IS DISTINCT FROM ({columns("l", MOVEMENT)})""",
    )
    new = count("SELECT count(*) FROM met_movements WHERE revision IS NULL")
    return Met("met_movements", read, new, vanished=read - new < known)


def extend(met: Met, run: int, at: datetime) -> int:
    """Later expiries of the notice's two extensions: a row each, never a new original."""
    return execute(
        f"""WITH extended AS (
                INSERT INTO coupons_extension (coupon_id, old, new, at, import_run_id)
                SELECT c.id, c.expires_at, i.expires_at, %(at)s, %(run)s
                FROM {met.rows} i JOIN coupons_coupon c ON c.id = i.coupon_id
                WHERE (c.expires_at IS NULL OR i.expires_at > c.expires_at)
                  AND {AN_EXTENSION.format("i.expires_at")}
                RETURNING coupon_id, new
            )
            UPDATE coupons_coupon c SET expires_at = e.new
            FROM extended e WHERE c.id = e.coupon_id""",
        {"run": run, "at": at} | extension_ends(),
    )


def correct(met: Met, run: int) -> int:
    """Attributes that the export tells otherwise: a Correction row each. Returns coupons."""
    changed = staging.make(
        "changed_coupons",
        f"""SELECT c.id AS coupon_id, {columns("i", ATTRIBUTES)}
            FROM {met.rows} i JOIN coupons_coupon c ON c.id = i.coupon_id
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


def add_coupons(met: Met) -> int:
    """Coupons not seen before; the expiry they come with is their original one."""
    names = ("inquiry_number", "prefecture_code", *ATTRIBUTES)
    return execute(
        f"""INSERT INTO coupons_coupon ({", ".join(names)}, original_expires_at, expires_at)
            SELECT {columns("i", names)}, i.expires_at, i.expires_at
            FROM {met.rows} i WHERE i.coupon_id IS NULL"""
    )


def add_movements(met: Met, run: int) -> int:
    """Movements not seen before, as revision 1, in the order of the file, which orders those of one
    second. Raises IntegrityError for an unknown coupon's.
    """
    return execute(
        f"""INSERT INTO coupons_entry ({", ".join(ENTRY)})
            SELECT i.transaction_id, 1, false, {columns("i", MOVEMENT)},
                   CASE WHEN i.kind = 'payment' THEN -i.amount ELSE i.amount END, %(run)s
            FROM {met.rows} i WHERE i.revision IS NULL ORDER BY i.place""",
        {"run": run},
    )


def correct_movements(met: Met, run: int) -> int:
    """Movements that the export tells otherwise: one entry takes back, one tells it anew."""
    execute(
        f"""INSERT INTO coupons_entry ({", ".join(ENTRY)})
            SELECT e.transaction_id, e.revision + 1, true, {columns("e", MOVEMENT)}, -e.yen, %(run)s
            FROM {met.rows} i JOIN coupons_entry e USING (transaction_id, revision)
            UNION ALL
            SELECT i.transaction_id, i.revision + 2, false, {columns("i", MOVEMENT)},
                   CASE WHEN i.kind = 'payment' THEN -i.amount ELSE i.amount END, %(run)s
            FROM {met.rows} i WHERE i.revision IS NOT NULL""",
        {"run": run},
    )
    return count(f"SELECT count(*) FROM {met.rows} i WHERE i.revision IS NOT NULL")
