"""What the ledger knows of one coupon, for a page of the office."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet, Sum, Window

from config import clock
from config.notice import NOTICE
from coupons import outcome
from coupons.models import Coupon, Entry, Extension, SealedItem


@dataclass(frozen=True)
class Facts:
    """A coupon's facts at `at` (JST). Money in yen; `sealed` is None before the seal.

    `category` and `eligible` follow the rule of the seal, with give-backs booked since; `route`,
    `owed` and `supplement` are known after the seal only. `balance_before_cut_off` is what the
    ledger says now, which the seal may differ from.
    """

    at: datetime
    coupon: Coupon
    original_expires_at: datetime | None
    expires_at: datetime | None
    extensions: list[Extension]
    entries: list[Entry]
    balance: int
    balance_before_cut_off: int
    category: str
    eligible: bool
    in_app_now: bool
    in_app_at_cut_off: bool
    restored: bool
    used_after_cut_off: bool
    sealed: SealedItem | None
    owed: int | None
    supplement: int
    route: str


def facts_of(coupon: Coupon) -> Facts:
    """Everything at once, in six queries."""
    at = clock.now()
    entries = list(with_balance(coupon.entries.all()))
    sealed = coupon.sealed_items.filter(edition=0).first()
    rule = ask(outcome.rule(ids=True), coupon.pk)[0]
    back = next(iter(ask(outcome.given_back(ids=True), coupon.pk)), None)
    owed = ask(outcome.owed(ids=True), coupon.pk)[0] if sealed else None
    restored = bool(back and back["restored"])
    return Facts(
        at=at,
        coupon=coupon,
        original_expires_at=coupon.original_expires_at,
        expires_at=coupon.expires_at,
        extensions=list(coupon.extensions.order_by("id")),
        entries=entries,
        balance=coupon.face_value + sum(entry.yen for entry in entries if entry.occurred_at <= at),
        balance_before_cut_off=rule["balance"],
        category=owed["category"] if owed else rule["category"] or ("B" if restored else ""),
        eligible=owed["eligible"] if owed else rule["eligible"] or restored,
        in_app_now=is_in_app(coupon, at),
        in_app_at_cut_off=sealed.in_app if sealed else rule["in_app"],
        restored=restored,
        used_after_cut_off=used_after_cut_off(entries),
        sealed=sealed,
        owed=owed["balance"] if owed else None,
        supplement=back["supplement"] if back else 0,
        route=owed["route"] if owed else "",
    )


def ask(query: str, coupon_id: int) -> list[dict[str, object]]:
    """The rows of an outcome text about one coupon."""
    with connection.cursor() as cursor:
        cursor.execute(query, outcome.moments() | {"ids": [coupon_id]})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def is_in_app(coupon: Coupon, at: datetime) -> bool:
    """Charged to an app account that was not left before `at` (N20, N23)."""
    charged = coupon.charged_at is not None and coupon.charged_at <= at
    return charged and (coupon.app_left_at is None or coupon.app_left_at >= at)


def used_after_cut_off(entries: list[Entry]) -> bool:
    """Whether a payment stands that the system should have refused (期限後利用, Q12)."""
    late = [
        entry
        for entry in entries
        if entry.kind == Entry.Kind.PAYMENT and entry.occurred_at >= NOTICE.dates.cut_off
    ]
    return sum(entry.yen for entry in late) < 0


def with_balance(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries oldest first, each with `balance`: yen left on the coupon after it."""
    return entries.annotate(
        balance=F("coupon__face_value")
        + Window(Sum("yen"), partition_by="coupon_id", order_by=["occurred_at", "id"])
    ).order_by("occurred_at", "id")
