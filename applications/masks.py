"""Answers as they are shown on /status/: enough to know them by, no proof of anything (N58)."""

from django.utils.translation import gettext as _

from applications.models import Application
from applications.summary import place
from applications.validators.banks import written
from applications.validators.phones import national
from config.states import Refused
from payouts import accounts


def masked_number(number: str) -> str:
    """The first four digits of an inquiry number; the last four are a proof."""
    return number[:4] + "＊" * len(number[4:])


def masked_name(name: str) -> str:
    """The first character of a name."""
    return name[:1] + "".join(ch if ch.isspace() else "＊" for ch in name[1:])


def masked_phone(e164: str) -> str:
    """The first group and the last two digits of a phone number."""
    if not e164:
        return ""
    head, _dash, rest = national(e164).partition("-")
    hidden = "".join("＊" if ch.isdigit() else ch for ch in rest[:-2])
    return f"{head}-{hidden}{rest[-2:]}"


def masked_email(address: str) -> str:
    """The first letter and the host of an address."""
    local, at, host = address.rpartition("@")
    return f"{local[:1]}＊＊＊{at}{host}" if at else ""


def masked_contact(channel: str, address: str) -> str:
    """Where messages go, masked."""
    if channel == "email":
        return masked_email(address)
    return masked_phone(address) if channel == "sms" else _("なし（お電話かお手紙でご連絡します）")


def masked_account(row: Application) -> str:
    """Bank, branch and the last three digits of an account."""
    try:
        found = accounts.read(row.bank_account)
    except Refused:
        return ""
    bank = place(written(found.bank_code, found.bank_name), found.bank_code)
    branch = place(found.branch_name, found.branch_code)
    return f"{bank} {branch} ＊＊＊＊{found.account_number[-3:]}"
