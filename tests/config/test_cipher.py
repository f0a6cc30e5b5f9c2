import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from config import cipher

CONTEXT = "bank_account:1"


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> Settings:
    """Two keys for fields and links; the second is the older one."""
    settings.FIELD_KEYS = ["new", "old"]
    settings.LINK_KEYS = ["new", "old"]
    settings.HASH_KEY = "old"
    return settings


@settings(max_examples=50)
@given(st.binary(max_size=300), st.text(max_size=40))
def test_what_was_encrypted_opens_in_its_context(plain: bytes, context: str) -> None:
    assert cipher.decrypt(cipher.encrypt(plain, context), context) == plain
    assert cipher.decrypt_text(cipher.encrypt_text(plain, context), context) == plain


def test_equal_content_gives_unequal_blobs() -> None:
    assert cipher.encrypt(b"x", CONTEXT) != cipher.encrypt(b"x", CONTEXT)


def test_a_blob_does_not_open_in_another_context() -> None:
    with pytest.raises(cipher.Unreadable):
        cipher.decrypt(cipher.encrypt(b"x", CONTEXT), "bank_account:2")


def test_a_blob_with_any_bit_changed_does_not_open() -> None:
    blob = cipher.encrypt(b"1234567", CONTEXT)
    opened = []
    for place in range(1, len(blob)):  # the first byte is a hint, which key to try first
        changed = bytearray(blob)
        changed[place] ^= 1
        try:
            opened.append(cipher.decrypt(bytes(changed), CONTEXT))
        except cipher.Unreadable:
            continue
    assert opened == []


@pytest.mark.parametrize("blob", [b"", b"\x02", b"\x02" + 28 * b"x", b"\x09" + 40 * b"x"])
def test_what_is_no_blob_is_unreadable(blob: bytes) -> None:
    with pytest.raises(cipher.Unreadable):
        cipher.decrypt(blob, CONTEXT)


@pytest.mark.parametrize("text", ["", "あ", "*", "A", "AAAA"])
def test_what_is_no_text_of_ours_is_unreadable(text: str) -> None:
    with pytest.raises(cipher.Unreadable):
        cipher.decrypt_text(text, CONTEXT)


def test_the_key_number_counts_from_the_oldest(keys: Settings) -> None:
    keys.FIELD_KEYS = ["old"]
    first = cipher.encrypt(b"x", CONTEXT)
    keys.FIELD_KEYS = ["new", "old"]
    second = cipher.encrypt(b"x", CONTEXT)
    assert (first[0], second[0]) == (1, 2)
    keys.FIELD_KEYS = ["newest", "new", "old"]
    assert [cipher.decrypt(blob, CONTEXT) for blob in (first, second)] == [b"x", b"x"]


def test_what_a_newer_key_wrote_opens_when_the_older_one_is_gone(keys: Settings) -> None:
    keys.FIELD_KEYS = ["new", "old"]
    blob = cipher.encrypt(b"x", CONTEXT)
    for left in (["new"], ["newest", "new"], ["newest", "newer", "new"]):
        keys.FIELD_KEYS = left
        assert cipher.decrypt(blob, CONTEXT) == b"x"
        assert not cipher.is_current(blob, CONTEXT)
    keys.FIELD_KEYS = ["new", "old"]
    assert cipher.is_current(blob, CONTEXT)


def test_a_key_that_was_taken_away_opens_nothing(keys: Settings) -> None:
    blob = cipher.encrypt(b"x", CONTEXT)
    keys.FIELD_KEYS = ["old"]
    with pytest.raises(cipher.Unreadable):
        cipher.decrypt(blob, CONTEXT)


def test_a_keyed_hash_tells_purposes_values_and_keys_apart(keys: Settings) -> None:
    first = cipher.keyed_hash("proof", "5555")
    others = [cipher.keyed_hash("proof", "5556"), cipher.keyed_hash("limit", "5555")]
    keys.HASH_KEY = "another"
    others.append(cipher.keyed_hash("proof", "5555"))
    assert len(first) == 32
    assert len({first, *others}) == 4


def test_a_keyed_hash_outlives_a_new_key(keys: Settings) -> None:
    first = cipher.keyed_hash("proof", "5555")
    keys.FIELD_KEYS = ["newest", *keys.FIELD_KEYS]
    assert cipher.keyed_hash("proof", "5555") == first


def test_a_token_is_made_anew_by_the_number_of_its_key(keys: Settings) -> None:
    number, token = cipher.link_token("link", 7, 1)
    keys.LINK_KEYS = ["newest", *keys.LINK_KEYS]
    assert number == 2
    assert cipher.link_token_by(number, "link", 7, 1) == token
    assert cipher.link_token("link", 7, 1) == (3, cipher.link_token_by(3, "link", 7, 1))


def test_tokens_differ_by_purpose_subject_generation_and_key() -> None:
    tokens = {
        cipher.link_token_by(number, purpose, subject, generation)
        for number in (1, 2)
        for purpose in ("link", "correct")
        for subject in (1, 11)
        for generation in (1, 11)
    }
    assert len(tokens) == 16
    assert {len(token) for token in tokens} == {20}
    assert {letter for token in tokens for letter in token} <= set(cipher.BASE62)


def test_a_token_of_an_unknown_key_is_not_made() -> None:
    with pytest.raises(KeyError):
        cipher.link_token_by(3, "link", 7, 1)


def test_token_hash_takes_whatever_an_address_holds() -> None:
    assert cipher.token_hash("abc") != cipher.token_hash("abd")
    assert len(cipher.token_hash("\ud800")) == 32


def test_encrypted_text_fits_a_cookie() -> None:
    text = cipher.encrypt_text(b"x" * 100, CONTEXT)
    assert base64.urlsafe_b64encode(base64.urlsafe_b64decode(text + "==")).decode().rstrip("=") == (
        text
    )
