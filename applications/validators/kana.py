"""フリガナ: hiragana and half-width kana become full-width katakana; Latin letters are accepted."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from applications.validators.names import NAME_LIMIT
from applications.validators.text import fits, is_dash, plain, refuse

_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
# NFKC turns the spacing marks into a blank and a combining mark, breaking the name in two.
_JOIN_MARKS = str.maketrans("゛゜ﾞﾟ", "\u3099\u309a\u3099\u309a")
_KANA = re.compile("[ァ-ヺヽヾㇰ-ㇿ]")
_SIGNS = frozenset("ー・.,'’-() 　")
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶヰヱヲ", "アイウエオツヤユヨワカケイエオ")


def katakana(value: object) -> str:
    """The text in full-width katakana and half-width Latin letters; one blank between words."""
    marked = plain(value).translate(_JOIN_MARKS)
    text = unicodedata.normalize("NFKC", marked).translate(_KATAKANA)
    text = "".join(_long_vowel(text, place) for place in range(len(text)))
    blank = "　" if _KANA.search(text) else " "
    return blank.join(text.split())


def kana(value: object, label: str = _("お名前（カナ）")) -> str:
    """The stored form of a reading. Raises ValidationError, naming a kanji typed by mistake."""
    text = katakana(value)
    if not text:
        raise refuse(_("%(name)sを入力してください。") % {"name": label}, "required")
    for character in text:
        if not _fits(character):
            raise refuse(
                _(
                    "「%(character)s」は使えません。%(name)sをカタカナ（またはローマ字）で"
                    "入力してください。"
                )
                % {"character": character, "name": label},
                "not_kana",
            )
    if all(character in _SIGNS for character in text):
        raise refuse(_("%(name)sをカタカナで入力してください。") % {"name": label}, "no_letters")
    return fits(text, NAME_LIMIT, label)


def same_reading(text: object) -> str:
    """A reading as it is compared: no blanks and signs, large kana, capital letters."""
    large = katakana(text).translate(_SMALL).upper()
    return "".join(character for character in large if character not in _SIGNS)


def _long_vowel(text: str, place: int) -> str:
    character = text[place]
    if not is_dash(character):
        return character
    return "ー" if _KANA.match(text[place - 1 : place]) or text[place - 1 : place] == "ー" else "-"


def _fits(character: str) -> bool:
    if _KANA.fullmatch(character) or character in _SIGNS:
        return True
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN")
