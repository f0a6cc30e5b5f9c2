"""First links after the last ordinary day: each needs a decision, by two people (N36).

Who was approved so late is offered the bank first. Where that stays unanswered, the office gives
the payout an end of its own; then its link goes as any other.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from coupons.sealing import is_sealed
from payouts import clerks, opening
from payouts.models import LateLink, Link, Message, Payout, PayoutStep

LONGEST = timedelta(days=62)  # after the notice's own end


def undecided() -> QuerySet[Payout]:
    """Points payouts whose first link does not go by itself any more; none before that day."""
    late = NOTICE.past_ordinary_links(clock.now(), Postponement.approved())
    if not late or not is_sealed():
        return Payout.objects.none()
    rows = Payout.objects.filter(road="points", receives_until=None)
    held = Message.objects.filter(link__payout=OuterRef("pk"), failure="late_link")
    waiting = rows.filter(state="waiting").exclude(
        Exists(Link.objects.filter(payout=OuterRef("pk")))
    )
    return waiting | rows.filter(Exists(held), state="ready")


def propose(payout: Payout, until: datetime, *, by: AbstractBaseUser, reason: str) -> LateLink:
    """First signature: the link goes, and may be used until just before `until` (JST).

    Raises Refused: no reason, an end that is past, before the notice's or too far, a payout that
    needs no decision, or one that is decided already.
    """
    at = clock.now()
    clerks.require(by, payout.prefecture_code)
    common = opening.common_end()
    if not reason.strip():
        raise Refused("理由を入力してください。", "reason")
    if not max(common, at) <= until <= common + LONGEST:
        raise Refused("受取期限の日を選び直してください。", "until")
    if not undecided().filter(pk=payout.pk).exists():
        raise Refused("この支払いには、個別の受取期限は要りません。", "state")
    try:
        with transaction.atomic():
            return LateLink.objects.create(
                payout=payout,
                until=until,
                reason=reason.strip()[:200],
                prepared_at=at,
                prepared_by=by,
            )
    except IntegrityError as error:
        raise Refused("この支払いは、すでに起案されています。", "taken") from error


def approve(late: LateLink, *, by: AbstractBaseUser) -> None:
    """Second signature, by somebody else: the payout has its own end, and its link goes."""
    at = clock.now()
    with transaction.atomic():
        payout = Payout.objects.select_for_update(of=("self",)).get(pk=late.payout_id)
        row = LateLink.objects.select_for_update(of=("self",)).get(pk=late.pk)
        clerks.require(by, payout.prefecture_code)
        if row.prepared_by_id == by.pk:
            raise Refused("起案した人と承認する人は、別の人でなければなりません。", "two_people")
        if row.approved_at or payout.state not in ("waiting", "ready") or at >= row.until:
            raise Refused("この支払いは、すでに処理が進んでいます。", "moved")
        LateLink.objects.filter(pk=row.pk).update(approved_at=at, approved_by=by)
        Payout.objects.filter(pk=payout.pk).update(receives_until=row.until)
        PayoutStep.objects.create(
            of=payout, old=payout.state, new=payout.state, at=at, by=by, reason="late_link"
        )
        payout.refresh_from_db()
        if payout.state == Payout.State.READY:
            opening.send_link(payout, at)


def withdraw(late: LateLink, *, by: AbstractBaseUser) -> None:
    """Take a proposal back, so that another can be made. Raises Refused where it is approved."""
    clerks.require(by, late.payout.prefecture_code)
    if not LateLink.objects.filter(pk=late.pk, approved_at=None).delete()[0]:
        raise Refused("承認済みのため、取り下げられません。", "approved")
