"""Export rows into temporary tables: as text with their lines, then typed."""

import csv
import io
from collections.abc import Iterable

from django.db import connection

COUPONS = (
    "inquiry_number",
    "prefecture_code",
    "travel_type",
    "travel_start",
    "travel_end",
    "face_value",
    "issued_at",
    "expires_at",
    "issuer",
    "charged_at",
    "app_account",
    "app_phone",
    "app_email",
    "app_left_at",
)
MOVEMENTS = (
    "transaction_id",
    "inquiry_number",
    "kind",
    "amount",
    "occurred_at",
    "store_id",
    "store_name",
    "restores_transaction_id",
)
FLUSH = 1 << 16  # characters
KEYS = ("inquiry_number", "transaction_id", "restores_transaction_id", "coupon_id")  # joined on


def fill(table: str, columns: tuple[str, ...], rows: Iterable[tuple[int, list[str]]]) -> None:
    """COPY rows into a new temporary table: `line` and the columns as text, never null."""
    declared = ", ".join(f'{column} text COLLATE "C"' for column in columns)
    copy_in = (
        f"COPY {table} (line, {', '.join(columns)}) FROM STDIN"
        f" WITH (FORMAT csv, FORCE_NOT_NULL ({', '.join(columns)}))"
    )
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE {table} (line int, {declared}) ON COMMIT DROP")
        with cursor.copy(copy_in) as copy:
            for line, row in rows:
                writer.writerow([line, *row])
                if buffer.tell() >= FLUSH:
                    copy.write(buffer.getvalue())
                    buffer.seek(0)
                    buffer.truncate()
            copy.write(buffer.getvalue())
    analyse(table, columns)


TYPED_COUPONS = """
    SELECT line, inquiry_number, prefecture_code, travel_type, travel_start::date, travel_end::date,
           face_value::int, issued_at::timestamptz,
           nullif(expires_at, '')::timestamptz AS expires_at, issuer,
           nullif(charged_at, '')::timestamptz AS charged_at, app_account, app_phone, app_email,
           nullif(app_left_at, '')::timestamptz AS app_left_at
    FROM raw_coupons"""

TYPED_MOVEMENTS = """
    SELECT r.line, r.transaction_id, c.id AS coupon_id, r.kind, r.amount::int,
           r.occurred_at::timestamptz, r.store_id, r.store_name, r.restores_transaction_id
    FROM raw_movements r JOIN coupons_coupon c ON c.inquiry_number = r.inquiry_number"""


def make(table: str, select: str, params: dict[str, object] | None = None) -> int:
    """A temporary table out of a query; returns its number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {select}", params)
        count = cursor.rowcount
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        names = tuple(column.name for column in cursor.description)
    analyse(table, names)
    return count


def analyse(table: str, columns: tuple[str, ...]) -> None:
    """Let the planner know the size of a table and the keys that it is joined on, no more."""
    keys = [name for name in columns if name in KEYS]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table} ({', '.join(keys)})")
