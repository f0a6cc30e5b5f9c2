"""Gift codes for the stock: a file read, checked whole, counted, then stored encrypted (N71).

In the office one person has a file checked and another takes it in; between the two it is kept as
one encrypted blob.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from config import cipher, clock
from config.notice import NOTICE
from config.states import Refused, still_open
from payouts import clerks, gifts, opening, shelf
from payouts.models import Code, Delivery

FIELDS = ["brand", "face_value", "code", "management_number", "expires_on"]
FAULTS = 100  # told at once


@dataclass(frozen=True)
class StockRow:
    """One line of a delivery."""

    brand: str
    face_value: int
    code: str
    management_number: str
    expires_on: date


@dataclass
class Contents:
    """A file of codes as read: its rows, and its faults with their lines."""

    rows: list[StockRow] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def counts(self) -> dict[tuple[str, int], int]:
        """How many codes of each brand and face value (yen)."""
        return dict(sorted(Counter((row.brand, row.face_value) for row in self.rows).items()))

    def total_yen(self) -> int:
        """What the file is worth; must equal the invoice."""
        return sum(row.face_value for row in self.rows)


def read(raw: bytes) -> Contents:
    """Read and check a whole file; nothing is stored. UTF-8 with or without BOM, or CP932."""
    contents, seen = Contents(), {}
    earliest = gifts.kept_until(opening.common_end())
    reader = csv.DictReader(_text(raw).splitlines())
    if reader.fieldnames != FIELDS:
        contents.faults.append(f"1行目: 見出しは {','.join(FIELDS)} でなければなりません。")
        return contents
    for line in reader:
        number = reader.line_num
        try:
            row = _row(line, earliest)
        except ValueError as fault:
            contents.faults.append(f"{number}行目: {fault}")
            continue
        key = hash_of(row.brand, row.code)
        if key in seen:
            contents.faults.append(f"{number}行目: コードが{seen[key]}行目と同じです。")
        seen.setdefault(key, number)
        contents.rows.append(row)
    if not contents.rows and not contents.faults:
        contents.faults.append("2行目: コードが1件もありません。")
    contents.faults += [
        f"{seen[key]}行目: このコードはすでに在庫にあります。" for key in _known(seen)
    ]
    return contents


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp932", errors="replace")


def _known(hashes: Iterable[bytes]) -> list[bytes]:
    """Those of these codes that are in the stock, given out or not."""
    rows = Code.objects.filter(code_hash__in=list(hashes))
    return [bytes(key) for key in rows.values_list("code_hash", flat=True)]


def _row(line: dict[str, str], earliest: date) -> StockRow:
    """One checked row, good until `earliest` or longer. Raises ValueError: what was expected."""
    if None in line or None in line.values():
        raise ValueError(f"列は{len(FIELDS)}つでなければなりません。")
    brand, face, code = line["brand"].strip(), line["face_value"].strip(), line["code"].strip()
    if brand not in NOTICE.brands:
        raise ValueError(f"brand は {'・'.join(NOTICE.brands)} のどれかです。")
    if not (face.isascii() and face.isdigit() and 1 <= int(face) <= 1_000_000):
        raise ValueError("face_value は1円以上の整数です。")
    if not code or len(code) > 200:
        raise ValueError("code がありません。")
    try:
        expires_on = date.fromisoformat(line["expires_on"].strip())
    except ValueError:
        raise ValueError("expires_on は 2024-03-31 の形の日付です。") from None
    if expires_on < earliest:
        raise ValueError(f"expires_on は {earliest.isoformat()} 以降でなければなりません。")
    return StockRow(brand, int(face), code, line["management_number"].strip()[:40], expires_on)


def hash_of(brand: str, code: str) -> bytes:
    """Equal for equal codes of a brand."""
    return cipher.keyed_hash("gift_code", f"{brand}:{code}")


def store(rows: Iterable[StockRow], prefecture_code: str, delivery: Delivery | None = None) -> int:
    """Store checked codes for one office, all or nothing; returns the count."""
    at = clock.now()
    codes = []
    for row in rows:
        code_hash = hash_of(row.brand, row.code)
        secret = cipher.encrypt(row.code.encode(), shelf.context(code_hash))
        codes.append(
            Code(
                prefecture_code=prefecture_code,
                brand=row.brand,
                face_value=row.face_value,
                secret=secret,
                code_hash=code_hash,
                management_number=row.management_number,
                expires_on=row.expires_on,
                imported_at=at,
                delivery=delivery,
            )
        )
    with transaction.atomic():
        return len(Code.objects.bulk_create(codes, batch_size=1000))


def submit(
    raw: bytes, name: str, prefecture_code: str, *, by: AbstractBaseUser
) -> tuple[Delivery | None, Contents]:
    """Check a file; one without a fault is kept, encrypted, for another person to take in.

    Raises Refused where the same file was handed in before, or for another office's.
    """
    at, contents = clock.now(), read(raw)
    clerks.require(by, prefecture_code)
    if contents.faults:
        return None, contents
    sha256 = hashlib.sha256(raw).hexdigest()
    try:
        with transaction.atomic():
            delivery = Delivery.objects.create(
                prefecture_code=prefecture_code,
                file_name=name[-100:],
                sha256=sha256,
                count=len(contents.rows),
                total_yen=contents.total_yen(),
                counts=[[brand, yen, n] for (brand, yen), n in contents.counts().items()],
                blob=cipher.encrypt(raw, blob_context(sha256)),
                checked_at=at,
                checked_by=by,
            )
    except IntegrityError as error:
        raise Refused("同じ内容のファイルが、すでに確認または取込済みです。", "again") from error
    return delivery, contents


def apply(delivery: Delivery, *, by: AbstractBaseUser) -> int:
    """Take a checked delivery into the stock; returns the count.

    Raises Refused for who had it checked, for one that is decided, and for faults that came up
    since (a code that is in the stock by now, a postponed end that some codes do not outlive).
    """
    at = clock.now()
    clerks.require(by, delivery.prefecture_code)
    with transaction.atomic():
        row = still_open(delivery, "applied_at")
        if row.checked_by_id == by.pk:
            raise Refused("確認した人とは別の人が取り込んでください。", "two_people")
        contents = read(cipher.decrypt(bytes(row.blob), blob_context(row.sha256)))
        if contents.faults:
            raise Refused(
                f"確認のあとで状況が変わりました。{contents.faults[0]}"
                "取りやめて、ファイルを直してください。",
                "changed",
            )
        Delivery.objects.filter(pk=row.pk).update(applied_at=at, applied_by=by, blob=None)
        return store(contents.rows, row.prefecture_code, row)


def drop(delivery: Delivery, *, by: AbstractBaseUser) -> None:
    """Do not take a checked delivery in; its contents are forgotten. Raises Refused if decided."""
    at = clock.now()
    clerks.require(by, delivery.prefecture_code)
    with transaction.atomic():
        row = still_open(delivery, "applied_at")
        Delivery.objects.filter(pk=row.pk).update(dropped_at=at, blob=None)


def blob_context(sha256: str) -> str:
    """The associated data of a kept file: blobs of other rows do not open under it."""
    return f"gift_delivery:{sha256}"
