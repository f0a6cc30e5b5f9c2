"""Acting as the owner of the tables: what the processes' role may not do (erasing, new keys)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

SETTLED = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"  # nothing is pending
LOCK_TIMEOUT = "10s"  # for the trigger switch: better to come back than to hold up the house


def connect_as_owner(found: BaseDatabaseWrapper) -> dict[str, Any]:
    """Let a connection log in by DATABASE_OWNER_URL from now on; returns what it had before."""
    url = environ.Env.db_url_config(settings.OWNER_URL)
    owner = {key: url[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    before = {key: found.settings_dict[key] for key in owner}
    log_in(found, owner)
    return before


def log_in(found: BaseDatabaseWrapper, as_whom: dict[str, Any]) -> None:
    """Close a connection that is somebody else's; the next query opens it anew."""
    if any(found.settings_dict[key] != value for key, value in as_whom.items()):
        found.close()
        found.settings_dict.update(as_whom)


@contextmanager
def as_owner() -> Iterator[None]:
    """Everything in the block is done by the owner of the tables."""
    before = connect_as_owner(connection)
    try:
        yield
    finally:
        log_in(connection, before)


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    """A transaction in which the triggers of one table are off; foreign keys and checks hold.

    Writers of the table wait for its end, so it is to be short. What fails leaves them on.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(SETTLED)
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(SETTLED)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
