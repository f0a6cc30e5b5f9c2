"""The inquiry number of a paper coupon (地域クーポン（紙）のお問合せ番号), N61."""

import re

from applications.validators.text import compact, refuse
from config.notice import NOTICE

WHERE = "地域クーポン（紙）に印刷されている「お問合せ番号」をご確認ください。"

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
        raise refuse(f"お問合せ番号を入力してください。{WHERE}", "required")
    if _is_phone(compact(value), number):
        raise refuse(f"電話番号が入力されているようです。{WHERE}", "phone")
    strange = re.search(r"[^0-9]", number)
    if strange:
        raise refuse(
            f"「{strange[0]}」は数字ではないようです。お問合せ番号を数字で入力してください。",
            "not_digits",
        )
    length = NOTICE.inquiry_number_length
    if len(number) < length:
        raise refuse(f"お問合せ番号の数字が足りないようです。{WHERE}", "too_short")
    if len(number) >= 2 * length:
        raise refuse("お問合せ番号は、1つの欄に1枚分を入力してください。", "several")
    if len(number) > length:
        raise refuse(f"お問合せ番号の数字が多いようです。{WHERE}", "too_long")
    if not re.fullmatch(NOTICE.inquiry_number_pattern, number):
        raise refuse(f"この番号はお問合せ番号の形と違うようです。{WHERE}", "pattern")
    return number


def _is_phone(typed: str, number: str) -> bool:
    """Written abroad's way, or ten or eleven digits where a number of ours has another length."""
    if not re.fullmatch(r"\d+", number, re.ASCII):
        return False
    in_length = len(number) in (10, 11) and len(number) != NOTICE.inquiry_number_length
    return in_length or typed.startswith("+")
