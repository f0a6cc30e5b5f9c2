"""Writing and reading a bank file of 総合振込: header, payments, trailer, end.

Both directions take and give plain rows and hold one record in memory, so a million is no matter.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import BinaryIO

from payouts.outbound.zengin.characters import first_unfit
from payouts.outbound.zengin.layout import DATA, END, HEADER, LENGTH, TRAILER, Layout

MOST_YEN = 9_999_999_999
MOST_TOTAL = 999_999_999_999
MOST_COUNT = 999_999
ACCOUNT_TYPES = frozenset("1249")
PAYER_TYPES = frozenset("129")
NEW_CODES = frozenset("012")


class BadRecord(ValueError):
    """A record that no bank would take: its number in the file (from 1) and the field."""

    def __init__(self, number: int, field: str) -> None:
        super().__init__(f"record {number}: {field}")
        self.number = number
        self.field = field


@dataclass(frozen=True, slots=True)
class Payer:
    """The paying office as its bank knows it. Codes in digits, names in bank kana."""

    remitter_code: str
    remitter_name: str
    bank_code: str
    branch_code: str
    account_type: str
    account_number: str
    bank_name: str = ""
    branch_name: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """One transfer. `customer` is our transfer id; `new_code` 1 first, 2 account changed, 0 other.

    `holder` is bank kana, at most 30 bytes (`kana.cut30`).
    """

    bank_code: str
    branch_code: str
    account_type: str
    account_number: str
    holder: str
    yen: int
    customer: int
    new_code: str = "1"
    bank_name: str = ""
    branch_name: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """What banks differ in (ask yours)."""

    crlf: bool = True
    clearing_house: str = "0000"  # or four blanks
    full_stop: bool = True  # False: a full stop in a name is sent as a blank


@dataclass(frozen=True, slots=True)
class Totals:
    """The controls of a file: records, yen, and SHA-256 of its bytes."""

    count: int
    yen: int
    sha256: str


def write(
    stream: BinaryIO,
    payer: Payer,
    on: date,
    payments: Iterable[Payment],
    style: Style | None = None,
) -> Totals:
    """Write a whole file for the bank business day `on`. Raises BadRecord; then discard the file.

    The file names month and day only: keep the year beside it.
    """
    digest, count, total = hashlib.sha256(), 0, 0
    for record in _records(payer, on, payments, style or Style()):
        stream.write(record)
        digest.update(record)
        if record[:1] == b"2":
            count, total = count + 1, total + int(record[80:90])
    return Totals(count, total, digest.hexdigest())


def _records(payer: Payer, on: date, payments: Iterable[Payment], style: Style) -> Iterator[bytes]:
    """The encoded records of a file in their order."""
    ending = "\r\n" if style.crlf else ""
    yield first(payer, on, style)
    count = total = 0
    for count, payment in enumerate(payments, 1):
        yield _data(payment, count + 1, style, ending)
        total += payment.yen
    if not 1 <= count <= MOST_COUNT or total > MOST_TOTAL:
        raise BadRecord(count + 2, "total" if count else "count")
    yield last(count, total, style)


def first(payer: Payer, on: date, style: Style) -> bytes:
    """The header record. Raises BadRecord."""
    if payer.account_type not in PAYER_TYPES:
        raise BadRecord(1, "account_type")
    head = {"month_day": f"{on:%m%d}", **asdict(payer)}
    return _record(HEADER, head, 1, payer.remitter_name, "\r\n" if style.crlf else "")


def last(count: int, total: int, style: Style) -> bytes:
    """The trailer record over so many payments and yen, and the end record."""
    ending = "\r\n" if style.crlf else ""
    trailer = _record(TRAILER, {"count": count, "total": total}, count + 2, "", ending)
    return trailer + _record(END, {}, count + 3, "", ending)


def fault(payment: Payment, style: Style | None = None) -> str:
    """The name of the field that keeps a payment out of a bank file, "" when it can go."""
    try:
        _data(payment, 1, style or Style(), "")
    except BadRecord as bad:
        return bad.field
    return ""


def _data(payment: Payment, number: int, style: Style, ending: str) -> bytes:
    """The encoded record of one payment. Raises BadRecord."""
    if wrong := _wrong_value(payment):
        raise BadRecord(number, wrong)
    holder = payment.holder if style.full_stop else payment.holder.replace(".", " ")
    values = {
        "bank_code": payment.bank_code,
        "bank_name": payment.bank_name,
        "branch_code": payment.branch_code,
        "branch_name": payment.branch_name,
        "clearing_house": style.clearing_house,
        "account_type": payment.account_type,
        "account_number": payment.account_number,
        "holder": holder,
        "yen": payment.yen,
        "new_code": payment.new_code,
        "customer_1": payment.customer,
    }
    return _record(DATA, values, number, holder, ending)


def _wrong_value(payment: Payment) -> str:
    """What a payment has wrong that the class of its characters doesn't show, "" for nothing."""
    if not 1 <= payment.yen <= MOST_YEN:
        return "yen"
    if payment.account_type not in ACCOUNT_TYPES:
        return "account_type"
    if payment.new_code not in NEW_CODES:
        return "new_code"
    # An omitted code would be filled with zeros; branch 000 exists, bank and account don't.
    if len(payment.bank_code) != 4 or payment.bank_code == "0000":
        return "bank_code"
    if len(payment.branch_code) != 3:
        return "branch_code"
    if len(payment.account_number) != 7 or payment.account_number == "0000000":
        return "account_number"
    return "" if payment.holder.strip() else "holder"


def _record(
    layout: Layout, values: dict[str, object], number: int, name: str, ending: str
) -> bytes:
    """The bytes of a record whose lengths, classes of characters and marks are right."""
    record = layout.form.format(**values)
    if not layout.pattern.fullmatch(record):
        raise BadRecord(number, layout.too_long(values) or layout.first_fault(record))
    if ("ﾞ" in name or "ﾟ" in name) and first_unfit(name, "payee"):
        raise BadRecord(number, "holder" if layout is DATA else "remitter_name")
    return (record + ending).encode("cp932")


@dataclass(frozen=True, slots=True)
class Header:
    """The first record of a file that was read; `month_day` is MMDD."""

    payer: Payer
    month_day: str


def read(stream: BinaryIO) -> Iterator[Header | Payment | Totals]:
    """The header, the payments and at last the totals of a file; lines end as they like.

    Raises BadRecord for a record out of order, a field of the wrong class, bytes after the end, and
    totals that differ from the sum of the payments.
    """
    digest, count, total, number = hashlib.sha256(), 0, 0, 0
    expected = "1"
    for number, raw in enumerate(_split(stream, digest), 1):
        mark = raw[:1].decode("ascii", "replace")
        if mark not in expected:
            raise BadRecord(number, "record")
        found = _fields(_LAYOUTS[mark], raw, number)
        if mark == "1":
            month_day = found.pop("month_day")
            yield Header(Payer(**found), month_day)
        elif mark == "2":
            count, total = count + 1, total + int(found["yen"])
            yield _payment(found)
        elif mark == "8" and (int(found["count"]), int(found["total"])) != (count, total):
            raise BadRecord(number, "total")
        expected = _NEXT[mark]
    if expected != "":
        raise BadRecord(number + 1, "record")
    yield Totals(count, total, digest.hexdigest())


_LAYOUTS = {"1": HEADER, "2": DATA, "8": TRAILER, "9": END}
_NEXT = {"1": "2", "2": "28", "8": "9", "9": ""}
_LEFT_OUT = ("dummy", "edi_mark", "clearing_house")


def _split(stream: BinaryIO, digest: "hashlib._Hash") -> Iterator[bytes]:
    """Records of 120 bytes; CR, LF and a last 0x1A between them belong to none."""
    while first := stream.read(1):
        digest.update(first)
        if first in b"\r\n\x1a":
            continue
        rest = stream.read(LENGTH - 1)
        digest.update(rest)
        yield first + rest


def _fields(layout: Layout, raw: bytes, number: int) -> dict[str, str]:
    """The named fields of a record, blanks at the right taken off."""
    try:
        record = raw.decode("cp932")
    except UnicodeDecodeError:
        raise BadRecord(number, "encoding") from None
    match = layout.pattern.fullmatch(record)
    if not match:
        raise BadRecord(number, layout.first_fault(record) or "length")
    return {
        name: text.rstrip(" ") for name, text in match.groupdict().items() if name not in _LEFT_OUT
    }


def _payment(found: dict[str, str]) -> Payment:
    return Payment(
        found["bank_code"],
        found["branch_code"],
        found["account_type"],
        found["account_number"],
        found["holder"],
        int(found["yen"]),
        int(found["customer_1"]),
        found["new_code"],
        found["bank_name"],
        found["branch_name"],
    )
