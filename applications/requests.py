"""Wishes to be reached elsewhere: asked on the site, checked by one clerk, approved by another.

The same for app holders, who have no application: their wish is stored whatever it says, and the
answer to it is always the same.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from applications import amendments, channels, replies, review
from applications.corrections.answering import note_step
from applications.models import Application, ChangeRequest
from applications.receipts import written
from config import clock, limits
from config.states import Refused
from payouts import clerks, roads
from payouts.models import Payout

A_DAY, DAY = 3, timedelta(days=1)
FROM_ONE, ALL_A_DAY = 30, 2000  # wishes of app holders from one address, and of all
REASON = "to_contact"
DISMISSALS = {
    "unreached": "ご本人と連絡がとれない",
    "not_confirmed": "ご本人と確認できない",
    "no_need": "変更の必要がなくなった",
    "app_unknown": "アプリの登録と一致しない",
}
TWO_PEOPLE = "確認した人は承認できません。別の担当者が承認してください。"


def ask(row: Application, channel: str, contact: str) -> ChangeRequest:
    """An applicant's wish, after the proof. Raises Refused: the same contact, or too often."""
    at = clock.now()
    if contact == row.delivery:
        raise Refused(_("いまの配信先と同じです。"), "same")
    if limits.hit("request", f"application:{row.pk}", DAY) > A_DAY:
        raise Refused(_("お申し出は1日3回までです。明日もう一度お試しください。"), "limit")
    return ChangeRequest.objects.create(
        application=row,
        prefecture_code=row.prefecture_code,
        name=row.name,
        old_contact=row.delivery,
        channel=channel,
        contact=contact,
        made_at=at,
    ).begin(at=at)


def ask_for_app_holder(said: Mapping[str, str], address: str = "") -> None:
    """An app holder's wish: stored only, unless the same number or address asks too often today.

    `said`: prefecture_code, inquiry_number, name, old_contact, channel, delivery, in stored form.
    """
    at, number = clock.now(), said["inquiry_number"]
    alone = limits.hit("request", f"number:{number}", DAY)
    near = limits.hit("request_from", address, DAY)
    if alone > A_DAY or near > FROM_ONE or limits.hit("request_all", "", DAY) > ALL_A_DAY:
        return
    ChangeRequest.objects.create(
        prefecture_code=said["prefecture_code"],
        inquiry_number=number,
        name=said["name"],
        old_contact=said["old_contact"],
        channel=said["channel"],
        contact=said["delivery"],
        made_at=at,
    ).begin(at=at)


def check(wish: ChangeRequest, *, by: AbstractBaseUser) -> ChangeRequest:
    """First signature: the office has made sure who asks."""
    clerks.require(by, wish.prefecture_code)
    return wish.move("checked", by=by, checked_by=by)


def dismiss(wish: ChangeRequest, *, by: AbstractBaseUser, reason: str) -> ChangeRequest:
    """Put a wish aside that can't be followed. Raises Refused without a coded reason."""
    clerks.require(by, wish.prefecture_code)
    if reason not in DISMISSALS:
        raise Refused("理由を選んでください。", "reason")
    return wish.move("dismissed", by=by, reason=reason)


def approve(wish: ChangeRequest, *, by: AbstractBaseUser) -> ChangeRequest:
    """Second signature: the contact changes, the old link dies and a new one goes out.

    Raises Refused: the same person, or a payout that is missing or has gone.
    """
    at = clock.now()
    clerks.require(by, wish.prefecture_code)
    with review.promised():
        if wish.checked_by_id == by.pk:
            raise Refused(TWO_PEOPLE, "two_people")
        if wish.application_id:
            _of_application(wish, by)
        else:
            _of_app_holder(wish, by)
        return wish.move("done", by=by, at=at, approved_by=by)


def _of_application(wish: ChangeRequest, by: AbstractBaseUser) -> None:
    at, row = clock.now(), wish.application
    review.locked(row, by)
    if row.state == Application.State.WITHDRAWN:
        raise Refused("取下げの申請です。", "moved")
    old = replies.reach(row)
    values = {"channel": wish.channel, "delivery": wish.contact}
    approved = list(row.claims.filter(state="approved").select_related("payout"))
    note_step(row, REASON, at)
    amendments.amend(row, values, at=at, by=by)
    payouts = {claim.payout_id: claim.payout for claim in approved if claim.payout}
    for payout in payouts.values():
        proofs = review.proofs(row, [claim for claim in approved if claim.payout_id == payout.pk])
        roads.to_contact(
            payout,
            wish.channel,
            wish.contact,
            proofs,
            phone_proof=review.phone_proves(row),
            at=at,
            by=by,
            reason=REASON,
        )
    replies.tell_changed(row, old)
    channels.tell_receipt(row)


def _of_app_holder(wish: ChangeRequest, by: AbstractBaseUser) -> None:
    """An app holder's payout asks for the number's end from here on: the app vouched for the old
    contact only."""
    at = clock.now()
    payouts = Payout.objects.filter(
        origin=Payout.Origin.APP_HOLDER,
        state__in=roads.MOVABLE,
        prefecture_code=wish.prefecture_code,
        lines__coupon__inquiry_number=wish.inquiry_number,
        lines__released_at=None,
    )
    payout = payouts.distinct().first()
    if payout is None:
        raise Refused("このお問合せ番号の、アプリ会員への支払いは見つかりません。", "missing")
    numbers = payout.lines.values_list("coupon__inquiry_number", flat=True)
    proofs = [number[-4:] for number in numbers]
    roads.to_contact(payout, wish.channel, wish.contact, proofs, at=at, by=by, reason=REASON)


def heading(wish: ChangeRequest) -> str:
    """What a wish is about, for the office's lists."""
    row = wish.application
    return f"申請 {written(row.receipt_number)}" if row else f"アプリ会員 {wish.inquiry_number}"


def why(reason: str) -> str:
    """The office's words for a reason in a wish's history."""
    return DISMISSALS.get(reason, reason)
