"""Writing blobs anew with the first of FIELD_KEYS, so that the old keys may go.

Each app lists its blobs in `blobs.py`. Links and keyed hashes have keys of their own: LINK_KEYS are
kept as long as their links live, HASH_KEY never changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from config import cipher
from config.owner import unguarded

CHUNK = 200  # rows in one transaction; an upload's chunk is a megabyte


@dataclass(frozen=True)
class Blob:
    """A column of AES-GCM blobs, and the associated data of one of its rows."""

    model: type[models.Model]
    column: str
    context: Callable[[Any], str]

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.model._meta.db_table}.{self.column}"


@dataclass
class Rotated:
    """Blobs written anew, and blobs that no key of ours opens: those stay as they are."""

    anew: int = 0
    unreadable: int = 0


def rotate(blob: Blob) -> Rotated:
    """Encrypt every blob under an older key with the first one; safe twice and when interrupted.

    To be run by the owner of the tables: frozen files and ended entries are guarded.
    """
    found, last = Rotated(), None
    while True:
        rows = blob.model._base_manager.order_by("pk").exclude(**{f"{blob.column}__isnull": True})
        rows = rows.filter(pk__gt=last) if last is not None else rows
        with unguarded(blob.model._meta.db_table):
            chunk = list(rows.select_for_update(of=("self",))[:CHUNK])
            for row in chunk:
                _rotate(blob, row, found)
        if not chunk:
            return found
        last = chunk[-1].pk


def _rotate(blob: Blob, row: models.Model, found: Rotated) -> None:
    content = bytes(getattr(row, blob.column))
    context = blob.context(row)
    if not content or cipher.is_current(content, context):
        return
    try:
        anew = cipher.encrypt(cipher.decrypt(content, context), context)
    except cipher.Unreadable:
        found.unreadable += 1
        return
    type(row)._base_manager.filter(pk=row.pk).update(**{blob.column: anew})
    found.anew += 1
