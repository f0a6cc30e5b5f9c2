"""Japan Post Bank: from the symbol and number of a passbook to branch, type and account number.

The rule is the bank's own (ゆうちょ銀行 「記号番号から振込用の店名・預金種目・口座番号への変換」).
The check digit isn't published by the bank: a mismatch is a question to the person and a mark
for the office, never a refusal.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

BANK_CODE = "9900"

_KANJI = "〇一二三四五六七八九"
_READING = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キユウ")
_WEIGHTS = (1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1)
_DASHES = re.compile(r"[-\u00ad\u02d7\u2010-\u2015\u2043\u2212\u2500\u2501\u30fcー~〜]+")


class NotYucho(ValueError):
    """A symbol or number that can't be a Japan Post account; `field` says which box is wrong."""

    def __init__(self, message_ja: str, field: Literal["symbol", "number"]) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja
        self.field = field


@dataclass(frozen=True, slots=True)
class YuchoAccount:
    """A Japan Post account as a transfer names it, with the passbook's own figures beside it."""

    symbol: str
    number: str
    branch_code: str
    account_type: Literal["1", "2", "4"]
    account_number: str
    check_digit: str

    @property
    def looks_right(self) -> bool:
        """False when the figures don't fit together: the passbook should be looked at again."""
        return self.symbol[3] == self.check_digit and self.symbol[4] == "0"

    @property
    def branch_name(self) -> str:
        """The branch code in kanji digits, as the bank names the branch (四〇八)."""
        return "".join(_KANJI[int(digit)] for digit in self.branch_code)

    @property
    def branch_kana(self) -> str:
        """The branch name in full-width kana, as the bank master spells it (ヨンゼロハチ)."""
        return "".join(_READING[int(digit)] for digit in self.branch_code)


def convert(symbol: str, number: str, *, savings: bool = False) -> YuchoAccount:
    """The account behind a symbol (記号) and number (番号) in any width, with or without dashes.

    `savings` picks 通常貯蓄貯金 instead of 普通 (symbols that begin with 1 only). The single digit
    printed between the two is ignored in either box. Raises NotYucho.
    """
    kigou, bangou = _symbol(symbol), _number(number)
    if kigou[0] == "1":
        if len(bangou) > 8:
            raise NotYucho(_("番号は8けたまでです。通帳をもう一度ご確認ください。"), "number")
        if not bangou.endswith("1"):
            raise NotYucho(
                _("番号の最後は1になります。通帳の番号を最後のけたまで入力してください。"), "number"
            )
        branch, account = kigou[1:3] + "8", bangou[:-1].zfill(7)
        account_type: Literal["1", "2", "4"] = "4" if savings else "1"
    elif kigou[0] == "0":
        if len(bangou) > 6:
            raise NotYucho(
                _("記号が0で始まるときの番号は6けたまでです。もう一度ご確認ください。"), "number"
            )
        branch, account, account_type = kigou[1:3] + "9", bangou.zfill(7), "2"
    else:
        raise NotYucho(
            _("記号は0または1で始まります。振込に使える口座かご確認ください。"), "symbol"
        )
    if account == "0000000":
        raise NotYucho(_("番号をもう一度ご確認ください。"), "number")
    return YuchoAccount(kigou, bangou, branch, account_type, account, _check_digit(kigou, bangou))


def _symbol(text: str) -> str:
    """The five digits of a symbol."""
    found = re.fullmatch(r"(\d{5})-?\d?", _plain(text))
    if not found:
        raise NotYucho(_("記号は5けたの数字で入力してください。"), "symbol")
    return found[1]


def _number(text: str) -> str:
    """The digits of a number, without a leading single digit that belongs between the two."""
    found = re.fullmatch(r"(?:\d-)?(\d+)", _plain(text).removeprefix("-"))
    if not found:
        raise NotYucho(_("番号は数字で入力してください。"), "number")
    return found[1]


def _plain(text: str) -> str:
    """ASCII digits and single hyphens; blanks and invisible characters gone."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if not character.isspace() and unicodedata.category(character) != "Cf"
    )
    plain = _DASHES.sub("-", plain).removesuffix("-")
    return plain if plain.isascii() else ""


def _check_digit(kigou: str, bangou: str) -> str:
    """The fourth digit that the symbol should have, by weights 1, 3, 2 over all 13 digits."""
    digits = kigou[:3] + "0" + kigou[4] + bangou.zfill(8)
    total = 0
    for digit, weight in zip(digits, _WEIGHTS, strict=True):
        product = int(digit) * weight
        total += product - 9 if weight == 2 and product > 9 else product
    return str(total % 10)
