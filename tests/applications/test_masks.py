"""What is shown on /status/ is no proof of anything."""

import pytest

from applications import masks
from tests.applications import rows


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        (masks.masked_number("123456784321"), "1234＊＊＊＊＊＊＊＊"),
        (masks.masked_number(""), ""),
        (masks.masked_name("静岡 花子"), "静＊ ＊＊"),
        (masks.masked_name("Ann Lee"), "A＊＊ ＊＊＊"),
        (masks.masked_phone("+819012345678"), "090-＊＊＊＊-＊＊78"),
        (masks.masked_phone("+81542511111"), "054-＊＊＊-＊＊11"),
        (masks.masked_phone(""), ""),
        (masks.masked_email("hanako@example.jp"), "h＊＊＊@example.jp"),
        (masks.masked_email(""), ""),
        (masks.masked_contact("", ""), "なし（お電話かお手紙でご連絡します）"),
    ],
)
def test_masks(shown: str, masked: str) -> None:
    assert shown == masked


@pytest.mark.django_db
def test_an_account_shows_its_bank_and_three_digits() -> None:
    row = rows.application(rows.coupon(), method="bank")
    assert masks.masked_account(row) == "見本銀行（0001） 本店（001） ＊＊＊＊567"


@pytest.mark.django_db
def test_an_erased_account_shows_nothing() -> None:
    row = rows.application(rows.coupon(), method="bank")
    row.bank_account.blob = b""
    assert masks.masked_account(row) == ""
