import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from applications.validators import phones

MOBILE = """
09012345678
090-1234-5678
０９０－１２３４－５６７８
０９０１２３４５６７８
090 1234 5678
090　1234　5678
090ー1234ー5678
090‐1234–5678
090—1234―5678
090−1234ｰ5678
090.1234.5678
(090)1234-5678
（０９０）１２３４ー５６７８
+81 90 1234 5678
+81-90-1234-5678
＋８１９０１２３４５６７８
+81 (0)90-1234-5678
+8109012345678
0081-90-1234-5678
010-81-90-1234-5678
9012345678
O9O-1234-5678
090-l234-5678
\u200b09012345678
\u202a090-1234-5678\u202c
TEL:090-1234-5678
電話：090-1234-5678
携帯 090-1234-5678
090/1234/5678
"""


@pytest.mark.parametrize("typed", MOBILE.strip("\n").split("\n"))
def test_mobile_is_one_in_every_spelling(typed):
    assert phones.mobile(typed) == "+819012345678"
    assert phones.phone(typed) == "+819012345678"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("070-1234-5678", "+817012345678"),
        ("080-1234-5678", "+818012345678"),
        ("060-1234-5678", "+816012345678"),
    ],
)
def test_every_mobile_prefix_receives_sms(typed, stored):
    assert phones.mobile(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("054-251-1111", "+81542511111"),
        ("03-1234-5678", "+81312345678"),
        ("（０３）１２３４－５６７８", "+81312345678"),
        ("050-3123-4567", "+815031234567"),
        ("0120-123-456", "+81120123456"),
    ],
)
def test_contact_may_be_any_japanese_number_but_gets_no_sms(typed, stored):
    assert phones.phone(typed) == stored
    with pytest.raises(ValidationError) as caught:
        phones.mobile(typed)
    assert caught.value.code == "not_mobile"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("　", "required"),
        (None, "required"),
        ("090-xxxx-xxxx", "wrong"),
        ("090-CALL-NOW", "wrong"),
        ("0120-FLOWER", "wrong"),
        ("090-1234-567", "wrong"),
        ("090-1234-56789", "wrong"),
        ("0900-123-4567", "wrong"),
        ("0701234567", "wrong"),
        ("110", "wrong"),
        ("1234-5678", "wrong"),
        ("312345678", "wrong"),
        ("000-0000-0000", "abroad"),
        ("+1 202 555 0100", "abroad"),
        ("+44 20 7946 0958", "abroad"),
        ("でんわ", "wrong"),
        ("٠٩٠١٢٣٤٥٦٧٨", "wrong"),
        ("0" * 3000, "abroad"),
        ("0120-479-249", "ours"),
    ],
)
def test_phone_that_cannot_be_right_is_refused_kindly(typed, code):
    with pytest.raises(ValidationError) as caught:
        phones.phone(typed)
    assert caught.value.code == code


def test_national_form_is_the_one_people_write():
    assert phones.national("+819012345678") == "090-1234-5678"


@given(st.integers(10_000_000, 99_999_999), st.sampled_from(["070", "080", "090"]))
def test_mobile_is_the_same_again(rest, prefix):
    stored = phones.mobile(f"{prefix}{rest}")
    assert phones.mobile(stored) == stored
    assert phones.mobile(phones.national(stored)) == stored


@given(st.text(max_size=40))
def test_any_text_gives_a_phone_or_a_sentence(sentences, typed):
    said = sentences(phones.phone, typed)
    assert [sentence for sentence in said if not sentence.endswith("。")] == []
