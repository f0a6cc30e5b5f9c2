"""What an applicant may still change: road, account, contact; and taking it back (N50, N57).

Before the decision the application changes. After it, while nothing is issued or listed, only what
both signatures have seen may change by itself: from the bank to points at the contact on record.
Any other place for the value sends the case back to the office, where two people decide it anew.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from applications import amendments, channels, periods, replies, returns, review
from applications.answers import AccountAnswer
from applications.corrections import asking
from applications.corrections.answering import note_step
from applications.models import Application
from applications.review import FREE, UNSIGNED, locked, promised
from config import clock, limits
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import opening, roads
from payouts.models import Payout

BY_APPLICANT = "changed_by_applicant"
MARK = "changed_after"  # decided once, and changed by the applicant since
RESENDS, DAY = 3, timedelta(days=1)
State = Application.State


@dataclass(frozen=True)
class Wish:
    """The way of receiving that is wanted now; `holder`: the other answers of the bank's step."""

    method: str
    channel: str
    delivery: str
    account: AccountAnswer | None = None
    holder: dict[str, Any] = field(default_factory=dict)


def changeable(row: Application, at: datetime) -> bool:
    """Whether the way of receiving may still be changed at `at` (Q2: until receiving closes)."""
    try:
        _judge(row, _payouts(row), at, NOTICE.end_of("receiving_closes", periods.extended()))
    except Refused:
        return False
    return True


def change_road(row: Application, wish: Wish, *, arrived_at: datetime) -> Application:
    """Change the way of receiving, so that never both roads are alive. Raises Refused.

    Codes: "same" (nothing would change), "late", "moved" (taken back, issued or in a batch),
    "contact" (after the decision only the contact differs: that goes by a checked request),
    "one_road" (the notice pays by points alone).
    """
    at = clock.now()
    with promised():
        locked(row, None)
        payouts = _payouts(row, lock=True)
        _judge(row, payouts, arrived_at, _end())
        old, values = replies.reach(row), _values(row, wish)
        if wish.account is None and all(getattr(row, key) == values[key] for key in values):
            raise Refused(_("いまの内容と同じです。変更するところがありません。"), "same")
        if row.state == State.DECIDED and payouts:
            _after_decision(row, payouts, wish, values, at)
        elif row.state == State.CHECKED:
            row.move("received", at=at, reason=BY_APPLICANT, **UNSIGNED | FREE)
            amendments.amend(row, values, at=at, account=wish.account)
        else:
            note_step(row, BY_APPLICANT, at)
            amendments.amend(row, values, at=at, account=wish.account)
        replies.tell_changed(row, old)
        if row.channel and replies.reach(row) != old:
            channels.tell_receipt(row)
        return row


def withdraw(row: Application) -> Application:
    """Take the application back before its decision, at the applicant's own wish (N57).

    Raises Refused where it is decided or was taken back before.
    """
    at = clock.now()
    with promised():
        locked(row, None)
        if not withdrawable(row):
            raise Refused(_("決定のあとは、ここで取り下げられません。"), "moved")
        if row.state == State.CHECKED:
            row.move("received", at=at, reason=BY_APPLICANT, **UNSIGNED | FREE)
        review.withdraw(row, by=None, reason="by_applicant")
        row.corrections.filter(replaced_at=None).update(replaced_at=at)
        replies.tell_changed(row, replies.reach(row), "withdrawn")
        return row


def withdrawable(row: Application) -> bool:
    """Whether the applicant may take it back: nothing decided yet."""
    return row.state not in (State.DECIDED, State.WITHDRAWN)


def send_again(row: Application) -> str:
    """The link that is open now, as a new one by the channel on record; the old one dies.

    Gives its kind: "link" or "correct". Raises Refused: nothing is open, or it was asked for too
    often today, or the receiving link is locked, which only the office opens.
    """
    at = clock.now()
    with promised():
        locked(row, None)
        kind = sendable(row, at)
        if not kind:
            raise Refused(_("お送りできるご案内は、いまありません。"), "nothing")
        if limits.hit("resend", str(row.pk), DAY) > RESENDS:
            raise Refused(_("再送は1日3回までです。明日もう一度お試しください。"), "limit")
        if kind == "correct":
            asking.again(row, at)
        for payout in _payouts(row, lock=True) if kind == "link" else ():
            if payout.links.filter(replaced_at=None, locked_at__isnull=False).exists():
                raise Refused(
                    _("受取用URLは安全のために止まっています。コールセンターへお電話ください。"),
                    "locked",
                )
            opening.send_link(payout, at)
        return kind


def sendable(row: Application, at: datetime) -> str:
    """What could be sent again now: "link" (receiving), "correct", or "" for nothing."""
    if row.channel and asking.open_of(row, at):
        if row.state == State.DECIDED:
            return "correct" if returns.link_of(row, at) else ""
        return "correct" if row.state != State.WITHDRAWN else ""
    ready = [
        payout
        for payout in _payouts(row)
        if (payout.state, payout.road) == ("ready", "points")
        and payout.channel in ("sms", "email")
        and at < opening.receives_until(payout)
    ]
    return "link" if ready else ""


def _end() -> datetime:
    return NOTICE.end_of("receiving_closes", Postponement.approved())


def _payouts(row: Application, *, lock: bool = False) -> list[Payout]:
    """The live payouts behind an application's coupons."""
    rows = Payout.objects.filter(pk__in=row.claims.filter(state="approved").values("payout"))
    return list((rows.select_for_update(of=("self",)) if lock else rows).order_by("pk"))


def _judge(row: Application, payouts: list[Payout], at: datetime, end: datetime) -> None:
    """Raises Refused where the way of receiving can't be changed any more, or never could."""
    if not NOTICE.bank_road:
        raise Refused(_("受取方法は、ポイントだけです。"), "one_road")
    if at >= end:
        raise Refused(_("受取方法を変更できる期限を過ぎました。"), "late")
    gone = any(payout.state not in roads.MOVABLE for payout in payouts)
    nothing = row.state == State.DECIDED and not payouts
    if row.state == State.WITHDRAWN or gone or nothing:
        raise Refused(_("支払いの手続きが進んでいるため、受取方法を変更できません。"), "moved")


def _values(row: Application, wish: Wish) -> dict[str, Any]:
    """The answers that the wish sets. What the bank's step asked is forgotten with its road."""
    values = {"method": wish.method, "channel": wish.channel, "delivery": wish.delivery}
    if wish.method == Application.Method.POINTS:
        blank = {"bank_account": None, "holder_relation": "", "holder_consent": False}
        return values | blank
    return values | wish.holder


def _after_decision(
    row: Application,
    payouts: list[Payout],
    wish: Wish,
    values: dict[str, Any],
    at: datetime,
) -> None:
    """Move the payouts where nothing new has to be approved; else give the case back."""
    known = (wish.channel, wish.delivery) == (row.channel, row.delivery)
    if wish.method == Application.Method.POINTS and row.method == wish.method:
        raise Refused(
            _("配信先だけの変更は、「配信先を変えたいとき」からお申し出ください。"), "contact"
        )
    if wish.method == Application.Method.POINTS and known and wish.channel:
        for payout in payouts:
            roads.to_points(payout, at=at, reason="to_points")
        note_step(row, BY_APPLICANT, at)
        amendments.amend(row, values, at=at)
        return
    review.revoke(row, by=None, reason="method")
    amendments.amend(row, values, at=at, account=wish.account, mark=MARK)
