import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from applications.validators.names import name


@pytest.mark.parametrize(
    "typed",
    [
        "静岡 花子",
        "静岡　花子",
        "静岡花子",
        "髙橋 﨑",
        "𠮷田 花子",
        "辻\U000e0100 花子",
        "ｼｽﾞｵｶ ﾊﾅｺ",
        "John Smith",
        "Ｊｏｈｎ　Ｓｍｉｔｈ",
        "O'Brien",
        "José Martínez-García",
        "Nguyễn Thị Hoa",
        "王 小明",
        "김하나",
        "Иван Петров",
        "محمد علي",
        "สมชาย ใจดี",
        "नरेन्द्र",
        "می\u200cرود",
        "山田・マリア",
        "X Æ A-12",
        "ー山ー",
        "外字\ue000",
        "あ" * 60,
    ],
)
def test_name_is_kept_as_typed(typed):
    assert name(typed) == typed


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  静岡 花子  ", "静岡 花子"),
        ("静岡　　花子", "静岡　花子"),
        ("静岡\t花子", "静岡 花子"),
        ("静岡\r\n花子", "静岡 花子"),
        ("静岡\u200b花子\ufeff", "静岡花子"),
        ("\u202e静岡花子", "静岡花子"),
        ("静岡\x00花子", "静岡花子"),
        ("静岡\ud800花子", "静岡花子"),
        ("静\u00ad岡", "静岡"),
        ("静岡\u200c花子", "静岡花子"),
        ("静岡\ufffe花子", "静岡花子"),
    ],
)
def test_name_loses_only_what_nobody_sees(typed, stored):
    assert name(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("　", "required"),
        ("\u200b\u3164", "required"),
        (None, "required"),
        (7, "required"),
        ("・・・", "no_letters"),
        ("12345", "no_letters"),
        ("😀", "no_letters"),
        ("あ" * 61, "too_long"),
        ("あ" * 100_000, "too_long"),
    ],
)
def test_name_is_refused_only_where_there_is_none(typed, code):
    with pytest.raises(ValidationError) as caught:
        name(typed)
    assert caught.value.code == code


@given(st.text(max_size=70))
def test_name_is_the_same_again(typed):
    try:
        stored = name(typed)
    except ValidationError:
        return
    assert name(stored) == stored
    stored.encode("utf-8")
    assert "\x00" not in stored
