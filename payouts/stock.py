"""Gift codes for the stock: a file read, checked whole, counted, then stored encrypted (N71)."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction

from config import cipher, clock
from config.models import Postponement
from config.notice import NOTICE
from payouts import gifts
from payouts.models import Code

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
class Delivery:
    """A file of codes as read: its rows, or its faults with their lines."""

    rows: list[StockRow] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def counts(self) -> dict[tuple[str, int], int]:
        """How many codes of each brand and face value (yen)."""
        return dict(sorted(Counter((row.brand, row.face_value) for row in self.rows).items()))

    def total_yen(self) -> int:
        """What the delivery is worth; must equal the invoice."""
        return sum(row.face_value for row in self.rows)


def read(path: Path) -> Delivery:
    """Read and check a whole file; nothing is stored. UTF-8 with or without BOM, or CP932."""
    delivery, seen = Delivery(), {}
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp932", errors="replace")
    close = NOTICE.end_of("receiving_closes", Postponement.approved())
    earliest = gifts.kept_until(close)
    reader = csv.DictReader(text.splitlines())
    if reader.fieldnames != FIELDS:
        delivery.faults.append(f"1行目: 見出しは {','.join(FIELDS)} でなければなりません。")
        return delivery
    for line in reader:
        number = reader.line_num
        try:
            row = _row(line, earliest)
        except ValueError as fault:
            delivery.faults.append(f"{number}行目: {fault}")
            continue
        if row.code in seen:
            delivery.faults.append(f"{number}行目: コードが{seen[row.code]}行目と同じです。")
        seen.setdefault(row.code, number)
        delivery.rows.append(row)
    hashes = {hash_of(row.brand, row.code): row for row in delivery.rows}
    for known in Code.objects.filter(code_hash__in=list(hashes)).values_list(
        "code_hash", flat=True
    ):
        line = seen[hashes[bytes(known)].code]
        delivery.faults.append(f"{line}行目: このコードはすでに在庫にあります。")
    del delivery.faults[FAULTS:]
    return delivery


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


def store(rows: Iterable[StockRow], prefecture_code: str) -> int:
    """Store a checked delivery for one office, all or nothing; returns the count."""
    at = clock.now()
    codes = []
    for row in rows:
        code_hash = hash_of(row.brand, row.code)
        secret = cipher.encrypt(row.code.encode(), gifts.code_context(code_hash))
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
            )
        )
    with transaction.atomic():
        return len(Code.objects.bulk_create(codes, batch_size=1000))
