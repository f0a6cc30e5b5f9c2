"""The office changes what an application says, for a reason that is kept (N64).

Old and new values stand beside it, the applicant is told, and whatever was amended by the office
is never clean by matching alone: two people decide. Nothing is amended once value moves.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from applications import amendments, channels, ownership, replies, review, sentences
from applications.corrections.answering import Answer
from applications.models import Application, ApplicationStep
from config import clock
from config.states import Refused

OPEN = ("received", "held", "asked")
UNTOLD = ("typed_number",)


@dataclass(frozen=True)
class Difference:
    """One answer as it stands and as it would stand, as stored."""

    field: str
    position: int  # of the coupon; 0 for the application
    old: Any
    new: Any


def amend(
    row: Application, answer: Answer, *, by: AbstractBaseUser, reason: str, text: str = ""
) -> None:
    """Set these answers; the remark is kept as a note. Raises Refused.

    Codes: "reason", "same" (nothing would change), "moved" (checked or decided), "own".
    """
    at = clock.now()
    if reason not in sentences.WHY["amend"]:
        raise Refused("理由を選んでください。", "reason")
    with review.promised():
        review.locked(row, by)
        if ownership.is_own(row, by):
            raise Refused(ownership.OWN, "own")
        if row.state not in OPEN:
            raise Refused(
                "審査済み・決定済みの申請は訂正できません。先に差し戻すか、決定を取り消してください。",
                "moved",
            )
        if not differences(row, answer):
            raise Refused("いまの内容と同じです。訂正するところがありません。", "same")
        old = replies.reach(row)
        amendments.amend(row, answer.values, answer.of_claims, at=at, account=answer.account, by=by)
        ApplicationStep.objects.create(
            of=row, old=row.state, new=row.state, at=at, by=by, reason=f"amend_{reason}"
        )
        review.write_note(row, by, text, at)
        replies.tell_changed(row, old)
        if row.channel and replies.reach(row) != old:
            channels.tell_receipt(row)


def differences(row: Application, answer: Answer) -> list[Difference]:
    """What an answer would change; an account always counts as changed."""
    found = [
        Difference(name, 0, getattr(row, name), value)
        for name, value in answer.values.items()
        if name in amendments.FIELDS and getattr(row, name) != value
    ]
    for claim in row.claims.order_by("position"):
        given = answer.of_claims.get(claim.pk, {})
        found += [
            Difference(name, claim.position, getattr(claim, name), value)
            for name, value in given.items()
            if name not in UNTOLD and getattr(claim, name) != value
        ]
    if answer.account is not None:
        found.append(Difference("bank_account", 0, "", ""))
    return found
