"""Postal codes, for letters about a transfer that came back."""

import re

from django.utils.translation import gettext_lazy as _

from applications.validators.text import compact, refuse


def postal_code(value: object) -> str:
    """Seven ASCII digits. Raises ValidationError."""
    text = re.sub(r"[-.〒]", "", compact(value).translate(str.maketrans("OoIl", "0011")))
    if not text:
        raise refuse(_("郵便番号を入力してください。"), "required")
    if not re.fullmatch(r"\d{7}", text, re.ASCII):
        raise refuse(_("郵便番号を7けたの数字で入力してください。（例：420-8601）"))
    return text


def written(code: str) -> str:
    """A stored postal code as it is printed: 420-8601."""
    return f"{code[:3]}-{code[3:]}"
