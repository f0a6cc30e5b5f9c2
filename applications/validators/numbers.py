"""The inquiry number of a paper coupon (地域クーポン（紙）のお問合せ番号), N61."""

import re

from django.utils.translation import gettext_lazy as _

from applications.validators.phones import is_phone
from applications.validators.text import compact, refuse
from config.notice import NOTICE

WHERE = _("地域クーポン（紙）に印刷されている「お問合せ番号」をご確認ください。")

# What the eye and the keyboard mix up with digits; a number holds no letters.
LOOK_ALIKE = str.maketrans("Oo〇○◯Il|!", "000001111")
_LABEL = re.compile(
    r"^(地域ク-ポン)?(\(紙\))?(の)?(お)?問い?合わ?せ?(番号)?[:.]?|^No[.:]?|^#", re.I
)


def digits(value: object) -> str:
    """Digits in any width with O, I and l read as 0 and 1; separators and a label dropped."""
    text = _LABEL.sub("", compact(value))
    return re.sub(r"[-._/・,()\[\]+]", "", text.translate(LOOK_ALIKE))


def inquiry_number(value: object) -> str:
    """The stored form of an inquiry number (ASCII digits). Raises ValidationError.

    A phone number typed here, the commonest mistake, is called by its name.
    """
    number = digits(value)
    if not number:
        raise refuse(_("お問合せ番号を入力してください。%(where)s") % {"where": WHERE}, "required")
    if _is_phone(compact(value), number):
        raise refuse(_("電話番号が入力されているようです。%(where)s") % {"where": WHERE}, "phone")
    if re.search("[一二三四五六七八九十]", number):
        raise refuse(
            _("お問合せ番号を、「1」「2」のような算用数字で入力してください。"), "not_digits"
        )
    strange = re.search(r"[^0-9]", number)
    if strange:
        raise refuse(
            _("「%(character)s」は数字ではないようです。お問合せ番号を数字で入力してください。")
            % {"character": strange[0]},
            "not_digits",
        )
    length = NOTICE.inquiry_number_length
    if len(number) < length:
        raise refuse(
            _("お問合せ番号の数字が足りないようです。%(where)s") % {"where": WHERE}, "too_short"
        )
    if len(number) >= 2 * length:
        raise refuse(_("お問合せ番号は、1つの欄に1枚分を入力してください。"), "several")
    if len(number) > length:
        raise refuse(
            _("お問合せ番号の数字が多いようです。%(where)s") % {"where": WHERE}, "too_long"
        )
    if not re.fullmatch(NOTICE.inquiry_number_pattern, number):
        raise refuse(
            _("この番号はお問合せ番号の形と違うようです。%(where)s") % {"where": WHERE}, "pattern"
        )
    return number


def _is_phone(typed: str, number: str) -> bool:
    """Written abroad's way, or a valid Japanese number where ours have another length."""
    if not re.fullmatch(r"\d+", number, re.ASCII):
        return False
    if typed.startswith("+"):
        return True
    in_length = len(number) in (10, 11) and len(number) != NOTICE.inquiry_number_length
    return in_length and number.startswith("0") and is_phone(number)
