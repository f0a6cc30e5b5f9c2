"""Taking the points: which brands can pay the exact amount, one order, its code, seen again.

The choice is final once issued. What an api brand's provider says of an order is for `settling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from config import clock
from config.languages import notice
from config.models import Postponement
from config.notice import NOTICE, Brand
from config.states import Refused
from payouts import links, opening, placing
from payouts.models import Link, Order, OrderPart, Payout, Reveal
from payouts.outbound.gifts import provider as api
from payouts.outbound.gifts.provider import GiftProvider
from payouts.outbound.gifts.providers import provider_for
from payouts.shelf import Shelf

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
    """The brands in the notice's order; only those with parts can be taken (N19, N72)."""
    return [offer(payout, brand) for brand in notice().brands.values()]


def offer(payout: Payout, brand: Brand) -> Offer:
    """What one brand can do for a payout's amount (yen)."""
    quote = provider_of(payout, brand.key).quote(payout.amount)
    return Offer(brand, quote.parts, quote.reason_ja)


def provider_of(payout: Payout, brand: str, end: datetime | None = None) -> GiftProvider:
    """Who pays a payout in a brand: the api that the setting names, or the office's own stock.

    `end` is the end of receiving, read now where it is not given.
    """
    return provider_for(brand) or shelf(
        payout.prefecture_code, brand, end or opening.receives_until(payout)
    )


def shelf(prefecture: str, brand: str, end: datetime) -> Shelf:
    """The codes of an office that may be given to who receives until `end`."""
    return Shelf(prefecture, brand, kept_until(end))


def kept_until(end: datetime) -> date:
    """The earliest last day of a code that may be given out to who receives until `end` (N71)."""
    return (end + timedelta(days=OLDEST)).astimezone(clock.JST).date()


def choose(payout: Payout, brand: str, link: Link | None = None) -> Order:
    """Take one brand for a ready payout: order, parts and, from the stock, the codes at once.

    `link` is the one that the person came by. Raises Refused: the link replaced or locked
    meanwhile, closed, already taken, or not payable in this brand. The order of an api brand is
    committed before the provider is called (`settle`).
    """
    at = clock.now()
    return _at_once(payout, brand, link, at) or _at_length(payout, brand, link, at)


def _at_once(payout: Payout, brand: str, link: Link | None, at: datetime) -> Order | None:
    """The choice in one statement, where one code of the stock is worth the whole amount.

    It trusts what the caller knows of the payout and what this process knows of the end, since the
    statement proves both. None, and nothing was done, where it can't be had so easily.
    """
    extended = Known.extended
    if _why_not(payout, brand, at, extended) or provider_for(brand):
        return None
    return _place(payout, brand, link, at, extended, (payout.amount,))


def _at_length(payout: Payout, brand: str, link: Link | None, at: datetime) -> Order:
    """The choice with everything read anew, under lock; knows why it is refused."""
    with transaction.atomic():
        held = _hold(payout.pk, link)
        extended = Known.extended = Postponement.approved()
        if refused := _why_not(held, brand, at, extended):
            raise refused
        provider = provider_of(held, brand, opening.receives_until(held, extended))
        parts = provider.quote(held.amount).parts
        order = _place(held, brand, link, at, extended, parts) if parts else None
        if order is None:
            raise out_of_stock(brand)
    return order


class Known:
    """What this process read last of the dates that were postponed; never trusted unproven."""

    extended: Mapping[str, datetime] = {}


def _why_not(
    payout: Payout, brand: str, at: datetime, extended: Mapping[str, datetime]
) -> Refused | None:
    """Why a payout can't be taken in a brand now, whatever the stock has."""
    if at >= opening.receives_until(payout, extended):
        return Refused(_("受取期限が過ぎています。"), "closed")
    if brand not in NOTICE.brands or payout.road != Payout.Road.POINTS:
        return Refused(_("この種類ではお渡しできません。ほかの種類をお選びください。"), "brand")
    return payout.why_not("issuing")


def _place(
    payout: Payout,
    brand: str,
    link: Link | None,
    at: datetime,
    extended: Mapping[str, datetime],
    parts: tuple[int, ...],
) -> Order | None:
    """`placing.place` for a payout that is received until the date that is known."""
    end = opening.receives_until(payout, extended)
    return placing.place(
        payout,
        link,
        provider_of(payout, brand, end),
        placing.Wish(brand, parts, kept_until(end), extended.get("receiving_closes")),
        at,
    )


def out_of_stock(brand: str, *, others: bool = True) -> Refused:
    """A brand that could pay a moment ago and can't any more; `others`: whether another can."""
    told = (
        _(
            "申し訳ありません。%(brand)sは、ただいま在庫がなくなりました。"
            "お受け取りはまだ済んでいません。ほかの種類をお選びください。"
        )
        if others
        else _(
            "申し訳ありません。%(brand)sは、ただいま在庫がなくなりました。"
            "お受け取りはまだ済んでいません。"
        )
    )
    return Refused(told % {"brand": notice().brands[brand].name}, "stock")


def _hold(payout: int, link: Link | None) -> Payout:
    """Lock a payout and the link that its holder came by.

    Raises Refused "replaced" where the link died or was locked meanwhile.
    """
    held = Payout.objects.select_for_update(of=("self",)).get(pk=payout)
    if link is not None:
        links.require_open(link)
    return held


def reveal(link: Link) -> list[Shown]:
    """The codes of an issued payout, to show to its holder now; each showing is a row (N71).

    Raises Refused where the provider does not answer just now.
    """
    order = link.payout.orders.get(state=Order.State.ISSUED)
    shown = [_shown(order, part) for part in order.parts.select_related("code").order_by("number")]
    Reveal.objects.create(order=order, link=link, at=clock.now())
    return shown


def _shown(order: Order, part: OrderPart) -> Shown:
    ask = api.Ask(part.request_id, order.brand, part.amount)
    provider = order.provider == "api" and provider_for(order.brand)
    found = (provider or shelf_of(order)).reveal(ask)
    if not isinstance(found, api.Issued):
        raise Refused(
            _("コードの発行元から応答がありません。少し待ってから、もう一度開いてください。"),
            "reveal",
        )
    return Shown(part.amount, found.code.code, found.code.url, found.code.expires_on)


def shelf_of(order: Order) -> Shelf:
    """The stock that an order came out of."""
    payout = order.payout
    return shelf(payout.prefecture_code, order.brand, opening.receives_until(payout))
