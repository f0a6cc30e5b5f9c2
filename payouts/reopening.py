"""A payout that lapsed is opened again, for a reason, until an end of its own (N78).

One person prepares it, another approves it; the person gets a new link. Only as long as a brand can
still pay the amount with codes that outlive the new end.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from config import clock
from config.states import Refused, still_open
from payouts import clerks, gifts, opening
from payouts.models import Payout, Reopening

LONGEST = timedelta(days=60)  # from now; what takes longer is a case for the bank road


def prepare(payout: Payout, *, until: datetime, reason: str, by: AbstractBaseUser) -> Reopening:
    """Write a new end down for another person to approve. Raises Refused, saying why not."""
    at, reason = clock.now(), reason.strip()
    clerks.require(by, payout.prefecture_code)
    if not reason:
        raise Refused("再開する理由を入力してください。", "reason")
    if len(reason) > 200:
        raise Refused("理由は200文字までで入力してください。", "reason")
    require(payout, until, at)
    try:
        with transaction.atomic():
            return Reopening.objects.create(
                payout=payout, until=until, reason=reason, prepared_at=at, prepared_by=by
            )
    except IntegrityError as error:
        raise Refused("この支払いの再開は、すでに起案されています。", "again") from error


def approve(row: Reopening, *, by: AbstractBaseUser) -> Payout:
    """Open the payout again and send a new link. Raises Refused for who prepared it."""
    at = clock.now()
    clerks.require(by, row.payout.prefecture_code)
    with transaction.atomic():
        row = still_open(row)
        if row.prepared_by_id == by.pk:
            raise Refused("起案した人とは別の人が承認してください。", "two_people")
        payout = Payout.objects.select_for_update(of=("self",)).get(pk=row.payout_id)
        require(payout, row.until, at)
        Reopening.objects.filter(pk=row.pk).update(approved_at=at, approved_by=by)
        payout.move("ready", by=by, at=at, reason="reopened", receives_until=row.until)
        opening.send_link(payout, at)
    return payout


def drop(row: Reopening, *, by: AbstractBaseUser) -> None:
    """Leave a payout lapsed. Raises Refused where somebody decided it."""
    at = clock.now()
    clerks.require(by, row.payout.prefecture_code)
    with transaction.atomic():
        row = still_open(row)
        Reopening.objects.filter(pk=row.pk).update(dropped_at=at)


def require(payout: Payout, until: datetime, at: datetime) -> None:
    """Raises Refused where a payout can't be opened again until this end."""
    if payout.state != Payout.State.LAPSED:
        raise Refused("受取期限切れの支払いではありません。", "state")
    if not at < until <= at + LONGEST:
        raise Refused(f"新しい期限は、明日から{LONGEST.days}日以内の日を選んでください。", "until")
    payout.receives_until = until
    if not any(offer.parts for offer in gifts.offers(payout)):
        raise Refused(
            "新しい期限までお渡しできるポイントがありません。在庫と有効期限をお確かめください。",
            "stock",
        )
