"""Calling a transfer back (組戻): asked by one, confirmed by another, then what the bank answered.

The receiver's bank needs the receiver's consent, so that it can be refused. What comes back is
owed again like any return.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from config import clock
from config.states import Refused, still_open
from payouts import clerks, results
from payouts.models import Recall, Transfer

LONGEST = 200  # characters of a reason
SENT = ("handed_over", "paid")


def ask(transfer: Transfer, *, reason: str, by: AbstractBaseUser) -> Recall:
    """Propose to call a transfer back. Raises Refused without a reason, or where it is not sent."""
    at, reason = clock.now(), reason.strip()
    clerks.require(by, transfer.prefecture_code)
    if not reason or len(reason) > LONGEST:
        raise Refused(f"組戻しの理由を{LONGEST}文字までで入力してください。", "reason")
    with transaction.atomic():
        held = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)
        if held.state not in SENT:
            raise Refused("銀行へ引き渡した振込だけを組み戻せます。", "state")
        try:
            with transaction.atomic():
                return Recall.objects.create(transfer=held, reason=reason, asked_at=at, asked_by=by)
        except IntegrityError as error:
            raise Refused("この振込の組戻しは、すでに起案されています。", "again") from error


def confirm(recall: Recall, *, by: AbstractBaseUser) -> Recall:
    """The second person: from here the bank is asked. Raises Refused for who proposed it."""
    at = clock.now()
    with transaction.atomic():
        row = _open(recall, by)
        if row.asked_by_id == by.pk:
            raise Refused("起案した人とは別の人が確認してください。", "two_people")
        if row.confirmed_at:
            raise Refused("すでに確認済みです。", "moved")
        if row.transfer.state not in SENT:
            raise Refused("この振込は、すでに戻っています。起案を取りやめてください。", "state")
        Recall.objects.filter(pk=row.pk).update(confirmed_at=at, confirmed_by=by)
        return row


def drop(recall: Recall, *, by: AbstractBaseUser) -> None:
    """Leave the transfer as it is. Raises Refused once the bank has been asked."""
    at = clock.now()
    with transaction.atomic():
        row = _open(recall, by)
        if row.confirmed_at:
            raise Refused("銀行へ依頼済みです。結果を記帳してください。", "confirmed")
        Recall.objects.filter(pk=row.pk).update(dropped_at=at)


def conclude(recall: Recall, outcome: str, *, by: AbstractBaseUser) -> Recall:
    """What the bank answered; what came back is returned from here.

    Raises Refused before the second person has confirmed.
    """
    at = clock.now()
    if outcome not in Recall.Outcome.values:
        raise Refused("組戻しの結果を選んでください。", "outcome")
    with transaction.atomic():
        row = _open(recall, by)
        if not row.confirmed_at:
            raise Refused("別の担当者の確認がまだです。", "confirmed")
        came_back = outcome == Recall.Outcome.CAME_BACK
        if row.transfer.state == "returned" and not came_back:
            raise Refused("この振込は、すでに振込不能として記帳されています。", "state")
        if row.transfer.state in SENT and came_back:
            held, state = [row.transfer], row.transfer.state
            results.move(held, state, "returned", by=by, at=at, reason=results.RECALLED)
        Recall.objects.filter(pk=row.pk).update(outcome=outcome, outcome_at=at, outcome_by=by)
        return row


def state_of(recall: Recall) -> str:
    """The office's word for how far a recall is."""
    if recall.outcome:
        return recall.get_outcome_display()
    if recall.dropped_at:
        return "取りやめ"
    return "銀行へ依頼中" if recall.confirmed_at else "確認待ち"


def _open(recall: Recall, by: AbstractBaseUser) -> Recall:
    """The row and then its transfer, locked. Raises Refused where somebody decided it."""
    clerks.require(by, recall.transfer.prefecture_code)
    row = still_open(recall, "outcome_at")
    row.transfer = Transfer.objects.select_for_update(of=("self",)).get(pk=row.transfer_id)
    return row
