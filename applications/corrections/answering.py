"""The applicant's answer to what was asked: kept with the old values, matched, back to the office.

It belongs to an application that came in time, so the deadline does not bind it (N57); its own end
does. What the answer holds is judged by the forms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from applications import amendments, channels, replies
from applications.answers import AccountAnswer
from applications.corrections import asking
from applications.models import Application, ApplicationStep, Correction
from applications.review import FREE, UNSIGNED, locked, promised
from config import clock
from config.states import Refused

BY_APPLICANT = "corrected_by_applicant"


@dataclass(frozen=True)
class Answer:
    """What the forms made of the typed values: of the application, of its claims, the account."""

    values: Mapping[str, Any] = field(default_factory=dict)
    of_claims: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    account: AccountAnswer | None = None


def complete(link: Correction, answer: Answer, *, arrived_at: datetime) -> Application:
    """Take the answer to a question that arrived at `arrived_at` (JST) before its end.

    The application is received again, whatever stood before the check; the old values are kept.
    Raises Refused: over, answered before, or nothing to correct any more.
    """
    at = clock.now()
    with promised():
        row = Application.objects.get(pk=link.application_id)
        locked(row, None)
        link.refresh_from_db()
        if link.replaced_at or link.answered_at:
            raise Refused(_("この入力は、すでに受け付けています。"), "answered")
        if arrived_at >= link.due_at:
            raise Refused(_("入力の期限を過ぎました。"), "late")
        take(row, answer, at)
        Correction.objects.filter(pk=link.pk).update(answered_at=at)
        return row


def complete_number(row: Application, answer: Answer, *, arrived_at: datetime) -> Application:
    """Take the number that was to follow, from a person who proved themselves at /status/ (N30)."""
    at = clock.now()
    with promised():
        locked(row, None)
        if not asking.takes_number(row, arrived_at):
            raise Refused(_("番号の入力の期限を過ぎたか、入力はもう必要ありません。"), "late")
        asked = row.state == Application.State.ASKED
        take(row, answer, at, stays=asked)
        link = asking.live_of(row)
        if link and not asked and not asking.owed_items(row):
            Correction.objects.filter(pk=link.pk).update(answered_at=at)
        return row


def take(row: Application, answer: Answer, at: datetime, *, stays: bool = False) -> None:
    """Change a locked application by an answer and give it to the office anew; tell its owner.

    `stays`: another question of the office is still open, so the application goes on waiting.
    """
    if row.state in (Application.State.DECIDED, Application.State.WITHDRAWN):
        raise Refused(_("この申請は、いま変更できません。"), "moved")
    old = replies.reach(row)
    if stays or row.state == Application.State.RECEIVED:
        note_step(row, BY_APPLICANT, at)
    else:
        row.move("received", at=at, reason=BY_APPLICANT, **UNSIGNED | FREE)
    amendments.amend(row, answer.values, answer.of_claims, at=at, account=answer.account)
    replies.tell_changed(row, old)
    if replies.reach(row) != old:
        channels.tell_receipt(row)


def note_step(row: Application, reason: str, at: datetime) -> None:
    """History for what changed without a change of state."""
    ApplicationStep.objects.create(of=row, old=row.state, new=row.state, at=at, reason=reason)
