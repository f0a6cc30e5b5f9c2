"""Spellings and attacks for every box of the forms: what each becomes, or what it is told."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
STEPS = ("coupons", "person", "receive", "bank")


@dataclass(frozen=True)
class Spelling:
    """One thing to type. Exactly one of `becomes` and `says` is its answer."""

    typed: tuple[str, ...]
    becomes: str | None
    says: str | None


def fields(step: str) -> dict[str, list[Spelling]]:
    """The spellings of one step by its boxes."""
    with (HERE / f"{step}.toml").open("rb") as file:
        groups = tomllib.load(file)
    return {name: list(_spellings(rows)) for name, rows in groups.items()}


def _spellings(rows: list[dict[str, object]]) -> Iterator[Spelling]:
    for row in rows:
        long = [_long(text) for text in row.get("long", [])]
        for typed in [*row.get("typed", []), *long]:
            boxes = (typed,) if isinstance(typed, str) else tuple(typed)
            yield Spelling(boxes, row.get("becomes"), row.get("says"))


def _long(text: str) -> str:
    character, _, count = text.rpartition("*")
    return character * int(count)
