"""Counting tries, atomically, in PostgreSQL: shared by all processes, alive without Redis."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection

from config.cipher import keyed_hash

LONGEST = timedelta(days=7)  # of all windows that are counted in
HIT = """
    INSERT INTO config_limit (scope, key, "window", count)
    SELECT %(scope)s, key, to_timestamp(
        floor(extract(epoch FROM clock_timestamp()) / %(seconds)s) * %(seconds)s), %(by)s
    FROM unnest(%(keys)s::bytea[]) AS key ORDER BY key
    ON CONFLICT (scope, key, "window") DO UPDATE
    SET count = config_limit.count + excluded.count
    RETURNING count"""
GIVE_BACK = """
    UPDATE config_limit SET count = count - 1
    WHERE scope = %(scope)s AND key = ANY(%(keys)s::bytea[]) AND count > 0
      AND "window" = to_timestamp(
        floor(extract(epoch FROM clock_timestamp()) / %(seconds)s) * %(seconds)s)"""
PURGE = """DELETE FROM config_limit WHERE "window" < clock_timestamp() - %s"""


def hit(scope: str, key: str, window: timedelta, by: int = 1) -> int:
    """Count `by` more tries of `key` in the running window of real time; returns the count so far.

    The row stays locked until the caller's transaction ends: count what all share outside of one.
    """
    return hit_each(scope, [key], window, by)


def hit_each(scope: str, keys: Iterable[str], window: timedelta, by: int = 1) -> int:
    """Count `by` more tries of each of these keys in one statement; returns the highest count.

    The rows are locked in one order, so that two callers with the same keys wait and do not block.
    """
    values = _values(scope, keys, window)
    if not values["keys"]:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(HIT, {**values, "by": by})
        return max(row[0] for row in cursor.fetchall())


def give_back(scope: str, key: str, window: timedelta) -> None:
    """Take a try back that was counted before it was known to be a right one.

    Counting first and giving back keeps the limit exact when many try at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, _values(scope, [key], window))


def purge() -> int:
    """Delete counters that nobody asks any more; returns how many (N81)."""
    with connection.cursor() as cursor:
        cursor.execute(PURGE, [2 * LONGEST])
        return cursor.rowcount


def _values(scope: str, keys: Iterable[str], window: timedelta) -> dict[str, object]:
    hashed = sorted({keyed_hash("limit", f"{scope}:{key}") for key in keys})
    return {"scope": scope, "keys": hashed, "seconds": int(window.total_seconds())}
