"""The name of an account holder as the bank file spells it: half-width kana, marks split off."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _

from payouts.outbound.zengin.characters import MARKS, first_unfit

LIMIT = 30  # bytes of the payee field; a kana with its mark takes two

_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_LARGE = str.maketrans(
    "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿヰヱ",
    "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロイエ",
)
_FULL = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
_HALF = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
_NARROW = str.maketrans(_FULL + "\u3099\u309a", _HALF + MARKS)
# NFKC turns the spacing marks into a blank and a combining mark, which would break the name in two.
_JOIN_MARKS = str.maketrans("゛゜", "\u3099\u309a")
# Bars that people take for the long-vowel mark but that Unicode doesn't count among the dashes.
_OTHER_DASHES = frozenset("ー\u2212\u02d7\u2043\u2500\u2501~")
_DOTS = frozenset("・\u00b7\u2022\u2027\u22c5")
_NO_BANK_KANA = frozenset("ヷヸヹヺ")
_LETTER = re.compile("[0-9A-Zｱ-ﾝ]")


class NotBankKana(ValueError):
    """A name that no bank file can carry, with the sentence for the person who typed it."""

    def __init__(self, message_ja: str, character: str) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja
        self.character = character


def bank_kana(text: str) -> str:
    """The name as the bank receives it: half-width, large kana, marks counted, not yet cut.

    Width, hiragana, small kana, every kind of dash and blank are changed without a word.
    Raises NotBankKana for what the bank can't print (kanji, ヲ, ヷ, ヺ, comma, apostrophe, &).
    """
    plain = unicodedata.normalize("NFKC", text.translate(_JOIN_MARKS))
    kana = "".join(_letter(character) for character in plain)
    kana = " ".join(kana.split())
    if not _LETTER.search(kana):
        raise NotBankKana(_("口座名義をカタカナで入力してください。"), "")
    unfit = first_unfit(kana, "payee")
    if unfit:
        raise NotBankKana(_sentence(full_width(unfit)), full_width(unfit))
    return kana


def cut30(kana: str) -> str:
    """The first 30 bytes of a name in bank kana, never parting a kana from its mark."""
    return _cut(kana, LIMIT)


def bank_name(text: str, length: int = 15) -> str:
    """The name of a bank or branch for its field, cut; "" where the file can't spell it.

    Banks go by the code: the name is a courtesy that most of them let be blank.
    """
    try:
        kana = bank_kana(text).translate(str.maketrans("().", "   "))
    except NotBankKana:
        return ""
    return _cut(" ".join(kana.split()), length)


def full_width(kana: str) -> str:
    """Bank kana in full width, for showing and storing; `bank_kana` leads back to the same."""
    split = kana.translate(str.maketrans(MARKS, "\u3099\u309a"))
    composed = unicodedata.normalize("NFKC", split).translate(str.maketrans("\u3099\u309a", "゛゜"))
    return re.sub(r"(?<=[ァ-ヺー])-", "ー", composed)


def _cut(kana: str, length: int) -> str:
    head = kana[:length]
    if len(kana) > length and kana[length] in MARKS:
        head = head[:-1]
    return head.rstrip(" ")


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    """One character of the NFKC form in bank kana; raises NotBankKana when there is none."""
    if "a" <= character <= "z":
        return character.upper()
    if " " <= character <= "}":
        return character  # Latin letters, digits and signs: judged by class at the end
    if character.isspace():
        return " "
    if character in _OTHER_DASHES or unicodedata.category(character) == "Pd":
        return "-"
    if character in _DOTS:
        return "."
    if unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""  # invisible: direction marks, zero-width blanks, variation selectors
    large = character.translate(_HIRAGANA).translate(_LARGE)
    narrow = unicodedata.normalize("NFD", large).translate(_NARROW)
    if large in _NO_BANK_KANA or first_unfit(narrow.rstrip(MARKS), "payee"):
        raise NotBankKana(_sentence(character), character)
    return narrow


def _sentence(character: str) -> str:
    """The kind sentence for a character that can't be sent to a bank."""
    if character in "をヲ":
        return _(
            "「%(character)s」は振込に使えない文字です。"
            "通帳に「オ」と書かれているときは「オ」で入力してください。"
        ) % {"character": character}
    if character in "ヷヸヹヺ":
        return _(
            "「%(character)s」は振込に使えない文字です。通帳のカナのとおりに入力してください。"
        ) % {"character": character}
    if unicodedata.name(character[:1], "").startswith("CJK"):
        return _("「%(character)s」は漢字です。口座名義はカタカナで入力してください。") % {
            "character": character
        }
    if not character.isprintable():
        return _("目に見えない記号が入っています。口座名義を入力し直してください。")
    return _(
        "「%(character)s」は振込に使えない文字です。通帳のカナのとおりに、"
        "カタカナ、英字、数字、空白、かっこ、ピリオド、ハイフンで入力してください。"
    ) % {"character": character}
