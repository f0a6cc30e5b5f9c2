"""Receipt numbers (受付番号): easy to read over the phone, typed back in any form."""

import re
import secrets

from applications.validators.text import compact

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31 characters, a prime; no 0 O 1 I L
LENGTH = 12  # the last is the check character
GROUP = 4


def new() -> str:
    """A fresh number, stored without separators: 11 random characters (54 bits) and a check."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + _check(body)


def written(number: str) -> str:
    """A number as people see it: groups of four, K7Q2-M9XA-3BCD."""
    return "-".join(number[start : start + GROUP] for start in range(0, len(number), GROUP))


def parse(value: object) -> str | None:
    """The stored form of what was typed, in any width, case and separators; None if it is none."""
    number = re.sub(r"[-._/・:]", "", compact(value).upper())
    number = re.sub(r"^受付番号", "", number)
    if len(number) != LENGTH or any(character not in ALPHABET for character in number):
        return None
    return number if _check(number[:-1]) == number[-1] else None


def _check(body: str) -> str:
    """Makes the sum of value times place (1 to 12) divisible by 31.

    Since 31 is a prime, every single wrong character and every swap of two is noticed.
    """
    total = sum(place * ALPHABET.index(letter) for place, letter in enumerate(body, 1))
    inverse = pow(LENGTH, -1, len(ALPHABET))
    return ALPHABET[-total * inverse % len(ALPHABET)]
