"""The office sends a personal link anew: to who locked theirs, or lost it (N70).

Also to who received already: until the end the code is seen again by the new link.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from config import clock, limits
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import clerks, opening
from payouts.models import Payout, PayoutStep

DAY = timedelta(days=1)
RESENDS = 3  # links made anew by the office, a payout and a day
REASONS = {
    "resend_locked": "確認の回数の上限に達した",
    "resend_lost": "メール・SMSが見当たらない、消した",
    "resend_broken": "URLが途中で切れて開けない",
    "resend_seen": "ほかの人に見られたおそれがある",
}
NO_LINK = {  # states in which no link is sent: why
    "waiting": "支払いの準備がまだできていません。準備ができると、受取用URLは自動で送られます。",
    "nothing_due": "残額がないため、お受け取りいただくものはありません。",
    "issuing": "コードを発行しています。発行が終わると、同じURLでコードをご覧になれます。",
    "lapsed": "受取期限を過ぎているため、受取用URLは送れません。",
    "cancelled": "取り消された支払いです。",
}


def resend(payout: Payout, *, by: AbstractBaseUser, reason: str) -> datetime:
    """Make a link anew for somebody who lost or locked theirs (N70); the one before dies.

    Returns when the message goes. Written into the payout's history. Raises Refused where nothing
    is there to be received, or the payout had RESENDS of them in a day.
    """
    at, extended = clock.now(), Postponement.approved()
    clerks.require(by, payout.prefecture_code)
    if reason not in REASONS:
        raise Refused("理由を選んでください。", "reason")
    with transaction.atomic():
        row = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
        why_not(row, at, extended)
        if limits.hit("office_resend", str(row.pk), DAY) > RESENDS:
            raise Refused(f"この支払いの受取用URLは、1日に{RESENDS}回まで送れます。", "limit")
        PayoutStep.objects.create(of=row, old=row.state, new=row.state, at=at, by=by, reason=reason)
        opening.send_link(row, at)
    return NOTICE.next_link_moment(at, extended)


def why_not(payout: Payout, at: datetime, extended: Mapping[str, datetime]) -> None:
    """Raises Refused, saying why, where no link can be sent for this payout."""
    if payout.road != Payout.Road.POINTS:
        raise Refused("口座振込の支払いには、受取用URLがありません。", "road")
    if payout.state in NO_LINK:
        raise Refused(NO_LINK[payout.state], "state")
    end = NOTICE.end_of("receiving_closes", extended)
    if at >= max(end, payout.receives_until or end):
        raise Refused("受取期限を過ぎているため、受取用URLは送れません。", "late")


def can(payout: Payout) -> bool:
    """Whether a link can be sent for this payout now."""
    try:
        why_not(payout, clock.now(), Postponement.approved())
    except Refused:
        return False
    return True
