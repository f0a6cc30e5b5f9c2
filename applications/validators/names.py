"""Names: kept as typed, in any script; nobody's name is wrong."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from applications.validators.text import fits, one_blank, plain, refuse

NAME_LIMIT = 60  # characters
# Unassigned (Cn) are letters newer than this Python; private ones (Co) are 外字.
_LETTERS = ("Lu", "Ll", "Lt", "Lm", "Lo", "Cn", "Co")


def name(value: object, label: str = _("お名前")) -> str:
    """The name as typed, without invisible characters. Raises ValidationError.

    Refused: nothing at all, no letter in it, more than 60 characters.
    """
    text = one_blank(plain(value))
    if not text:
        raise refuse(_("%(name)sを入力してください。") % {"name": label}, "required")
    if not any(unicodedata.category(character) in _LETTERS for character in text):
        raise refuse(_("%(name)sを文字で入力してください。") % {"name": label}, "no_letters")
    return fits(text, NAME_LIMIT, label)
