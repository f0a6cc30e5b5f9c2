"""Which characters a field of the bank file may hold (JIS X 0201, one byte a character)."""

import re
from typing import Literal

Kind = Literal["number", "bank_name", "payee", "edi"]

SONANT = "ﾞ"
SEMI_SONANT = "ﾟ"
MARKS = SONANT + SEMI_SONANT
TAKES_SONANT = frozenset("ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ")
TAKES_SEMI_SONANT = frozenset("ﾊﾋﾌﾍﾎ")

DIGITS = frozenset("0123456789")
BANK_NAME = DIGITS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ -" + MARKS).union(
    chr(code)
    for code in range(0xFF71, 0xFF9E)  # ｱ to ﾝ: no small kana, no ｦ, no long-vowel mark
)
PAYEE = BANK_NAME | frozenset("().")
EDI = PAYEE | frozenset("/\\｢｣ｦ")

ALLOWED: dict[Kind, frozenset[str]] = {
    "number": DIGITS,
    "bank_name": BANK_NAME,
    "payee": PAYEE,
    "edi": EDI,
}

_STRAY_MARK = re.compile(
    f"(?:^|[^{''.join(sorted(TAKES_SONANT))}]){SONANT}"
    f"|(?:^|[^{''.join(sorted(TAKES_SEMI_SONANT))}]){SEMI_SONANT}"
)


def first_unfit(text: str, kind: Kind) -> str:
    """The first thing in `text` that a field of this kind can't hold, "" when all of it fits."""
    allowed = ALLOWED[kind]
    for character in text:
        if character not in allowed:
            return character
    stray = _STRAY_MARK.search(text)
    return stray.group() if stray else ""
