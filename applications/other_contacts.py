"""What could not be delivered goes to the other contact that the person gave, by itself (N59).

The contact on record stays as the person chose it. A link goes as a new one, and the old one dies;
anything else goes once more in the same words. Where there is no other contact, the office calls.
Receipts stay: anybody can make us write one, to any contact, and their number is on the screen.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from applications import review
from applications.models import Application, Claim
from config import clock
from config.states import Refused
from coupons.models import SealedItem
from payouts import brakes, opening, roads, undelivered
from payouts.models import Message, Payout

AT_ONCE = 500  # messages looked at in one run
REASON = "other_channel"
Contact = tuple[str, str]


def follow() -> dict[str, int]:
    """Look at what did not arrive, each message once; returns how many went on, and stay."""
    counts = {"went_on": 0, "left": 0}
    rows = undelivered.undelivered().exclude(kind=Message.Kind.RECEIPT)
    rows = rows.filter(
        Q(state="unconfirmed") | Q(cause__in=["permanent", "temporary"]), other_at=None
    )
    for pk in list(rows.order_by("id").values_list("pk", flat=True)[:AT_ONCE]):
        counts["went_on" if follow_one(pk) else "left"] += 1
    return counts


def follow_one(pk: int) -> bool:
    """Send one message on, if there is where to; whether it went. Safe twice and at once."""
    at = clock.now()
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",), skip_locked=True)
        message = rows.filter(pk=pk, other_at=None, handled_at=None).first()
        if message is None:
            return False
        went = _sent_on(message)
        Message.objects.filter(pk=pk).update(other_at=at, handled_at=at if went else None)
    return went


def _sent_on(message: Message) -> bool:
    kind, _, number = message.subject.partition(":")
    if not number.isdecimal():
        return False
    if kind == "application":
        row = Application.objects.filter(pk=number).first()
        contact = free((message.channel, message.address), contacts_of(row)) if row else None
        return bool(contact) and _copied(message, contact)
    payout = Payout.objects.filter(pk=number).first()
    return payout is not None and _of_payout(message, payout)


def _of_payout(message: Message, payout: Payout) -> bool:
    """On to the other contact of who gets the payout; a link as a new one."""
    claims = list(Claim.objects.filter(payout=payout).select_related("application"))
    row = claims[0].application if claims else None
    now = (message.channel, message.address)
    contact = free(now, contacts_of(row) if row else contacts_of_app(payout))
    if contact is None:
        return False
    if message.link_id is None:
        return _copied(message, contact)
    if (payout.channel, payout.address) != now or not _receivable(payout):
        return False
    proofs = review.proofs(row, claims) if row else ()
    proofs, phone = without_phone(proofs, row, contact) if row else ((), False)
    try:
        roads.to_contact(
            payout, *contact, proofs, phone_proof=phone, at=clock.now(), by=None, reason=REASON
        )
    except Refused:
        return False
    return True


def _receivable(payout: Payout) -> bool:
    ready = (payout.state, payout.road) == (Payout.State.READY, Payout.Road.POINTS)
    return ready and clock.now() < opening.receives_until(payout)


def _copied(message: Message, contact: Contact) -> bool:
    """The same words to the other contact."""
    undelivered.copy(message, *contact, "other")
    return True


def without_phone(
    proofs: Iterable[str], row: Application, contact: Contact
) -> tuple[tuple[str, ...], bool]:
    """The proofs for a link to this contact: never the end of the phone that the link goes to."""
    end = row.phone[-4:]
    own = contact[0] == "sms" and contact[1][-4:] == end
    found = [proof for proof in proofs if proof != end] if own else [*proofs]
    if not own and end and end not in found:
        found.append(end)
    return tuple(found), bool(end) and not own


def contacts_of(row: Application) -> list[Contact]:
    """Every contact that an applicant gave, the chosen one first."""
    chosen = [(row.channel, row.delivery)] if row.channel else []
    return [*chosen, ("email", row.email), ("sms", row.phone)]


def contacts_of_app(payout: Payout) -> list[Contact]:
    """The contacts that the app had of an account, when the balances were sealed."""
    coupons = payout.lines.values("coupon")
    items = SealedItem.objects.filter(coupon__in=coupons).exclude(app_account="")
    found = items.values_list("app_phone", "app_email").first() or ("", "")
    return [("sms", found[0]), ("email", found[1])]


def free(now: Contact, contacts: Iterable[Contact]) -> Contact | None:
    """The first contact other than that of now to which messages may go."""
    for channel, address in contacts:
        if not address or (channel, address.casefold()) == (now[0], now[1].casefold()):
            continue
        if channel == "sms" and not brakes.is_mobile(address):
            continue
        if not brakes.is_barred(channel, address):
            return channel, address
    return None
