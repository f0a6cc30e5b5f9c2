"""Counting tries, atomically, in PostgreSQL: shared by all processes, alive without Redis."""

from datetime import timedelta

from django.db import connection

from config.cipher import keyed_hash


def hit(scope: str, key: str, window: timedelta, by: int = 1) -> int:
    """Count `by` more tries of `key` in the running window of real time; returns the count so far.

    The row stays locked until the caller's transaction ends: count what all share outside of one.
    """
    seconds = int(window.total_seconds())
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO config_limit (scope, key, "window", count)
               VALUES (%s, %s, to_timestamp(
                   floor(extract(epoch FROM clock_timestamp()) / %s) * %s), %s)
               ON CONFLICT (scope, key, "window") DO UPDATE
               SET count = config_limit.count + excluded.count
               RETURNING count""",
            [scope, keyed_hash("limit", f"{scope}:{key}"), seconds, seconds, by],
        )
        return cursor.fetchone()[0]
