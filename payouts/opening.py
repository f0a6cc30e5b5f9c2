"""Who gets a payout, and when it may go.

`open_payout` writes the payout and its lines in the transaction of the decision; `release_due`
fixes the amount once the seal stands and the date is reached, makes the link, writes the message.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from config.templatetags.notice import until, until_short
from coupons.models import Coupon, SealedItem
from coupons.sealing import is_sealed
from payouts import links, messages
from payouts.models import BankAccount, Link, Message, Payout, PayoutLine

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
    phone_proof: bool = False  # whether the contact phone's end is one of them
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
    edition: int | None = None,
) -> Payout:
    """Open one payout over these coupons' entitlements, in the caller's transaction.

    Of each coupon every edition that is free goes with it, or only `edition` where it is given.
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
                phone_proof=to.phone_proof,
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
                    coupon_id=coupon_id,
                    edition=each,
                    prefecture_code=to.prefecture_code,
                )
                for coupon_id, each in entitlements(coupons, edition)
            )
    except IntegrityError as error:
        if "payoutline_one_live" in str(error):
            raise Refused(
                "このクーポンの補償は、ほかの申請または配信ですでに支払いの手続きに入っています。",
                "taken",
            ) from error
        raise
    return payout


def entitlements(coupons: Iterable[Coupon], edition: int | None) -> list[tuple[int, int]]:
    """Coupon ids with the editions to carry: the seal's, and each supplement that is free.

    One that stands in a live payout already is named all the same, so that it is refused.
    """
    ids = [coupon.pk for coupon in coupons]
    if edition is not None:
        return [(coupon_id, edition) for coupon_id in ids]
    standing = PayoutLine.objects.filter(coupon__in=ids, edition__gte=1, released_at=None)
    taken = set(standing.values_list("coupon_id", "edition"))
    items = SealedItem.objects.filter(coupon__in=ids).order_by("edition")
    sealed = list(items.values_list("coupon_id", "edition"))
    unsealed = set(ids) - {coupon_id for coupon_id, _ in sealed}
    return [(each, 0) for each in ids if each in unsealed] + [p for p in sealed if p not in taken]


def cancel(payout: Payout, *, by: AbstractBaseUser | None, reason: str) -> None:
    """Take back a payout not yet on its way; its entitlements are free again (承認取消)."""
    at = clock.now()
    with transaction.atomic():
        payout.move("cancelled", by=by, reason=reason, at=at)
        payout.lines.update(released_at=at)
        payout.links.filter(replaced_at=None).update(replaced_at=at)


def follow(
    payout: Payout,
    carries: Iterable[tuple[int, int]],
    *,
    by: AbstractBaseUser,
    reason: str,
    prepared_by: AbstractBaseUser | None = None,
) -> Payout:
    """Open another payout to the same person over these (coupon id, edition), waiting.

    Signed as the one before, or by `prepared_by` and `by`. In the caller's transaction.
    """
    at = clock.now()
    signed = {"prepared_by": payout.prepared_by, "approved_by": payout.approved_by}
    if prepared_by is not None:
        signed = {"prepared_by": prepared_by, "approved_by": by}
    copied = ("prefecture_code", "road", "origin", "channel", "address", "language", "proofs")
    copied = (*copied, "phone_proof", "app_account", "bank_account", "receives_until")
    made = Payout.objects.create(
        **{name: getattr(payout, name) for name in copied},
        **signed,
        by_matching=signed["prepared_by"] is None,
        opened_at=at,
    ).begin(by=by, at=at, reason=reason)
    PayoutLine.objects.bulk_create(
        PayoutLine(
            payout=made, coupon_id=coupon, edition=edition, prefecture_code=made.prefecture_code
        )
        for coupon, edition in carries
    )
    return made


def release_due(limit: int | None = None) -> dict[str, int]:
    """Make ready every waiting payout whose time has come; safe twice and late (N16, N21).

    Points go on working days in the hours of NOTICE from the first day of links on; bank payouts
    become ready as soon as the seal stands, and wait for their batch. Returns counts.
    """
    at, extended = clock.now(), Postponement.approved()
    counts = {"ready": 0, "nothing_due": 0}
    if not is_sealed():
        return counts
    for road in ["points", "bank"] if NOTICE.sends_links(at, extended) else ["bank"]:
        last, more = 0, True
        while more and (limit is None or sum(counts.values()) < limit):
            room = WAVE if limit is None else min(WAVE, limit - sum(counts.values()))
            with transaction.atomic():
                ids = due(road, last, room)
                for payout in release(ids, at, extended):
                    counts[payout.state] += 1
            last, more = max(ids, default=0), len(ids) == room
    return counts


def due(road: str, last: int, room: int) -> list[int]:
    """Lock up to `room` waiting payouts after the id `last`, each of whose lines is sealed.

    After the last ordinary day a first link needs somebody's decision: `late_links` (N36).
    """
    late = NOTICE.past_ordinary_links(clock.now(), Postponement.approved())
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.id FROM payouts_payout p
               WHERE p.state = 'waiting' AND NOT p.second_look AND p.road = %s AND p.id > %s
                 AND NOT EXISTS (
                     SELECT FROM payouts_payoutline l
                     WHERE l.payout_id = p.id AND NOT EXISTS (
                         SELECT FROM coupons_sealeditem i
                         WHERE i.coupon_id = l.coupon_id AND i.edition = l.edition)
                     OFFSET 0)  -- looked up row by row, never by reading whole tables
                 AND (NOT %s OR p.road = 'bank' OR p.receives_until IS NOT NULL
                      OR EXISTS (SELECT FROM payouts_link k WHERE k.payout_id = p.id)
                      OR NOT EXISTS (
                          SELECT FROM payouts_payoutline l JOIN coupons_sealeditem i
                              USING (coupon_id, edition)
                          WHERE l.payout_id = p.id AND i.yen > 0))
               ORDER BY p.id LIMIT %s FOR UPDATE OF p SKIP LOCKED""",
            [road, last, late, room],
        )
        return [row[0] for row in cursor.fetchall()]


def release(ids: list[int], at: datetime, extended: Mapping[str, datetime]) -> list[Payout]:
    """Fix the sealed amounts of these waiting payouts and send them on their road, set-based."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payouts_payoutline l SET yen = i.yen FROM coupons_sealeditem i
               WHERE l.payout_id = ANY(%s) AND i.coupon_id = l.coupon_id
                 AND i.edition = l.edition""",
            [ids],
        )
        cursor.execute(
            """WITH summed AS (
                   SELECT payout_id, sum(yen)::int AS yen FROM payouts_payoutline
                   WHERE payout_id = ANY(%(ids)s) GROUP BY payout_id
               ), moved AS (
                   UPDATE payouts_payout p
                   SET state = CASE WHEN s.yen = 0 THEN 'nothing_due' ELSE 'ready' END,
                       amount = s.yen, ready_at = %(at)s
                   FROM summed s WHERE p.id = s.payout_id AND p.state = 'waiting'
                   RETURNING p.id, p.state
               )
               INSERT INTO payouts_payoutstep (of_id, old, new, at, reason)
               SELECT id, 'waiting', state, %(at)s, '' FROM moved ORDER BY id
               RETURNING of_id""",
            {"ids": ids, "at": at},
        )
        moved = [row[0] for row in cursor.fetchall()]
    payouts = list(Payout.objects.filter(pk__in=moved).order_by("pk"))
    going = [p for p in payouts if (p.state, p.road) == ("ready", Payout.Road.POINTS)]
    messages.write_all(
        [link_message(payout, link, at, extended) for payout, link in links.make_all(going, at)]
        + [ended_message(payout, at) for payout in payouts if payout.state == "nothing_due"]
    )
    return payouts


def recall(payout: Payout, *, reason: str, at: datetime) -> None:
    """A ready payout waits again: what it carries has changed. Its link dies, and the next release
    fixes the new amount. In the caller's transaction; Refused where it is on its way."""
    payout.move("waiting", at=at, reason=reason, amount=None, ready_at=None)
    payout.lines.update(yen=None)
    payout.links.filter(replaced_at=None).update(replaced_at=at)


def send_link(payout: Payout, at: datetime) -> None:
    """Make the (next) link of a ready points payout and write its message."""
    link = links.make(payout, at)
    messages.write_all([link_message(payout, link, at, Postponement.approved())])


def link_message(
    payout: Payout, link: Link, at: datetime, extended: Mapping[str, datetime]
) -> Message:
    """The message that carries a link, once a generation; `extended` are the postponed dates."""
    common = NOTICE.end_of("receiving_closes", extended)
    end = max(common, payout.receives_until or common)
    with translation.override(payout.language):
        facts = {"until": until(end), "until_short": until_short(end)}
    return messages.compose(
        f"link:{payout.pk}:{link.generation}",
        "link",
        messages.reach(payout),
        at,
        facts=facts,
        link=link,
        subject=f"payout:{payout.pk}",
        due_at=NOTICE.next_link_moment(at, extended),
    )


def ended_message(payout: Payout, at: datetime) -> Message:
    """The message that nothing is left on the coupons."""
    key, subject = f"nothing_due:{payout.pk}", f"payout:{payout.pk}"
    return messages.compose(key, "nothing_due", messages.reach(payout), at, subject=subject)


def receives_until(payout: Payout, extended: Mapping[str, datetime] | None = None) -> datetime:
    """The first moment that is too late to receive: the notice's, or an individual extension.

    `extended` are the postponed dates, read now where they are not given.
    """
    common = common_end(extended)
    return max(common, payout.receives_until or common)


def common_end(extended: Mapping[str, datetime] | None = None) -> datetime:
    """The first moment that is too late to receive, where nothing else was decided for one."""
    if extended is None:
        extended = Postponement.approved()
    return NOTICE.end_of("receiving_closes", extended)


def lapse() -> int:
    """Close the receiving of points after its end; bank payouts stay owed (N78). Returns the count.

    Runs late or twice without changing anyone's right: receiving is judged by the moment anyway.
    """
    at = clock.now()
    if at < common_end():
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
