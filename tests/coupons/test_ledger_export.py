"""The project's copy of the generator writes what it always wrote."""

import hashlib
from datetime import datetime
from pathlib import Path

import pytest

from config.clock import JST
from tests import ledger_export

FILES = ("coupons.csv", "transactions.csv", "expected.csv")


@pytest.mark.parametrize(
    ("coupons", "seed", "as_of", "sha256"),
    [
        (2000, 1, None, "0292b1e04aa247192b21015bae5045c04856c82e251a4e60ec13f08483c9375b"),
        (
            500,
            7,
            datetime(2023, 2, 24, 20, tzinfo=JST),
            "94620402e60e414a24db9ff392115f6bd35e5c513fb179a3e60ec459120f34fa",
        ),
        (
            500,
            7,
            datetime(2023, 4, 1, 9, tzinfo=JST),
            "f5e2cf0182d9fcdffb8bbc1d9153476f390b4560a89907ced87489a92061147f",
        ),
    ],
)
def test_export_is_the_same_byte_for_byte(
    tmp_path: Path, coupons: int, seed: int, as_of: datetime | None, sha256: str
) -> None:
    ledger_export.write(tmp_path, coupons, seed, as_of)
    written = b"".join((tmp_path / name).read_bytes() for name in FILES)
    assert hashlib.sha256(written).hexdigest() == sha256
