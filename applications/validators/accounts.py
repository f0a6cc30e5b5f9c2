"""Figures of a bank account (N48): number, type, 記号・番号 of ゆうちょ銀行, holder in katakana."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from applications.validators.kana import katakana
from applications.validators.text import compact, fits, refuse, refuse_fields
from payouts.outbound.zengin import yucho
from payouts.outbound.zengin.kana import LIMIT, NotBankKana, bank_kana

NUMBER_LENGTH = 7
HOLDER_LIMIT = 60
YUCHO_BANK = yucho.BANK_CODE
_SEPARATORS = re.compile(r"[-._/]")
_LOOK_ALIKE = str.maketrans("OoIl|", "00111")


@dataclass(frozen=True)
class Yucho:
    """A Japan Post account as a transfer names it. `looks_right` is the soft check digit."""

    branch_code: str
    branch_name: str
    account_type: str
    account_number: str
    looks_right: bool


def code(value: object) -> str:
    """Digits of a bank or branch code as typed, "" when it is a name."""
    text = _SEPARATORS.sub("", compact(value).translate(_LOOK_ALIKE))
    return text if re.fullmatch(r"\d+", text, re.ASCII) else ""


def account_number(value: object) -> str:
    """Seven digits, shorter ones filled with zeros from the left. Raises ValidationError."""
    text = re.sub(r"^(口座番号|No)[.:]?", "", compact(value), flags=re.I)
    number = _SEPARATORS.sub("", text.translate(_LOOK_ALIKE))
    if not number:
        raise refuse(_("口座番号を入力してください。"), "required")
    if not re.fullmatch(r"\d+", number, re.ASCII):
        raise refuse(_("口座番号を数字で入力してください。"), "not_digits")
    if len(number) > NUMBER_LENGTH:
        raise refuse(
            _(
                "口座番号は7けたまでです。ゆうちょ銀行の通帳の番号は、「ゆうちょ銀行の口座」の"
                "「番号」の欄に入力してください。"
            ),
            "too_long",
        )
    if not int(number):
        raise refuse(_("口座番号をご確認ください。"), "zeros")
    return number.zfill(NUMBER_LENGTH)


def was_filled(value: object, number: str) -> bool:
    """True when zeros were put before what the person typed, so that the page can say so."""
    return len(re.sub(r"\D", "", compact(value))) < len(number)


def yucho_account(symbol: object, number: object, *, savings: bool = False) -> Yucho:
    """Branch, type and number behind 記号 and 番号. Raises ValidationError by field.

    A check digit that does not fit is told by `looks_right`, never refused.
    """
    texts = {"yucho_symbol": compact(symbol), "yucho_number": compact(number)}
    texts = {box: text.translate(_LOOK_ALIKE)[:40] for box, text in texts.items()}
    names = {"yucho_symbol": _("記号"), "yucho_number": _("番号")}
    missing = {
        box: refuse(
            _("ゆうちょ銀行の%(name)sを入力してください。") % {"name": names[box]}, "required"
        )
        for box, text in texts.items()
        if not text
    }
    if missing:
        raise refuse_fields(missing)
    try:
        found = yucho.convert(texts["yucho_symbol"], texts["yucho_number"], savings=savings)
    except yucho.NotYucho as error:
        raise refuse_fields({f"yucho_{error.field}": refuse(error.message_ja)}) from error
    return Yucho(
        found.branch_code,
        found.branch_name,
        found.account_type,
        found.account_number,
        found.looks_right,
    )


def is_cut(holder: str) -> bool:
    """Whether a bank file can carry only the head of a holder's name: a mark for the office."""
    return len(bank_kana(holder)) > LIMIT


def holder_kana(value: object) -> str:
    """The account holder in full-width katakana, provided that a bank file can carry it.

    The page shows this form back to the person. Raises ValidationError.
    """
    text = katakana(value).upper()
    if not text:
        raise refuse(_("口座名義をカタカナで入力してください。"), "required")
    try:
        bank_kana(text)
    except NotBankKana as error:
        raise refuse(error.message_ja, "not_bank_kana") from error
    return fits(text, HOLDER_LIMIT, _("口座名義"))
