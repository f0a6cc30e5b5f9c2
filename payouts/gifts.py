"""Taking the points: which brands can pay the exact amount, one order, its code, seen again.

The choice is final once issued. What an api brand's provider says of an order is for `settling`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from config import cipher, clock
from config.languages import notice
from config.notice import NOTICE, Brand
from config.states import Refused
from config.templatetags.notice import yen
from payouts import links, opening, settling
from payouts.models import Code, Link, Order, OrderPart, Payout, Reveal
from payouts.outbound.gifts import provider as api
from payouts.outbound.gifts.providers import provider_for

MOST_PARTS = 10  # codes that a person may be asked to type in
OLDEST = 60  # days that a code must outlive the end of receiving


@dataclass(frozen=True)
class Offer:
    """A brand for one amount: the yen of its parts, or the reason why it can't pay exactly."""

    brand: Brand
    parts: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True)
class Shown:
    """A code as its holder sees it."""

    yen: int
    code: str
    url: str
    expires_on: date | None


def offers(payout: Payout) -> list[Offer]:
    """The five brands in the notice's order; only those with parts can be taken (N19, N72)."""
    return [offer(payout, brand) for brand in notice().brands.values()]


def offer(payout: Payout, brand: Brand) -> Offer:
    """What one brand can do for a payout's amount (yen)."""
    provider = provider_for(brand.key)
    if provider is not None:
        quote = provider.quote(payout.amount)
        return Offer(brand, quote.parts, quote.reason_ja)
    counts = free_codes(payout, brand.key)
    parts = exact_parts(payout.amount, counts)
    if parts:
        return Offer(brand, parts)
    if not counts:
        return Offer(brand, (), _("ただいま在庫がありません。"))
    values = _("・").join(yen(value) for value in sorted(counts))
    reason = _("%(values)s単位のため、%(amount)sちょうどではお渡しできません。")
    return Offer(brand, (), reason % {"values": values, "amount": yen(payout.amount)})


def kept_until(end: datetime) -> date:
    """The earliest last day of a code that may be given out to who receives until `end` (N71)."""
    return (end + timedelta(days=OLDEST)).astimezone(clock.JST).date()


def free_codes(payout: Payout, brand: str) -> dict[int, int]:
    """How many free codes of each face value (yen) the payout's office has."""
    rows = Code.objects.filter(
        prefecture_code=payout.prefecture_code,
        brand=brand,
        taken_at=None,
        expires_on__gte=kept_until(opening.receives_until(payout)),
    ).values_list("face_value")
    return dict(rows.annotate(Count("id")).order_by())


def exact_parts(amount: int, counts: dict[int, int]) -> tuple[int, ...]:
    """The fewest face values that make `amount` yen exactly, within stock and MOST_PARTS.

    Empty where no combination does.
    """
    fewest: dict[int, tuple[int, ...]] = {0: ()}
    for value, count in sorted(counts.items(), reverse=True):
        longer = dict(fewest)
        for total, parts in fewest.items():
            room = min(count, MOST_PARTS - len(parts), (amount - total) // value)
            for more in range(1, room + 1):
                found, key = parts + (value,) * more, total + more * value
                if len(found) < len(longer.get(key, (*found, 0))):
                    longer[key] = found
        fewest = longer
    return fewest.get(amount, ())


def choose(payout: Payout, brand: str, link: Link | None = None) -> Order:
    """Take one brand for a ready payout: order, parts and, from the stock, the codes at once.

    `link` is the one that the person came by. Raises Refused: the link replaced or locked
    meanwhile, closed, already taken, or not payable in this brand. The order of an api brand is
    committed before the provider is called (`settle`).
    """
    at = clock.now()
    with transaction.atomic():
        payout = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
        if link is not None:
            links.require_open(link)
        if at >= opening.receives_until(payout):
            raise Refused(_("受取期限が過ぎています。"), "closed")
        found = offer(payout, NOTICE.brands[brand]) if brand in NOTICE.brands else None
        if found is None or not found.parts:
            raise Refused(_("この種類ではお渡しできません。ほかの種類をお選びください。"), "brand")
        payout.move("issuing", at=at, reason=brand)
        api_provider = provider_for(brand)
        provider = "stock" if api_provider is None else "api"
        name = api_provider.request_id if api_provider else stock_request_id
        order = Order.objects.create(
            payout=payout, brand=brand, provider=provider, amount=payout.amount, placed_at=at
        ).begin(at=at)
        parts = OrderPart.objects.bulk_create(
            OrderPart(
                order=order,
                number=number,
                amount=yen,
                request_id=name(order.pk, number),
            )
            for number, yen in enumerate(found.parts, 1)
        )
        if provider == "stock":
            for part in parts:
                part.code = take_code(payout, brand, part.amount)
            OrderPart.objects.bulk_update(parts, ["code"])
            settling.issued(order, payout)
    return order


def stock_request_id(order: int, part: int) -> str:
    """The key of a part that comes from our own stock."""
    return api.request_id("Stock", order, part)


def take_code(payout: Payout, brand: str, face_value: int) -> Code:
    """Take one free code of the office's stock; two people never get the same one.

    The first to expire of those that outlive the payout's end by OLDEST days, skipping those in
    others' hands.
    """
    earliest = kept_until(opening.receives_until(payout))
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payouts_code SET taken_at = %s WHERE id = (
                   SELECT id FROM payouts_code
                   WHERE prefecture_code = %s AND brand = %s AND face_value = %s
                     AND taken_at IS NULL AND expires_on >= %s
                   ORDER BY expires_on, id LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING id""",
            [clock.now(), payout.prefecture_code, brand, face_value, earliest],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(_("ただいま在庫がなくなりました。ほかの種類をお選びください。"), "stock")
    return Code.objects.get(pk=row[0])


def reveal(link: Link) -> list[Shown]:
    """The codes of an issued payout, to show to its holder now; each showing is a row (N71).

    Raises Refused where the provider does not answer just now.
    """
    order = link.payout.orders.get(state=Order.State.ISSUED)
    shown = [_shown(order, part) for part in order.parts.select_related("code").order_by("number")]
    Reveal.objects.create(order=order, link=link, at=clock.now())
    return shown


def _shown(order: Order, part: OrderPart) -> Shown:
    if part.code:
        code = part.code
        plain = cipher.decrypt(code.secret, code_context(code.code_hash)).decode()
        return Shown(part.amount, plain, "", code.expires_on)
    found = provider_for(order.brand).reveal(api.Ask(part.request_id, order.brand, part.amount))
    if not isinstance(found, api.Issued):
        raise Refused(
            _("コードの発行元から応答がありません。少し待ってから、もう一度開いてください。"),
            "reveal",
        )
    return Shown(part.amount, found.code.code, found.code.url, found.code.expires_on)


def code_context(code_hash: bytes) -> str:
    """The associated data of a stored code."""
    return f"gift_code:{bytes(code_hash).hex()}"
