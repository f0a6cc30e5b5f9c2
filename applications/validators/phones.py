"""Phone numbers: any Japanese number as the contact, a mobile one for SMS (N27, N28)."""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType

from applications.validators.text import compact, refuse
from config.notice import NOTICE

MISSING = _("電話番号を入力してください。")
WRONG = _("電話番号をご確認ください。市外局番から、数字で入力してください。")
ABROAD = _("日本国内の電話番号を入力してください。")
NO_SMS_HERE = _(
    "050で始まる番号や固定電話ではSMSを受け取れません。"
    "SMSを受け取れる携帯電話番号（060・070・080・090で始まる番号）を入力してください。"
)
OURS = _("これはコールセンターの電話番号です。ご自分の電話番号を入力してください。")

_LOOK_ALIKE = str.maketrans("OoIl|", "00111")
_LABEL = re.compile(r"^(tel|phone|電話(番号)?|携帯(電話)?(番号)?|自宅|mobile)[:.]?", re.I)


def phone(value: object) -> str:
    """Any Japanese number in E.164. Raises ValidationError."""
    return phonenumbers.format_number(_parsed(value), phonenumbers.PhoneNumberFormat.E164)


def mobile(value: object) -> str:
    """A Japanese mobile number, which alone receives SMS, in E.164. Raises ValidationError."""
    number = _parsed(value)
    if phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
        raise refuse(NO_SMS_HERE, "not_mobile")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def takes_sms(value: object) -> bool:
    """Whether this is a mobile number."""
    try:
        return bool(mobile(value))
    except ValidationError:
        return False


def is_phone(value: object) -> bool:
    """Whether this is a number that a Japanese telephone can have."""
    try:
        return bool(_parsed(value))
    except ValidationError as error:
        return error.code == "ours"


def national(e164: str) -> str:
    """A stored number as people in Japan write it: 090-1234-5678."""
    number = phonenumbers.parse(e164, "JP")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _parsed(value: object) -> phonenumbers.PhoneNumber:
    text = _LABEL.sub("", compact(value)).translate(_LOOK_ALIKE)
    text = re.sub(r"[-._/・()\[\]]", "", text)
    if not text:
        raise refuse(MISSING, "required")
    text = re.sub(r"^(\+81|0081|01081)0?", "0", text)
    if re.match(r"\+|00|010", text):
        raise refuse(ABROAD, "abroad")
    if re.fullmatch(r"[789]0\d{8}", text, re.ASCII):  # the leading zero lost in a table
        text = "0" + text
    if not re.fullmatch(r"0\d{9,10}", text, re.ASCII):
        raise refuse(WRONG, "wrong")
    number = phonenumbers.parse(text, "JP")
    if not phonenumbers.is_valid_number(number):
        raise refuse(WRONG, "wrong")
    if text == NOTICE.call_centre.phone.replace("-", ""):
        raise refuse(OURS, "ours")
    return number
