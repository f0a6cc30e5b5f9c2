"""A statement that the server plans once a connection and then only runs.

For the few long ones that many people run at once: planning them anew takes longer than they do.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


def fetch_one(query: str, params: Mapping[str, object]) -> tuple[Any, ...] | None:
    """The first row of a statement with named parameters; each is to be cast in its text.

    Alone it is its own transaction, inside `atomic` it belongs to that. Errors are Django's.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(query, params, prepare=True).fetchone()
