"""Counting tries, atomically, in PostgreSQL: shared by all processes, alive without Redis."""

from datetime import timedelta

from django.db import connection

from config.cipher import keyed_hash


def hit(scope: str, key: str, window: timedelta) -> int:
    """Count one more try of `key` in the running window of real time; returns the count so far."""
    seconds = int(window.total_seconds())
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO config_limit (scope, key, "window", count)
               VALUES (%s, %s, to_timestamp(
                   floor(extract(epoch FROM clock_timestamp()) / %s) * %s), 1)
               ON CONFLICT (scope, key, "window") DO UPDATE SET count = config_limit.count + 1
               RETURNING count""",
            [scope, keyed_hash("limit", f"{scope}:{key}"), seconds, seconds],
        )
        return cursor.fetchone()[0]
