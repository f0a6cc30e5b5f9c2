"""Records of payments from parts that were made ready, and judged, when an account was stored.

`part` is the slow half, once an account: codes, number and holder in the bank's own bytes. `write`
is the quick half, once a transfer: it holds a few hundred records in memory and looks at them
together, and at each one only where something is wrong with them.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import BinaryIO

from payouts.outbound.zengin.characters import PAYEE
from payouts.outbound.zengin.layout import DATA, LENGTH
from payouts.outbound.zengin.records import (
    MOST_COUNT,
    MOST_TOTAL,
    MOST_YEN,
    NEW_CODES,
    BadRecord,
    Payer,
    Payment,
    Style,
    Totals,
    fault,
    first,
    last,
)

PART = 45  # bytes: bank 4, branch 3, type 1, number 7, holder 30
WAVE = 500  # records written at once

Names = Mapping[bytes, tuple[bytes, bytes]]  # bank and branch code -> names, 15 bytes each
Line = tuple[bytes, int, bytes, int]  # part, yen, new code, customer

_WHOLE = re.compile(DATA.pattern.pattern.encode("cp932"))
_LETTERS = "".join(sorted(PAYEE)).encode("cp932") + b"\r\n"
_CODES = frozenset(code.encode() for code in NEW_CODES)


def part(
    bank_code: str, branch_code: str, account_type: str, account_number: str, holder: str
) -> bytes:
    """The 45 bytes of an account in a record; `holder` is bank kana, cut. Raises BadRecord."""
    payment = Payment(bank_code, branch_code, account_type, account_number, holder, 1, 1)
    if wrong := fault(payment):
        raise BadRecord(1, wrong)
    figures = bank_code + branch_code + account_type + account_number
    return (figures + holder.ljust(30)).encode("cp932")


def name(kana: str) -> bytes:
    """The name of a bank or branch, in bank kana, as it fills its field."""
    return kana.ljust(15).encode("cp932")


def write(
    stream: BinaryIO,
    payer: Payer,
    on: date,
    lines: Iterable[Line],
    names: Names,
    style: Style | None = None,
) -> Totals:
    """Write a whole file for the bank business day `on`; as `records.write`, from ready parts.

    Raises BadRecord; then discard what was written.
    """
    style, rest = style or Style(), iter(lines)
    digest, count, total = hashlib.sha256(), 0, 0

    def put(piece: bytes) -> None:
        stream.write(piece)
        digest.update(piece)

    put(first(payer, on, style))
    while wave := list(islice(rest, WAVE)):
        put(_records(wave, names, style, count + 2))
        count, total = count + len(wave), total + sum([yen for _, yen, _, _ in wave])
    if not 1 <= count <= MOST_COUNT or total > MOST_TOTAL:
        raise BadRecord(count + 2, "total" if count else "count")
    put(last(count, total, style))
    return Totals(count, total, digest.hexdigest())


def _records(wave: list[Line], names: Names, style: Style, number: int) -> bytes:
    """The bytes of these payments, the first of which is record `number`. Raises BadRecord."""
    form = _form(style)
    found = [
        form % (p[:4], names[p[:7]][0], p[4:7], names[p[:7]][1], p[7:], yen, new_code, customer)
        for p, yen, new_code, customer in wave
    ]
    joined = b"".join(found)
    if not style.full_stop:
        joined = joined.replace(b".", b" ")
    right = (
        len(joined) == len(wave) * (LENGTH + (2 if style.crlf else 0))
        and not joined.translate(None, _LETTERS)
        and all([p[:1] != b" " and 1 <= yen <= MOST_YEN for p, yen, _, _ in wave])
        and {new_code for _, _, new_code, _ in wave} <= _CODES
    )
    if not right:
        raise next(_faults(wave, found, number))
    return joined


def _form(style: Style) -> bytes:
    """A data record with holes, and its line end."""
    record = b"2%b%b%b%b" + style.clearing_house.encode() + b"%b%010d%b%010d00000000007        "
    return record + (b"\r\n" if style.crlf else b"")


def _faults(wave: list[Line], found: list[bytes], number: int) -> Iterator[BadRecord]:
    """What is wrong with the records of a wave, one by one."""
    for place, ((_, yen, new_code, _), record) in enumerate(zip(wave, found, strict=True), number):
        text = record.removesuffix(b"\r\n")
        if not 1 <= yen <= MOST_YEN:
            yield BadRecord(place, "yen")
        elif new_code not in _CODES:
            yield BadRecord(place, "new_code")
        elif len(text) != LENGTH or not _WHOLE.fullmatch(text):
            yield BadRecord(place, DATA.first_fault(text.decode("cp932", "replace")) or "length")
