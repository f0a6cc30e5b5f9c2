import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from applications.validators.kana import kana, katakana, same_reading


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("シズオカ　ハナコ", "シズオカ　ハナコ"),
        ("シズオカ ハナコ", "シズオカ　ハナコ"),
        ("しずおか はなこ", "シズオカ　ハナコ"),
        ("ｼｽﾞｵｶ ﾊﾅｺ", "シズオカ　ハナコ"),
        ("シズオカ    ハナコ", "シズオカ　ハナコ"),
        ("シズオカハナコ", "シズオカハナコ"),
        ("し す゛おか", "シ　ズオカ"),
        ("か\u3099", "ガ"),
        ("ｶﾞｷﾞﾊﾟ", "ガギパ"),
        ("は゜", "パ"),
        ("コ-ヒ-", "コーヒー"),
        ("コ－ヒ－", "コーヒー"),
        ("ｺｰﾋｰ", "コーヒー"),
        ("こ―ひ‐", "コーヒー"),
        ("ゔぁいおりん", "ヴァイオリン"),
        ("ジャン・ジャック", "ジャン・ジャック"),
        ("ｼﾞｬﾝ･ｼﾞｬｯｸ", "ジャン・ジャック"),
        ("John Smith", "John Smith"),
        ("Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith"),
        ("O'Brien", "O'Brien"),
        ("García-López", "García-López"),
        ("\u200bシズオカ\ufeff", "シズオカ"),
        ("すゞき", "スヾキ"),
    ],
)
def test_kana_is_stored_in_full_width(typed, stored):
    assert kana(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("　", "required"),
        (None, "required"),
        ("静岡 花子", "not_kana"),
        ("シズオカ 花子", "not_kana"),
        ("シズオカ123", "not_kana"),
        ("Иван", "not_kana"),
        ("シズオカ😀", "not_kana"),
        ("・・", "no_letters"),
        ("ーー", "no_letters"),
        ("ア" * 61, "too_long"),
    ],
)
def test_kana_that_cannot_be_read_is_refused(typed, code):
    with pytest.raises(ValidationError) as caught:
        kana(typed)
    assert caught.value.code == code


def test_kana_names_the_kanji():
    with pytest.raises(ValidationError, match="「花」は使えません"):
        kana("シズオカ 花子")


@pytest.mark.parametrize(
    "other", ["しずおか はなこ", "ｼｽﾞｵｶﾊﾅｺ", "シズオカ・ハナコ", "シズオカ　ハナコ"]
)
def test_readings_are_compared_without_blanks_and_width(other):
    assert same_reading(other) == same_reading("シズオカ　ハナコ")


def test_small_kana_and_capitals_compare_alike():
    assert same_reading("きゃっしゅ") == same_reading("キヤツシユ")
    assert same_reading("john smith") == same_reading("JOHN SMITH")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=70))
def test_kana_is_the_same_again(typed):
    assert katakana(katakana(typed)) == katakana(typed)
    try:
        stored = kana(typed)
    except ValidationError:
        return
    assert kana(stored) == stored
