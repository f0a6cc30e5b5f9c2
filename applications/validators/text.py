"""Ground for all other validators: text without control and invisible characters."""

import unicodedata
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

TYPED_LIMIT = 2000  # characters looked at in any one box

_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")  # show nothing
_DASHES = frozenset("ー\u02d7\u2043\u2212\u2500\u2501\u30fc\ufe58\ufe63\uff0d\uff70~〜～")
# Joiners carry meaning inside words of the scripts from Hebrew to Mongolian.
_JOINERS, _JOINED = "\u200c\u200d", range(0x0590, 0x2000)


def refuse(message_ja: str, code: str = "wrong") -> ValidationError:
    """The error to raise: a sentence for the person, a code for the program."""
    return ValidationError(message_ja, code=code)


def refuse_fields(errors: Mapping[str, ValidationError]) -> ValidationError:
    """Several boxes refused at once, each with its own sentence."""
    return ValidationError(dict(errors))


def plain(value: object) -> str:
    """The text without control, invisible and broken characters, blanks at its ends cut off.

    Line breaks and tabs become blanks; whatever is no text counts as empty.
    """
    typed = value[: TYPED_LIMIT + 1] if isinstance(value, str) else ""
    if typed.isprintable() and _FILLERS.isdisjoint(typed):  # nearly all there is
        return typed.strip()
    kept = []
    for place, character in enumerate(typed):
        if character in "\t\n\r\v\f\u2028\u2029\x85":
            kept.append(" ")
        elif _joins(typed, place) or not _is_invisible(character):
            kept.append(character)
    return "".join(kept).strip()


def folded(value: object) -> str:
    """`plain` text in its NFKC form: half-width letters and digits, full-width kana."""
    return plain(unicodedata.normalize("NFKC", plain(value)))


def is_dash(character: str) -> bool:
    """True for a hyphen and for everything that people type in its place."""
    return character in _DASHES or unicodedata.category(character) == "Pd"


def dashed(text: str) -> str:
    """The text with every kind of dash as a plain hyphen."""
    if text.isascii():
        return text.replace("~", "-")
    return "".join("-" if is_dash(character) else character for character in text)


def compact(value: object) -> str:
    """Folded text without blanks, dashes as hyphens: the ground for numbers and codes."""
    text = "".join(dashed(folded(value)).split())
    return unicodedata.normalize("NFKC", text)


def fits(text: str, limit: int, name: str) -> str:
    """The text itself if it has at most `limit` characters; refused otherwise."""
    if len(text) > limit:
        raise refuse(
            _("%(name)sは%(limit)s文字までで入力してください。") % {"name": name, "limit": limit},
            "too_long",
        )
    return text


def free(value: object, limit: int, name: str) -> str:
    """A line of free text as typed (shop, lodging, address), runs of blanks made one."""
    return fits(one_blank(plain(value)), limit, name)


def one_blank(text: str) -> str:
    """The text with the first of each run of blanks kept as it was typed."""
    kept = [
        character
        for place, character in enumerate(text)
        if not (character.isspace() and text[place - 1 : place].isspace())
    ]
    return "".join(kept)


def _joins(text: str, place: int) -> bool:
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return (
        text[place] in _JOINERS
        and len(around) == 2
        and all(ord(character) in _JOINED for character in around)
    )


def _is_invisible(character: str) -> bool:
    """Control and format characters, broken halves, fillers that show nothing, non-characters.

    Letters newer than this Python's tables and private ones (外字) are left as they are.
    """
    return (
        unicodedata.category(character) in ("Cc", "Cf", "Cs")
        or character in _FILLERS
        or ord(character) & 0xFFFE == 0xFFFE
        or 0xFDD0 <= ord(character) <= 0xFDEF
    )
