"""Symbols and numbers of Japan Post passbooks."""

import pytest

from payouts.outbound.zengin.yucho import NotYucho, convert


@pytest.mark.parametrize(
    ("symbol", "number", "branch", "name", "kana", "account_type", "account"),
    [
        ("14030", "12345671", "408", "四〇八", "ヨンゼロハチ", "1", "1234567"),
        ("15150", "21111111", "518", "五一八", "ゴイチハチ", "1", "2111111"),
        ("12330", "12345671", "238", "二三八", "ニサンハチ", "1", "1234567"),
        ("10070", "1234561", "008", "〇〇八", "ゼロゼロハチ", "1", "0123456"),
        ("00160-0", "100001", "019", "〇一九", "ゼロイチキユウ", "2", "0100001"),
        ("00160", "0-100001", "019", "〇一九", "ゼロイチキユウ", "2", "0100001"),
        ("00580", "654321", "059", "〇五九", "ゼロゴキユウ", "2", "0654321"),
        ("１４０３０", "１２３４ ５６７１", "408", "四〇八", "ヨンゼロハチ", "1", "1234567"),
        ("14030－2－", "12345671", "408", "四〇八", "ヨンゼロハチ", "1", "1234567"),
    ],
)
def test_convert_gives_the_account_of_a_transfer(
    symbol: str, number: str, branch: str, name: str, kana: str, account_type: str, account: str
) -> None:
    found = convert(symbol, number)
    assert (
        found.branch_code,
        found.branch_name,
        found.branch_kana,
        found.account_type,
        found.account_number,
        found.looks_right,
    ) == (branch, name, kana, account_type, account, True)


@pytest.mark.parametrize(
    ("symbol", "number"),
    [
        ("00190", "31000"),
        ("00140", "507"),
        ("00190", "566468"),
        ("00140", "187062"),
        ("00110", "5606"),
        ("00160", "100001"),
    ],
)
def test_convert_knows_the_check_digit_of_published_accounts(symbol: str, number: str) -> None:
    assert convert(symbol, number).looks_right is True


def test_convert_asks_to_look_again_when_the_check_digit_differs() -> None:
    found = convert("10540", "12045071")
    assert (found.check_digit, found.looks_right, found.account_number) == ("5", False, "1204507")


def test_convert_keeps_savings_apart() -> None:
    assert convert("14030", "12345671", savings=True).account_type == "4"
    assert convert("00580", "654321", savings=True).account_type == "2"


@pytest.mark.parametrize(
    ("symbol", "number", "field"),
    [
        ("20000", "11111111", "symbol"),
        ("14030", "12345678", "number"),
        ("15150", "211111111", "number"),
        ("00160", "1000011", "number"),
        ("1403", "12345671", "symbol"),
        ("1403012", "12345671", "symbol"),
        ("", "12345671", "symbol"),
        ("14030", "", "number"),
        ("14030", "1", "number"),
        ("00160", "000", "number"),
        ("記号", "12345671", "symbol"),
        ("14030", "一二三", "number"),
        ("14030", "٣٣٣١", "number"),
    ],
)
def test_convert_refuses_what_no_passbook_has(symbol: str, number: str, field: str) -> None:
    with pytest.raises(NotYucho) as refusal:
        convert(symbol, number)
    assert refusal.value.field == field
