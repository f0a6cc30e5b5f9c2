import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from applications.validators import accounts


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1234567", "1234567"),
        ("１２３４５６７", "1234567"),
        ("123-4567", "1234567"),
        ("123 4567", "1234567"),
        ("123ー4567", "1234567"),
        ("No.1234567", "1234567"),
        ("口座番号：1234567", "1234567"),
        ("123456", "0123456"),
        ("1", "0000001"),
        ("l23456O", "1234560"),
        ("\u200b1234567", "1234567"),
    ],
)
def test_account_number_has_seven_digits(typed, stored):
    assert accounts.account_number(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("12345678", "too_long"),
        ("0000000", "zeros"),
        ("12345a7", "not_digits"),
        ("静岡花子", "not_digits"),
        ("1" * 5000, "too_long"),
        (None, "required"),
    ],
)
def test_account_number_that_cannot_be_right_is_refused(typed, code):
    with pytest.raises(ValidationError) as caught:
        accounts.account_number(typed)
    assert caught.value.code == code


def test_filled_zeros_can_be_told():
    assert accounts.was_filled("１２３４５６", "0123456")
    assert not accounts.was_filled("123-4567", "1234567")


@pytest.mark.parametrize(
    ("symbol", "number", "expected"),
    [
        ("14030", "12345671", ("408", "四〇八", "1", "1234567", True)),
        ("１４０３０", "１２３４５６７１", ("408", "四〇八", "1", "1234567", True)),
        ("14030-1", "12345671", ("408", "四〇八", "1", "1234567", True)),
        ("l4O30", "12345671", ("408", "四〇八", "1", "1234567", True)),
        ("15150", "21111111", ("518", "五一八", "1", "2111111", True)),
        ("10070", "1234561", ("008", "〇〇八", "1", "0123456", True)),
        ("00160", "0-100001", ("019", "〇一九", "2", "0100001", True)),
        ("10540", "12045071", ("058", "〇五八", "1", "1204507", False)),
    ],
)
def test_yucho_becomes_branch_and_number(symbol, number, expected):
    found = accounts.yucho_account(symbol, number)
    assert expected == (
        found.branch_code,
        found.branch_name,
        found.account_type,
        found.account_number,
        found.looks_right,
    )


def test_yucho_savings_are_of_type_4():
    assert accounts.yucho_account("14030", "12345671", savings=True).account_type == "4"


@pytest.mark.parametrize(
    ("symbol", "number", "boxes"),
    [
        ("", "", ["yucho_symbol", "yucho_number"]),
        ("14030", "", ["yucho_number"]),
        ("20000", "11111111", ["yucho_symbol"]),
        ("14030", "12345678", ["yucho_number"]),
        ("15150", "211111111", ["yucho_number"]),
        ("00160", "1000011", ["yucho_number"]),
        ("記号", "12345671", ["yucho_symbol"]),
        ("1" * 900, "2" * 900, ["yucho_symbol"]),
    ],
)
def test_yucho_that_cannot_be_right_names_the_box(symbol, number, boxes):
    with pytest.raises(ValidationError) as caught:
        accounts.yucho_account(symbol, number)
    assert list(caught.value.error_dict) == boxes


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("シズオカ　ハナコ", "シズオカ　ハナコ"),
        ("ｼｽﾞｵｶ ﾊﾅｺ", "シズオカ　ハナコ"),
        ("しずおか はなこ", "シズオカ　ハナコ"),
        ("Ｓｍｉｔｈ　Ｊｏｈｎ", "SMITH JOHN"),
        ("カ）ショウワ", "カ)ショウワ"),
    ],
)
def test_holder_is_stored_in_full_width(typed, stored):
    assert accounts.holder_kana(typed) == stored
    assert accounts.holder_kana(stored) == stored


@pytest.mark.parametrize(
    "typed", ["", "静岡花子", "ヲノ", "O'Brien", "シズオカ😀", None, "ア" * 61]
)
def test_holder_that_no_bank_can_print_is_refused(typed):
    with pytest.raises(ValidationError) as caught:
        accounts.holder_kana(typed)
    assert caught.value.message.endswith("。")


@given(st.text(max_size=40))
def test_holder_is_the_same_again(typed):
    try:
        stored = accounts.holder_kana(typed)
    except ValidationError:
        return
    assert accounts.holder_kana(stored) == stored


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_texts_give_an_account_or_sentences(sentences, symbol, number):
    said = sentences(accounts.yucho_account, symbol, number)
    assert [sentence for sentence in said if not sentence.endswith("。")] == []
