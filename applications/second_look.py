"""The second look: a third person agrees with a drawn decision, or sends it back (N63)."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from applications import ownership, review
from applications.models import Application, SecondLook
from config import clock
from config.states import Refused
from payouts import clerks
from payouts.models import Payout

THIRD = "審査・承認・代行入力をした人は、二次確認をできません。別の担当者が確認してください。"
OVER = "この二次確認は、もう終わっています。画面を開き直してください。"


def agree(look: SecondLook, *, by: AbstractBaseUser, text: str = "") -> None:
    """The third person would have decided alike; the payout goes its way. Raises Refused."""
    at = clock.now()
    with review.promised():
        row = opened(look, by)
        settle(look, SecondLook.Verdict.AGREED, by, at)
        if look.payout_id:
            Payout.objects.filter(pk=look.payout_id, second_look=True).update(second_look=False)
        review.write_note(row, by, text, at)


def disagree(look: SecondLook, *, by: AbstractBaseUser, text: str) -> None:
    """The decision is taken back and the case begins anew; why is kept as a note. Raises Refused.

    Nothing has been paid: the payout waited.
    """
    at = clock.now()
    if not review.written(text):
        raise Refused("同意しない理由を入力してください。", "empty")
    with review.promised():
        row = opened(look, by)
        settle(look, SecondLook.Verdict.DISAGREED, by, at)
        review.revoke(row, by=by, reason="second_look", text=text)


def opened(look: SecondLook, by: AbstractBaseUser) -> Application:
    """The case of a look that this person may settle. Raises Refused."""
    look.refresh_from_db(from_queryset=SecondLook.objects.select_for_update(of=("self",)))
    clerks.require(by, look.prefecture_code)
    if look.verdict != SecondLook.Verdict.OPEN:
        raise Refused(OVER, "moved")
    if by.pk in people(look):
        raise Refused(THIRD, "third_person")
    ownership.forbid(look.application, by)
    return look.application


def people(look: SecondLook) -> set[int | None]:
    """Who had a part in the decision."""
    return {look.checked_by_id, look.entered_by_id, look.decided_by_id}


def settle(look: SecondLook, verdict: str, by: AbstractBaseUser, at: datetime) -> None:
    """Write the verdict, once."""
    rows = SecondLook.objects.filter(pk=look.pk, verdict=SecondLook.Verdict.OPEN)
    if not rows.update(verdict=verdict, by=by, at=at):
        raise Refused(OVER, "moved")
