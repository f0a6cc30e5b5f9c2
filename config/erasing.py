"""Erasing personal data by declaration: each app says which columns hold it (N81).

`personal.py` of an app lists its wipes by stage, and for every other column of text or bytes the
reason why it stays. What is wiped twice stays wiped; what was interrupted goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from config.owner import unguarded

CHUNK = 2000  # rows in one transaction
GONE = "'消去済み'"  # SQL: what stands where a column may not be empty
STAGES = ("bank", "closed", "all")


@dataclass(frozen=True)
class Wipe:
    """Columns of a table that get a blank value (SQL) where `where` holds; no columns: rows go.

    `where` may ask for %(before)s, the moment of the stage. `also` is set with them.
    """

    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    where: str = "TRUE"
    also: Mapping[str, str] = field(default_factory=dict)
    key: str = "id"

    def due(self) -> str:
        """The SQL condition of rows that are still to be wiped."""
        left = " OR ".join(f"{name} IS DISTINCT FROM {to}" for name, to in self.columns.items())
        return f"({left or 'TRUE'}) AND ({self.where})"

    def act(self) -> str:
        """The SQL statement for the rows of one chunk."""
        chosen = f"WHERE {self.key} = ANY(%(chosen)s)"
        if not self.columns:
            return f"DELETE FROM {self.table} {chosen}"
        values = ", ".join(f"{name} = {to}" for name, to in {**self.columns, **self.also}.items())
        return f"UPDATE {self.table} SET {values} {chosen}"


# Rows of the libraries beneath us: who tried to log in from where, and sessions that are over.
OURS = (
    Wipe(
        "axes_accessattemptexpiration",
        where="access_attempt_id IN"
        " (SELECT id FROM axes_accessattempt WHERE attempt_time < %(before)s)",
        key="access_attempt_id",
    ),
    Wipe("axes_accessattempt", where="attempt_time < %(before)s"),
    Wipe("axes_accessfailurelog", where="attempt_time < %(before)s"),
    Wipe("axes_accesslog", where="attempt_time < %(before)s"),
    Wipe("django_session", where="expire_date < now()", key="session_key"),
    Wipe("config_limit"),  # the rest; those of old windows go every day (limits.purge)
)
WIPES: dict[str, tuple[Wipe, ...]] = {"all": OURS}
KEPT: dict[str, dict[str, str]] = {
    "config_jobrun": {
        "job": "a name of the timetable",
        "outcome": "counts",
        "error": "the kind of an exception",
    },
    "config_postponement": {"key": "a date's name", "reason": "published with the decision"},
    "config_accesslog": {
        "act": "a code",
        "subject": "a kind of row",
        "subject_id": "an id",
        "detail": "ids, codes and counts",
    },
    "config_alarm": {
        "key": "a code",
        "label": "a fixed sentence",
        "path": "an address of ours",
        "detail": "numbers and ids",
    },
    "config_limit": {"scope": "a code; the row goes with its keyed hash"},
    "config_erasure": {"counts": "counts", "sums": "counts and yen"},
}


def count(wipe: Wipe, before: datetime) -> int:
    """How many rows are still to be wiped."""
    with connection.cursor() as cursor:
        query = f"SELECT count(*) FROM {wipe.table} WHERE {wipe.due()}"
        cursor.execute(query, {"before": before})
        return cursor.fetchone()[0]


def run(wipe: Wipe, before: datetime, at: datetime, counts: dict[str, int]) -> None:
    """Wipe them all, a chunk a transaction, and add the rows to `counts` as they are gone.

    To be run by the owner of the tables.
    """
    values: dict[str, Any] = {"before": before, "at": at}
    beyond = ""
    while True:
        with unguarded(wipe.table), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {wipe.key} FROM {wipe.table} WHERE {wipe.due()} {beyond}"
                f" ORDER BY {wipe.key} LIMIT {CHUNK} FOR UPDATE",
                values,
            )
            values["chosen"] = [row[0] for row in cursor.fetchall()]
            if values["chosen"]:
                cursor.execute(wipe.act(), values)
        if not values["chosen"]:
            return
        counts[wipe.table] = counts.get(wipe.table, 0) + len(values["chosen"])
        values["last"], beyond = values["chosen"][-1], f"AND {wipe.key} > %(last)s"
