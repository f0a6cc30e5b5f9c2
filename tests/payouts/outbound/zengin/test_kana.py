"""Names as the bank file spells them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.outbound.zengin.characters import first_unfit
from payouts.outbound.zengin.kana import NotBankKana, bank_kana, bank_name, cut30, full_width

KATAKANA = "".join(chr(code) for code in range(0x30A1, 0x30FD))
HIRAGANA = "".join(chr(code) for code in range(0x3041, 0x3097))
TYPED = st.text(
    st.sampled_from(KATAKANA + HIRAGANA + "ｶﾞﾊﾟｰ･ 　-－‐―.()（）aＡz9９゛゜"), max_size=40
)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("ヤマダ　タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        ("やまだ たろう", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        ("キャッシュ", "ｷﾔﾂｼﾕ"),
        ("コーヒー", "ｺ-ﾋ-"),
        ("コ－ヒ－", "ｺ-ﾋ-"),
        ("コ―ヒ‐", "ｺ-ﾋ-"),
        ("ｺｰﾋｰ", "ｺ-ﾋ-"),
        ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
        ("ゔぁいおりん", "ｳﾞｱｲｵﾘﾝ"),
        ("ジャン・ジャック", "ｼﾞﾔﾝ.ｼﾞﾔﾂｸ"),
        ("ｼﾞｬﾝ･ｼﾞｬｯｸ", "ｼﾞﾔﾝ.ｼﾞﾔﾂｸ"),
        ("カ）ショウワ", "ｶ)ｼﾖｳﾜ"),
        ("Ｓｍｉｔｈ　Ｊｏｈｎ", "SMITH JOHN"),
        ("か\u3099", "ｶﾞ"),
        ("か゛", "ｶﾞ"),
        ("ハ゜ン", "ﾊﾟﾝ"),
        ("ヮヵヶ", "ﾜｶｹ"),
        ("ヰヱ", "ｲｴ"),
        ("  タナカ\t\u3000 ハナコ  ", "ﾀﾅｶ ﾊﾅｺ"),
        ("タナカ\u200b\u200e ハナコ", "ﾀﾅｶ ﾊﾅｺ"),
        ("コ〜ヒ～", "ｺ-ﾋ-"),
        ("コ−ヒ─", "ｺ-ﾋ-"),
    ],
)
def test_bank_kana_gives_what_the_bank_receives(typed: str, sent: str) -> None:
    assert bank_kana(typed) == sent


def test_bank_kana_counts_the_marks() -> None:
    assert len(bank_kana("ヤマダ　タロウ").encode("cp932")) == 8


@pytest.mark.parametrize(
    ("typed", "character"),
    [
        ("髙橋", "髙"),
        ("ヲノ", "ヲ"),
        ("をの", "を"),
        ("ｦﾉ", "ヲ"),
        ("ヷ", "ヷ"),
        ("ヺ", "ヺ"),
        ("O'Brien", "'"),
        ("O’Brien", "’"),
        ("ヤマダ,タロウ", ","),
        ("ヤマダ＆サトウ", "&"),
        ("ヤマダ￥", "¥"),
        ("José", "é"),
        ("ヤマダ\x00", "\x00"),
        ("ア゛", "ア゛"),
        ("カ゜", "カ゜"),
        ("ヤマダ ゛タロウ", " ゛"),
        ("ヤマダ😀", "😀"),
    ],
)
def test_bank_kana_refuses_and_names_the_character(typed: str, character: str) -> None:
    with pytest.raises(NotBankKana) as refusal:
        bank_kana(typed)
    assert refusal.value.character == character


def test_bank_kana_tells_how_to_write_wo() -> None:
    with pytest.raises(NotBankKana) as refusal:
        bank_kana("ヲノ")
    assert refusal.value.message_ja == (
        "「ヲ」は振込に使えない文字です。通帳に「オ」と書かれているときは「オ」で入力してください。"
    )


@pytest.mark.parametrize("typed", ["", " 　 ", "ー", "・", "（）", "\u200b"])
def test_bank_kana_refuses_a_name_without_a_letter(typed: str) -> None:
    with pytest.raises(NotBankKana) as refusal:
        bank_kana(typed)
    assert refusal.value.message_ja == "口座名義をカタカナで入力してください。"


@given(st.text(max_size=40) | TYPED)
def test_bank_kana_is_refused_or_fit_and_stays_as_it_is(typed: str) -> None:
    try:
        kana = bank_kana(typed)
    except NotBankKana:
        return
    assert first_unfit(kana, "payee") == ""
    assert bank_kana(kana) == kana
    assert bank_kana(full_width(kana)) == kana


@given(TYPED)
def test_cut30_keeps_a_head_of_whole_kana(typed: str) -> None:
    try:
        kana = bank_kana(typed)
    except NotBankKana:
        return
    head = cut30(kana)
    assert len(head.encode("cp932")) <= 30
    assert kana.startswith(head)
    assert len(kana) <= 30 or kana[len(head)] not in "ﾞﾟ"
    assert first_unfit(head, "payee") == ""


def test_cut30_does_not_part_a_kana_from_its_mark() -> None:
    assert cut30("ｱ" * 29 + "ｶﾞｱ") == "ｱ" * 29
    assert cut30("ｱ" * 28 + "ｶﾞｱ") == "ｱ" * 28 + "ｶﾞ"
    assert cut30("ｱ" * 29 + " ｱ") == "ｱ" * 29


def test_full_width_is_the_kana_people_read() -> None:
    assert full_width("ﾔﾏﾀﾞ ｺ-ﾀﾛｳ") == "ヤマダ コータロウ"
    assert full_width("SMITH-JONES ANN") == "SMITH-JONES ANN"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("シズオカ", "ｼｽﾞｵｶ"),
        ("ミツビシユ－エフジエイ", "ﾐﾂﾋﾞｼﾕ-ｴﾌｼﾞｴｲ"),
        ("ジエ－ピ－モルガン．チエ－ス", "ｼﾞｴ-ﾋﾟ-ﾓﾙｶﾞﾝ ﾁｴ"),
        ("三菱", ""),
    ],
)
def test_bank_name_fits_its_field_or_is_left_blank(text: str, field: str) -> None:
    assert bank_name(text) == field
    assert first_unfit(bank_name(text), "bank_name") == ""
