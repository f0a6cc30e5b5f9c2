"""Who gets a payout, and when it may go.

`open_payout` writes the payout and its lines in the transaction of the decision; `release_due`
fixes the amount once the seal stands and the date is reached, makes the link, writes the message.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from config.templatetags.notice import until, until_short
from coupons.models import Coupon, SealedItem
from coupons.sealing import is_sealed
from payouts import links, messages
from payouts.models import BankAccount, Payout, PayoutLine

WAVE = 500  # payouts released in one transaction


@dataclass(frozen=True)
class Recipient:
    """To whom a payout goes: prefecture, road, and the channel or the account."""

    prefecture_code: str
    road: str  # points, bank
    channel: str  # sms, email, letter; empty where none was given
    address: str
    language: str = "ja"
    bank_account: BankAccount | None = None
    proofs: tuple[str, ...] = ()  # accepted proofs in clear; kept as keyed hashes
    app_account: str = ""
    subject: str = ""  # the caller's name for it on messages, for example "application:12"


@dataclass(frozen=True)
class Signatures:
    """First signature (a person, or the matching itself) and second (always a person)."""

    prepared_by: AbstractBaseUser | None
    approved_by: AbstractBaseUser
    by_matching: bool = field(default=False)


def open_payout(
    coupons: Iterable[Coupon],
    to: Recipient,
    signed: Signatures,
    *,
    origin: str = Payout.Origin.APPLICATION,
    edition: int = 0,
) -> Payout:
    """Open one payout over these coupons' entitlements, in the caller's transaction.

    Raises Refused where an entitlement already stands in a live payout (promise 1) or the two
    signatures are one person's (promise 7).
    """
    at = clock.now()
    if not signed.by_matching and signed.prepared_by == signed.approved_by:
        raise Refused("審査した人と承認する人は、別の人でなければなりません。", "two_people")
    try:
        with transaction.atomic():
            payout = Payout.objects.create(
                prefecture_code=to.prefecture_code,
                road=to.road,
                origin=origin,
                channel=to.channel,
                address=to.address,
                language=to.language,
                proofs=[links.proof_hash(proof) for proof in to.proofs if proof],
                app_account=to.app_account,
                bank_account=to.bank_account,
                by_matching=signed.by_matching,
                prepared_by=None if signed.by_matching else signed.prepared_by,
                approved_by=signed.approved_by,
                opened_at=at,
            ).begin(by=signed.approved_by, at=at)
            PayoutLine.objects.bulk_create(
                PayoutLine(
                    payout=payout,
                    coupon=coupon,
                    edition=edition,
                    prefecture_code=to.prefecture_code,
                )
                for coupon in coupons
            )
    except IntegrityError as error:
        if "payoutline_one_live" in str(error):
            raise Refused(
                "このクーポンの補償は、ほかの申請または配信ですでに支払いの手続きに入っています。",
                "taken",
            ) from error
        raise
    return payout


def cancel(payout: Payout, *, by: AbstractBaseUser, reason: str) -> None:
    """Take back a payout not yet on its way; its entitlements are free again (承認取消)."""
    at = clock.now()
    with transaction.atomic():
        payout.move("cancelled", by=by, reason=reason, at=at)
        payout.lines.update(released_at=at)
        payout.links.filter(replaced_at=None).update(replaced_at=at)


def release_due(limit: int | None = None) -> dict[str, int]:
    """Make ready every waiting payout whose time has come; safe twice and late (N16, N21).

    Points go on working days in the hours of NOTICE from the first day of links on; bank payouts
    become ready as soon as the seal stands, and wait for their batch. Returns counts.
    """
    at = clock.now()
    counts = {"ready": 0, "nothing_due": 0}
    if not is_sealed():
        return counts
    roads = ["points", "bank"] if NOTICE.sends_links(at) else ["bank"]
    while limit is None or sum(counts.values()) < limit:
        room = WAVE if limit is None else min(WAVE, limit - sum(counts.values()))
        with transaction.atomic():
            wave = list(
                Payout.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(state="waiting", road__in=roads)
                .order_by("id")[:room]
            )
            for payout in wave:
                counts[release(payout, at)] += 1
        if len(wave) < room:
            return counts
    return counts


def release(payout: Payout, at: datetime) -> str:
    """Fix the sealed amount of one waiting payout and send it on its road; returns its state."""
    lines = list(payout.lines.all())
    sealed = dict(
        SealedItem.objects.filter(
            coupon__in=[line.coupon_id for line in lines], edition=lines[0].edition
        ).values_list("coupon_id", "yen")
    )
    for line in lines:
        line.yen = sealed[line.coupon_id]
    PayoutLine.objects.bulk_update(lines, ["yen"])
    amount = sum(line.yen for line in lines)
    subject = f"payout:{payout.pk}"
    if amount == 0:
        payout.move("nothing_due", at=at, amount=0, ready_at=at)
        messages.write(
            f"nothing_due:{payout.pk}", "nothing_due", messages.reach(payout), subject=subject
        )
    else:
        payout.move("ready", at=at, amount=amount, ready_at=at)
        if payout.road == Payout.Road.POINTS:
            send_link(payout, at)
    return payout.state


def send_link(payout: Payout, at: datetime) -> None:
    """Make the (next) link of a ready points payout and write its message."""
    link, end = links.make(payout, at), receives_until(payout)
    messages.write(
        f"link:{payout.pk}:{link.generation}",
        "link",
        messages.reach(payout),
        facts={"until": until(end), "until_short": until_short(end)},
        link=link,
        subject=f"payout:{payout.pk}",
        due_at=NOTICE.next_link_moment(at),
    )


def receives_until(payout: Payout) -> datetime:
    """The first moment that is too late to receive: the notice's, or an individual extension."""
    common = NOTICE.end_of("receiving_closes", Postponement.approved())
    return max(common, payout.receives_until) if payout.receives_until else common


def lapse() -> int:
    """Close the receiving of points after its end; bank payouts stay owed (N78). Returns the count.

    Runs late or twice without changing anyone's right: receiving is judged by the moment anyway.
    """
    at = clock.now()
    if at < NOTICE.end_of("receiving_closes", Postponement.approved()):
        raise Refused("受取期限はまだ過ぎていません。", "early")
    lapsed = 0
    while True:
        ids = list(
            Payout.objects.filter(state="ready", road="points")
            .exclude(receives_until__gt=at)
            .order_by("id")
            .values_list("id", flat=True)[:WAVE]
        )
        if not ids:
            return lapsed
        lapsed += len(Payout.move_all(ids, "ready", "lapsed", at=at, reason="receiving_closes"))
