"""A report as rows of cells: a figure knows the list that it stands for.

Counts are cases, yen are whole yen. What is asked is of the prefectures that the reader works for.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from config import clock
from config.notice import NOTICE

Codes = Collection[str] | None  # prefectures of the reader; None: all
Link = tuple[str, dict[str, str]]  # the list of the admin, and what it is narrowed by
OWN = "(%(codes)s::text[] IS NULL OR prefecture_code = ANY(%(codes)s))"


@dataclass(frozen=True)
class Cell:
    """One figure or word, and the list behind it."""

    value: int | float | str
    to: Link | None = None


@dataclass(frozen=True)
class Table:
    """A report: heads, rows of cells, and the sums of the columns that can be added up."""

    title: str
    heads: tuple[str, ...]
    rows: list[list[Cell]]
    note: str = ""
    sums: tuple[int, ...] = field(default=())

    @property
    def headed(self) -> list[tuple[str, bool]]:
        """The heads, and whether figures stand below."""
        return [
            (head, any(isinstance(row[place].value, int | float) for row in self.rows))
            for place, head in enumerate(self.heads)
        ]

    @property
    def total(self) -> list[int | str]:
        """The last line; empty where nothing can be added."""
        if not self.sums:
            return []
        cells: list[int | str] = ["合計", *[""] * (len(self.heads) - 1)]
        for column in self.sums:
            cells[column] = sum(int(row[column].value or 0) for row in self.rows)
        return cells


def asked(sql: str, codes: Codes, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a query that names %(codes)s, the prefectures (NULL: all)."""
    given = {"codes": None if codes is None else sorted(codes), "at": clock.now(), **more}
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()


def name(code: str) -> str:
    """A prefecture's name, or its code where the notice has none."""
    found = NOTICE.prefectures.get(code)
    return found.name if found else code
