import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from applications.validators.numbers import inquiry_number

SPELLINGS = """
123456789012
１２３４５６７８９０１２
1234-5678-9012
1234 5678 9012
１２３４　５６７８　９０１２
1234ー5678ー9012
1234－5678－9012
1234‐5678–9012
1234—5678―9012
1234−5678ｰ9012
1234.5678.9012
1234/5678/9012
1234_5678_9012
　123456789012
\u200b1234\u200b56789012\ufeff
\u202a123456789012\u202c
12345678\u00ad9012
1234\t5678\t9012
1234\u00a05678\u00a09012
12345678901２
I23456789O12
l23456789o12
|23456789012
１２３４５６７８９〇１２
１２３４５６７８９○１２
No.123456789012
№１２３４５６７８９０１２
No 1234-5678-9012
お問合せ番号：123456789012
お問い合わせ番号 123456789012
地域クーポン（紙）のお問合せ番号：123456789012
問合番号123456789012
#123456789012
(1234)5678-9012
①23456789012
"""


@pytest.mark.parametrize("typed", SPELLINGS.strip("\n").split("\n"))
def test_number_is_one_in_every_spelling(typed):
    assert inquiry_number(typed) == "123456789012"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("　 ", "required"),
        ("-", "required"),
        ("\u200b", "required"),
        (None, "required"),
        (["123456789012"], "required"),
        ("0120-479-249", "phone"),
        ("０１２０４７９２４９", "phone"),
        ("090-1234-5678", "phone"),
        ("+81 90 1234 5678", "phone"),
        ("+819012345678", "phone"),
        ("0542511111", "phone"),
        ("05012345678", "phone"),
        ("06012345678", "phone"),
        ("12345678901", "too_short"),
        ("1234567890", "too_short"),
        ("00000000000", "too_short"),
        ("054-251-1111", "phone"),
        ("123456789", "too_short"),
        ("1", "too_short"),
        ("1234567890123", "too_long"),
        ("123456789012 123456789013", "several"),
        ("1" * 2000, "several"),
        ("12345678901A", "not_digits"),
        ("１２３４５６７８９０１あ", "not_digits"),
        ("番号不明", "not_digits"),
        ("一二三四五六七八九〇一二", "not_digits"),
        ("١٢٣٤٥٦٧٨٩٠١٢", "not_digits"),
        ("'; DROP TABLE--", "not_digits"),
    ],
)
def test_number_that_cannot_be_right_is_named(typed, code):
    with pytest.raises(ValidationError) as caught:
        inquiry_number(typed)
    assert caught.value.code == code


def test_messages_never_promise_a_length():
    for typed in ("", "1", "1" * 13, "1" * 24, "0120479249", "x"):
        with pytest.raises(ValidationError) as caught:
            inquiry_number(typed)
        assert "12" not in caught.value.message
        assert "けた" not in caught.value.message


def test_kanji_digits_are_asked_for_in_figures():
    with pytest.raises(ValidationError) as caught:
        inquiry_number("一二三四五六七八九〇一二")
    assert caught.value.message == "お問合せ番号を、「1」「2」のような算用数字で入力してください。"


def test_a_number_that_starts_like_a_country_code_is_no_phone():
    assert inquiry_number("819012345678") == "819012345678"


@given(
    st.from_regex(r"[0-9]{12}", fullmatch=True),
    st.lists(st.sampled_from("-ー 　－‐\u200b"), max_size=6),
)
def test_number_is_the_same_again(number, separators):
    typed = number
    for place, separator in enumerate(separators):
        typed = typed[: 2 * place] + separator + typed[2 * place :]
    assert inquiry_number(typed) == number
    assert inquiry_number(inquiry_number(typed)) == number


@given(st.text(max_size=60))
def test_any_text_gives_a_number_or_a_sentence(sentences, typed):
    said = sentences(inquiry_number, typed)
    assert [sentence for sentence in said if not sentence.endswith("。")] == []
