"""An export into temporary tables: typed at once where its lines are sound, or as text with lines.

incoming_coupons and told_movements are what the ledger is compared with; raw_coupons and
raw_movements are the same as text, made only where somebody has to be told a fault.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection

from coupons.ledger import reading, shapes
from coupons.ledger.faults import Fault
from coupons.ledger.reading import File, Progress

TEXT = 'text COLLATE "C"'
COUPON_TYPES = {
    "inquiry_number": TEXT,
    "prefecture_code": TEXT,
    "travel_type": TEXT,
    "travel_start": "date",
    "travel_end": "date",
    "face_value": "int",
    "issued_at": "timestamptz",
    "expires_at": "timestamptz",
    "issuer": TEXT,
    "charged_at": "timestamptz",
    "app_account": TEXT,
    "app_phone": TEXT,
    "app_email": TEXT,
    "app_left_at": "timestamptz",
}
MOVEMENT_TYPES = {
    "transaction_id": TEXT,
    "inquiry_number": TEXT,
    "kind": TEXT,
    "amount": "int",
    "occurred_at": "timestamptz",
    "store_id": TEXT,
    "store_name": TEXT,
    "restores_transaction_id": TEXT,
}
COUPONS, MOVEMENTS = tuple(COUPON_TYPES), tuple(MOVEMENT_TYPES)
FLUSH = 1 << 16  # characters
RECORDS = 2000  # taken apart at once
KEYS = ("inquiry_number", "transaction_id", "restores_transaction_id", "coupon_id")  # joined on


class Doubtful(Exception):
    """The export is not sound at first sight: read it with care, and name what is wrong."""


def take_coupons(file: File, progress: Progress) -> None:
    """coupons.csv into incoming_coupons. Raises Doubtful or psycopg's DataError."""
    take("incoming_coupons", COUPON_TYPES, file, shapes.coupon_lines, progress)


def take_movements(file: File, progress: Progress) -> None:
    """transactions.csv into told_movements. Raises Doubtful or psycopg's DataError."""
    take("told_movements", MOVEMENT_TYPES, file, shapes.movement_lines, progress)


def take(
    table: str, types: dict[str, str], file: File, lines: shapes.Lines, progress: Progress
) -> None:
    """COPY a file into a new typed table while its lines are held against their pattern.

    A plain file goes in as it stands. PostgreSQL works on one block while the next is looked at.
    """
    plain = reading.is_plain(file, tuple(types))
    form = shapes.PLAIN if plain else shapes.APART
    texts = ", ".join(name for name, kind in types.items() if kind == TEXT)
    sound = lines(form).fullmatch
    copy_in = f"COPY {table} FROM STDIN WITH ({form.copy}, FORCE_NOT_NULL ({texts}))"
    declared = ", ".join(f"{name} {kind}" for name, kind in types.items())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE {table} ({declared}) ON COMMIT DROP")
        with cursor.copy(copy_in) as copy:
            for block in reading.blocks(file, progress) if plain else apart(file, types, progress):
                if sound(block.decode()) is None:
                    raise Doubtful
                copy.write(block)
    analyse(table, tuple(types))


def apart(file: File, types: dict[str, str], progress: Progress) -> Iterator[bytes]:
    """The records of any file as lines of shapes.APART. Raises Doubtful for what is no record."""
    faults: list[Fault] = []
    records = reading.rows(file, tuple(types), faults, progress)
    while some := list(islice(records, RECORDS)):
        text = "\n".join([shapes.APART.unit.join(row) for _, row in some]) + "\n"
        if text.count("\n") != len(some):  # a line break inside a value
            raise Doubtful
        yield text.encode()
    if faults:
        raise Doubtful


def fill(table: str, columns: tuple[str, ...], rows: Iterable[tuple[int, list[str]]]) -> None:
    """COPY rows into a new temporary table: `line` and the columns as text, never null."""
    declared = ", ".join(f"{column} {TEXT}" for column in columns)
    copy_in = f"COPY {table} (line, {', '.join(columns)}) FROM STDIN WITH (FORMAT csv)"
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
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


def typed(types: dict[str, str]) -> str:
    """The columns of a raw table in their types; an empty date or number is none."""
    return ", ".join(
        name if kind == TEXT else f"nullif({name}, '')::{kind} AS {name}"
        for name, kind in types.items()
    )


TYPED_COUPONS = f"SELECT {typed(COUPON_TYPES)} FROM raw_coupons ORDER BY line"
TYPED_MOVEMENTS = f"SELECT {typed(MOVEMENT_TYPES)} FROM raw_movements ORDER BY line"


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
