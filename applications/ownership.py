"""Nobody of the office decides on their own application (N65)."""

from typing import Any

from applications.models import Application
from config.states import Refused
from payouts.links import kana_key

OWN = "ご自身の申請と思われるため、処理できません。別の担当者に引き継いでください。"
ENTERED = "代行入力した申請は、ご自身では審査・承認できません。別の担当者に引き継いでください。"


def is_own(row: Application, user: Any) -> bool:
    """Whether the applicant may be this clerk: the same address, or the same whole name."""
    email = (user.email or "").strip().casefold()
    if email and email in (row.email.casefold(), row.delivery.casefold()):
        return True
    if not (user.last_name and user.first_name):
        return False
    name = kana_key(f"{user.last_name}{user.first_name}")
    return name in (kana_key(row.name), kana_key(row.kana))


def forbid(row: Application, user: Any) -> None:
    """Raises Refused where the case is this clerk's own, or was entered by them."""
    if row.entered_by_id == user.pk:
        raise Refused(ENTERED, "two_people")
    if is_own(row, user):
        raise Refused(OWN, "own")
