"""Moving a payout that has not gone yet: to the points road, or to another contact (N24, N50).

The other direction, to an account that nobody has approved, is no move: the payout is cancelled
and the case decided anew (docs/decisions.md).
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from config.states import Refused
from payouts import links, opening
from payouts.models import Payout, PayoutStep

MOVABLE = (Payout.State.WAITING, Payout.State.READY)
GONE = _("支払いの手続きが進んでいるため、変更できません。")


def to_points(payout: Payout, *, at: datetime, reason: str) -> None:
    """Let a bank payout that is in no batch go by points instead, to the contact it already has.

    The account is let go, so that never both roads are alive. Raises Refused where it has gone.
    """
    with transaction.atomic():
        payout = _movable(payout)
        Payout.objects.filter(pk=payout.pk).update(road=Payout.Road.POINTS, bank_account=None)
        _note(payout, at, None, reason)
        payout.refresh_from_db()
        if payout.state == Payout.State.READY:
            opening.send_link(payout, at)


def to_contact(
    payout: Payout,
    channel: str,
    address: str,
    proofs: Iterable[str],
    *,
    phone_proof: bool = False,
    at: datetime,
    by: AbstractBaseUser | None,
    reason: str,
) -> None:
    """Send a payout's link to another contact, asking for these proofs; the old link dies.

    `phone_proof`: whether the contact phone's end is one of them.
    """
    with transaction.atomic():
        payout = _movable(payout)
        hashes = [links.proof_hash(proof) for proof in proofs if proof]
        Payout.objects.filter(pk=payout.pk).update(
            channel=channel, address=address, proofs=hashes, phone_proof=phone_proof
        )
        _note(payout, at, by, reason)
        payout.refresh_from_db()
        if (payout.state, payout.road) == (Payout.State.READY, Payout.Road.POINTS):
            opening.send_link(payout, at)


def _movable(payout: Payout) -> Payout:
    payout = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
    if payout.state not in MOVABLE:
        raise Refused(GONE, "gone")
    return payout


def _note(payout: Payout, at: datetime, by: AbstractBaseUser | None, reason: str) -> None:
    """History for what changed without a change of state."""
    PayoutStep.objects.create(
        of=payout, old=payout.state, new=payout.state, at=at, by=by, reason=reason
    )
