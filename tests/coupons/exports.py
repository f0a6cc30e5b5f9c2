"""Small exports by hand: rows with sound defaults, written as the coupon system writes them."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from config.clock import JST
from coupons.ledger.importing import COUPONS_FILE, MOVEMENTS_FILE, Tally, import_ledger
from coupons.ledger.staging import COUPONS, MOVEMENTS

NUMBER = "000000000001"
AFTER = datetime(2023, 4, 1, 9, tzinfo=JST)
CUT_OFF = datetime(2023, 4, 1, tzinfo=JST)


def coupon(number: str = NUMBER, **other: Any) -> dict[str, str]:
    """A coupon of a stay that ended on the outage day, on paper."""
    row = dict.fromkeys(COUPONS, "") | {
        "inquiry_number": number,
        "prefecture_code": "22",
        "travel_type": "stay",
        "travel_start": "2023-02-23",
        "travel_end": "2023-02-24",
        "face_value": "2000",
        "issued_at": "2023-02-23T15:00:00+09:00",
        "expires_at": "2023-02-24T23:59:59+09:00",
        "issuer": "発行施設001",
    }
    return row | {key: str(value) for key, value in other.items()}


def in_app(number: str = NUMBER, **other: Any) -> dict[str, str]:
    """The same, charged to an app account."""
    app = {
        "charged_at": "2023-02-23T16:00:00+09:00",
        "app_account": "U1",
        "app_phone": "+819012345678",
        "app_email": "a@example.jp",
    }
    return coupon(number, **(app | other))


def movement(name: str = "T1", number: str = NUMBER, **other: Any) -> dict[str, str]:
    """A payment of 300 yen in the outage band."""
    row = dict.fromkeys(MOVEMENTS, "") | {
        "transaction_id": name,
        "inquiry_number": number,
        "kind": "payment",
        "amount": "300",
        "occurred_at": "2023-02-24T18:00:00+09:00",
        "store_id": "S00001",
        "store_name": "加盟店00001",
    }
    return row | {key: str(value) for key, value in other.items()}


def give_back(name: str, debit: dict[str, str], at: str, **other: Any) -> dict[str, str]:
    """The restoration of a debit, at `at` (JST, without the offset)."""
    changes = {
        "kind": "restoration",
        "occurred_at": f"{at}+09:00",
        "restores_transaction_id": debit["transaction_id"],
    }
    return debit | {"transaction_id": name} | changes | other


def write(
    folder: Path,
    coupons: list[dict[str, str]],
    movements: list[dict[str, str]] = (),
    *,
    encoding: str = "utf-8",
    newline: str = "\n",
) -> Path:
    """An export of these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns, rows in (
        (COUPONS_FILE, COUPONS, coupons),
        (MOVEMENTS_FILE, MOVEMENTS, movements),
    ):
        with (folder / name).open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator=newline)
            writer.writeheader()
            writer.writerows(rows)
    return folder


def take_in(folder: Path, coupons: list[dict], movements: list[dict] = (), **how: Any) -> Tally:
    """Write and import."""
    return import_ledger(write(folder, coupons, movements, **how))
