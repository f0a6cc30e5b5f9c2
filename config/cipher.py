"""Keys and what they make: encrypted blobs, keyed hashes, tokens of links.

Blobs are AES-256-GCM: one byte key number, 12 bytes nonce, then ciphertext and tag; the context
(for example "bank_account:<id>") is the associated data, so that a blob copied to another row does
not open. The key number counts from the end of FIELD_KEYS, so that a new key put in front leaves
the numbers of the old ones as they are. The number is a hint: once an old key is gone the others
have moved, so that a blob which its key does not open is tried with the rest.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PAIRS = [second + first for first in BASE62 for second in BASE62]  # of the two last digits
NONCE = 12


class Unreadable(ValueError):
    """The blob was not written with one of our keys for this context."""


@cache
def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def _numbered(keys: list[str]) -> dict[int, str]:
    return {len(keys) - i: key for i, key in enumerate(keys)}


def encrypt(plain: bytes, context: str) -> bytes:
    """Encrypt with the first of FIELD_KEYS for one context."""
    keys = settings.FIELD_KEYS
    number, nonce = len(keys), os.urandom(NONCE)
    sealed = AESGCM(_derived(keys[0], "field")).encrypt(nonce, plain, context.encode())
    return bytes([number]) + nonce + sealed


def decrypt(blob: bytes, context: str) -> bytes:
    """The plain bytes of a blob. Raises Unreadable."""
    return opener()(bytes(blob), context.encode())


def opener() -> Callable[[bytes, bytes], bytes]:
    """`decrypt` for many blobs in a row, with the keys at hand: blob and context in bytes."""
    keys = {
        number: AESGCM(_derived(key, "field")).decrypt
        for number, key in _numbered(settings.FIELD_KEYS).items()
    }

    def plain(blob: bytes, context: bytes) -> bytes:
        if len(blob) < 1 + NONCE + 16:
            raise Unreadable("not a blob of ours")
        hinted = keys.get(blob[0])
        if hinted is not None:
            with suppress(InvalidTag):
                return hinted(blob[1 : 1 + NONCE], blob[1 + NONCE :], context)
        for number, key in keys.items():
            if number != blob[0]:
                with suppress(InvalidTag):
                    return key(blob[1 : 1 + NONCE], blob[1 + NONCE :], context)
        raise Unreadable("no key of ours opens the blob for this context")

    return plain


def is_current(blob: bytes, context: str) -> bool:
    """Whether a blob was written with the first of FIELD_KEYS and says so."""
    if blob[0] != len(settings.FIELD_KEYS):
        return False
    try:
        first = AESGCM(_derived(settings.FIELD_KEYS[0], "field"))
        first.decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], context.encode())
    except (InvalidTag, ValueError):
        return False
    return True


def encrypt_text(plain: bytes, context: str) -> str:
    """`encrypt` in URL-safe letters, for cookies."""
    return base64.urlsafe_b64encode(encrypt(plain, context)).rstrip(b"=").decode()


def decrypt_text(text: str, context: str) -> bytes:
    """The other way round. Raises Unreadable, also for what is not base64."""
    try:
        blob = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, UnicodeError):
        raise Unreadable("not a text of ours") from None
    return decrypt(blob, context)


def keyed_hash(purpose: str, value: str) -> bytes:
    """32 bytes that tell equal values apart from others, and nothing to who lacks the key."""
    key = _derived(settings.HASH_KEY, "hash:" + purpose)
    return hmac.new(key, value.encode(), hashlib.sha256).digest()


def in_share(purpose: str, value: str, percent: int) -> bool:
    """Whether a value falls into a share of `percent`: by chance to who lacks the key, and always
    the same to who has it."""
    return int.from_bytes(keyed_hash(purpose, value)[:8], "big") % 10_000 < percent * 100


def link_token(purpose: str, subject: object, generation: int, length: int = 20) -> tuple[int, str]:
    """(key number, token) of a link: base62, made anew from LINK_KEYS whenever it is rendered."""
    number = len(settings.LINK_KEYS)
    return number, link_token_by(number, purpose, subject, generation, length)


def link_token_by(
    number: int, purpose: str, subject: object, generation: int, length: int = 20
) -> str:
    """The token of an existing link, by the number of the key that it was made with."""
    key = _derived(_numbered(settings.LINK_KEYS)[number], "link:" + purpose)
    digest = hmac.new(key, f"{subject}:{generation}".encode(), hashlib.sha256).digest()
    value, letters = int.from_bytes(digest, "big"), []
    for _ in range(0, length, 2):  # two letters at a time: a mass sending makes a million of them
        value, pair = divmod(value, 62 * 62)
        letters.append(PAIRS[pair])
    return "".join(letters)[:length]


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
