"""What two people decided about a late movement goes the road that its coupon is on (N43).

More: with a payout that still waits, else by a payout of its own to the same person. Less: only
while it is unpaid, beside what it takes from; a ready payout waits again until its new amount is
fixed. Where nothing is on its way yet, the next application or app-holder run takes all editions.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Sum

from config import clock
from config.states import Refused
from coupons import supplements
from coupons.models import LateMovement, SealedItem
from payouts import clerks, opening
from payouts.models import Payout, PayoutLine

State = Payout.State
UNPAID = (State.WAITING, State.READY)


def decide(row: LateMovement, *, by: AbstractBaseUser) -> SealedItem | None:
    """Second signature, and the payout that follows from it, in one transaction. Raises Refused.

    Returns the new edition, or None where nothing changes, or not before a second look.
    """
    clerks.require(by, row.prefecture_code)
    with transaction.atomic():
        return carried(supplements.decide(row, by=by))


def look(row: LateMovement, *, agrees: bool, by: AbstractBaseUser) -> SealedItem | None:
    """A third person's look at a drawn decision; with it the payout follows, not before."""
    clerks.require(by, row.prefecture_code)
    with transaction.atomic():
        return carried(supplements.look(row, agrees=agrees, by=by))


def carried(item: SealedItem | None) -> SealedItem | None:
    """The new edition, put on its way."""
    if item is not None:
        carry(item, by=item.approved_by)
    return item


def propose(
    row: LateMovement, *, accepts: bool, refusal: str = "", by: AbstractBaseUser
) -> LateMovement:
    """First signature, of somebody of the coupon's office."""
    clerks.require(by, row.prefecture_code)
    return supplements.propose(row, accepts=accepts, refusal=refusal, by=by)


def send_back(row: LateMovement, *, by: AbstractBaseUser) -> LateMovement:
    """Return a proposal, by somebody of the coupon's office."""
    clerks.require(by, row.prefecture_code)
    return supplements.send_back(row, by=by)


def carry(item: SealedItem, *, by: AbstractBaseUser) -> Payout | None:
    """Put a new edition on its way; None where its coupon is on no road yet."""
    standing = PayoutLine.objects.filter(coupon=item.coupon_id, released_at=None)
    rows = Payout.objects.filter(pk__in=standing.values("payout"))
    live = list(rows.select_for_update(of=("self",)).order_by("-pk"))
    if not live:
        return None
    if item.yen < 0:
        return take_away(item, live)
    waiting = next((payout for payout in live if payout.state == State.WAITING), None)
    if waiting is not None:
        return add(item, waiting)
    pair = (item.coupon_id, item.edition)
    return opening.follow(live[0], [pair], by=by, reason="supplement", prepared_by=item.prepared_by)


def take_away(item: SealedItem, live: list[Payout]) -> Payout:
    """A minus stands beside what it takes from, in a payout not on its way yet that bears it."""
    at = clock.now()
    for payout in live:
        if payout.state not in UNPAID or worth(payout) + item.yen < 0:
            continue
        if payout.state == State.READY:
            opening.recall(payout, reason="supplement", at=at)
        return add(item, payout)
    raise Refused(
        "すでに支払いが進んでいるため、減額できません。差し戻して「見送り」としてください。", "paid"
    )


def worth(payout: Payout) -> int:
    """The sealed yen that a payout carries."""
    lines = payout.lines.values_list("coupon_id", "edition")
    coupons = {coupon for coupon, _ in lines}
    items = SealedItem.objects.filter(coupon__in=coupons).values_list("coupon_id", "edition", "yen")
    carried = set(lines)
    return sum(yen for coupon, edition, yen in items if (coupon, edition) in carried)


def add(item: SealedItem, payout: Payout) -> Payout:
    """One more line of a waiting payout; a coupon that the seal never knew gets its first."""
    nothing = payout.lines.filter(coupon=item.coupon_id, edition=0)
    if not SealedItem.objects.filter(coupon=item.coupon_id, edition=0).exists() and nothing:
        nothing.update(edition=item.edition)
        return payout
    PayoutLine.objects.create(
        payout=payout,
        coupon_id=item.coupon_id,
        edition=item.edition,
        prefecture_code=payout.prefecture_code,
    )
    return payout


def owed(coupon_id: int) -> int:
    """What a coupon is owed in all, over its editions, in yen."""
    return SealedItem.objects.filter(coupon=coupon_id).aggregate(yen=Sum("yen"))["yen"] or 0
