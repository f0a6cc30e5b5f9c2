"""Money that came back and can't be paid any more: given up by two, after the last day (N49).

Only once the time for another account is over, and only where none waits for the office: who gave
one in time is paid. What is given up stays in the books under its own head.
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from applications import returns
from applications.models import NewAccount
from config import clock
from config.states import Refused, still_open
from config.templatetags.notice import until
from payouts import clerks
from payouts.models import GivingUp, Payout

LONGEST = 200  # characters of a reason


def why_not(payout: Payout, at: datetime) -> str:
    """Why a payout can't be given up at `at`, "" when it can."""
    if payout.state != Payout.State.RETURNED:
        return "振込不能になった支払いではありません。"
    if at < returns.end():
        return f"口座を訂正できる期限（{until(returns.end())}）を過ぎてから起案できます。"
    if waiting(payout):
        return "訂正された口座を確認しています。先に、その口座を確認してください。"
    return ""


def waiting(payout: Payout) -> NewAccount | None:
    """A corrected account for this payout that the office has not decided on."""
    coupons = payout.lines.filter(released_at=None).values("coupon")
    rows = NewAccount.objects.filter(state__in=returns.OPEN)
    return rows.filter(
        application__claims__coupon__in=coupons, application__claims__state="approved"
    ).first()


def propose(payout: Payout, *, reason: str, by: AbstractBaseUser) -> GivingUp:
    """Write it down for another person to decide. Raises Refused, saying why not."""
    at, reason = clock.now(), reason.strip()
    clerks.require(by, payout.prefecture_code)
    if not reason or len(reason) > LONGEST:
        raise Refused(f"支払えない理由を{LONGEST}文字までで入力してください。", "reason")
    with transaction.atomic():
        payout = _held(payout, at)
        try:
            with transaction.atomic():
                return GivingUp.objects.create(
                    payout=payout, reason=reason, prepared_at=at, prepared_by=by
                )
        except IntegrityError as error:
            raise Refused("この支払いは、すでに起案されています。", "again") from error


def approve(row: GivingUp, *, by: AbstractBaseUser) -> Payout:
    """The second person decides: nothing is owed any more. Raises Refused for who proposed it."""
    at = clock.now()
    clerks.require(by, row.payout.prefecture_code)
    with transaction.atomic():
        row = still_open(row)
        if row.prepared_by_id == by.pk:
            raise Refused("起案した人とは別の人が承認してください。", "two_people")
        payout = _held(row.payout, at)
        GivingUp.objects.filter(pk=row.pk).update(approved_at=at, approved_by=by)
        payout.move("given_up", by=by, at=at, reason="given_up")
        payout.lines.update(released_at=at)
        return payout


def drop(row: GivingUp, *, by: AbstractBaseUser) -> None:
    """The payout stays owed. Raises Refused where somebody decided it."""
    at = clock.now()
    clerks.require(by, row.payout.prefecture_code)
    with transaction.atomic():
        GivingUp.objects.filter(pk=still_open(row).pk).update(dropped_at=at)


def _held(payout: Payout, at: datetime) -> Payout:
    """The payout, locked. Raises Refused where it can't be given up."""
    held = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
    if told := why_not(held, at):
        raise Refused(told, "state")
    return held
