import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from applications.validators.emails import email, has_odd_dots


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("hanako@example.jp", "hanako@example.jp"),
        (" hanako@example.jp ", "hanako@example.jp"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
        ("hanako＠example.jp", "hanako@example.jp"),
        ("hanako @ example.jp", "hanako@example.jp"),
        ("hanako@example.jp\u200b", "hanako@example.jp"),
        ("\ufeffhanako@example.jp", "hanako@example.jp"),
        ("hanako@example。jp", "hanako@example.jp"),
        ("mailto:hanako@example.jp", "hanako@example.jp"),
        ("<hanako@example.jp>", "hanako@example.jp"),
        ("Hanako.Yamada@Example.JP", "Hanako.Yamada@example.jp"),
        ("hanako@example.jp.", "hanako@example.jp"),
        ("hanako-yamada@ex-ample.co.jp", "hanako-yamada@ex-ample.co.jp"),
        ("hanako‐yamada@ex－ample.co.jp", "hanako-yamada@ex-ample.co.jp"),
        ("hanako+coupon@example.jp", "hanako+coupon@example.jp"),
        ("hanako_1/2@example.jp", "hanako_1/2@example.jp"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("ha..na@docomo.ne.jp", "ha..na@docomo.ne.jp"),
        ("hanako.@docomo.ne.jp", "hanako.@docomo.ne.jp"),
        ("ha...na..ko..@docomo.ne.jp", "ha...na..ko..@docomo.ne.jp"),
        ('"ha..na"@docomo.ne.jp', "ha..na@docomo.ne.jp"),
        ("hanako.@ezweb.ne.jp", "hanako.@ezweb.ne.jp"),
        ("ha..na@au.com", "ha..na@au.com"),
        ("ha..na@t.vodafone.ne.jp", "ha..na@t.vodafone.ne.jp"),
        ("ha-.na@softbank.ne.jp", "ha-.na@softbank.ne.jp"),
        ("hanako@xn--wgv71a.jp", "hanako@xn--wgv71a.jp"),
        ("hanako@日本.jp", "hanako@xn--wgv71a.jp"),
        ("a@b.jp", "a@b.jp"),
        ("a" * 64 + "@example.jp", "a" * 64 + "@example.jp"),
        ("hanako@123.jp", "hanako@123.jp"),
    ],
)
def test_email_is_stored_in_one_form(typed, stored):
    assert email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "　",
        None,
        "hanako",
        "@example.jp",
        "hanako@",
        "hanako@@example.jp",
        "hanako@localhost",
        "hanako@[127.0.0.1]",
        "hanako@127.0.0.1",
        "hanako@example",
        "hanako@.jp",
        "hanako@example..jp",
        "hanako@-example.jp",
        "hanako@example-.jp",
        "hanako@exa_mple.jp",
        "hanako@example.j",
        "hanako@example.123",
        "hanako@docomo,ne.jp",
        "hanako@gmail.con",
        "ha..na@gmail.com",
        "hanako.@example.jp",
        ".hanako@docomo.ne.jp",
        ".hanako@example.jp",
        "花子@example.jp",
        "hanako,taro@example.jp",
        "hanako@example.jp,taro@example.jp",
        "hanako@example.jp\ntaro@example.jp",
        '"hana ko"@example.jp',
        "hana\\ko@example.jp",
        "a" * 65 + "@example.jp",
        "a@" + "b" * 64 + ".jp",
        "a@" + ".".join(["b" * 60] * 5) + ".jp",
        "a" * 3000,
        "@" * 500,
    ],
)
def test_email_that_cannot_be_right_is_refused_kindly(typed):
    with pytest.raises(ValidationError) as caught:
        email(typed)
    assert caught.value.message.endswith(("。", "）"))


def test_odd_dots_are_known_for_what_they_are():
    assert has_odd_dots("ha..na@docomo.ne.jp")
    assert has_odd_dots("hanako.@docomo.ne.jp")
    assert not has_odd_dots("ha.na@docomo.ne.jp")


@given(st.emails())
def test_email_is_the_same_again(address):
    try:
        stored = email(address)
    except ValidationError:
        return
    assert email(stored) == stored
    assert len(stored) <= 254


@given(st.text(max_size=60))
def test_any_text_gives_an_address_or_a_sentence(sentences, typed):
    said = sentences(email, typed)
    assert [sentence for sentence in said if not sentence.endswith(("。", "）"))] == []
