"""Category B: a case from the call to the give-back seen in an export (N38 to N44).

The coupon system gives the money back, since the person may still spend it until the cut-off. Our
ledger is a copy: a case asks for the give-back, and waits until an export shows it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum

from config import clock
from config.notice import NOTICE
from config.states import Refused
from config.templatetags.notice import ja_moment
from coupons.models import Coupon, Debit, DoubleCharge, DoubleChargeNote, Entry

State = DoubleCharge.State


def take(*, case_number: str, by: AbstractBaseUser, reason: str = "", **told: Any) -> DoubleCharge:
    """Write down a call: the four facts and the rest as told (N38), the coupon where it is found.

    A number that the ledger does not know in this prefecture is kept all the same.
    """
    at = clock.now()
    number, prefecture = told.get("inquiry_number", ""), told["prefecture_code"]
    found = Coupon.objects.filter(inquiry_number=number, prefecture_code=prefecture)
    coupon = found.first() if number else None
    with transaction.atomic():
        row = DoubleCharge.objects.create(
            case_number=case_number, coupon=coupon, taken_at=at, taken_by=by, **told
        )
        return row.begin(by=by, at=at, reason=reason)


def identify(row: DoubleCharge, coupon: Coupon, by: AbstractBaseUser) -> DoubleCharge:
    """The coupon of a case whose number was not found, or was heard wrongly; before the check."""
    if coupon.prefecture_code != row.prefecture_code:
        raise Refused("別の都道府県のクーポンです。", "prefecture")
    open_still = DoubleCharge.objects.filter(
        pk=row.pk, state__in=[State.TAKEN, State.ASKED_SHOP], coupon=row.coupon_id
    )
    if not open_still.update(coupon=coupon):
        raise Refused("この状態の受付では、クーポンを変えられません。", "moved")
    was = f"（台帳では {row.coupon}）" if row.coupon_id else ""
    row.coupon = coupon
    note(row, f"クーポンを {coupon} に特定{was}", by)
    return row


def ask_shop(row: DoubleCharge, by: AbstractBaseUser) -> DoubleCharge:
    """The office asks the shop what it holds (N40)."""
    return row.move(State.ASKED_SHOP, by=by)


def note(
    row: DoubleCharge, text: str, by: AbstractBaseUser, kind: str = DoubleChargeNote.Kind.REMARK
) -> DoubleChargeNote:
    """A remark, or what the shop answered. Raises Refused where it is empty."""
    if not text.strip():
        raise Refused("内容を入力してください。", "empty")
    return row.notes.create(at=clock.now(), by=by, kind=kind, text=text.strip()[:2000])


def call_back(row: DoubleCharge, at: datetime | None, by: AbstractBaseUser) -> None:
    """When the caller is to be called back (JST); None: no more."""
    with transaction.atomic():
        DoubleCharge.objects.filter(pk=row.pk).update(call_back_at=at)
        note(row, f"折り返し予定：{ja_moment(at)}" if at else "折り返しの予定を外しました", by)
    row.call_back_at = at


def confirm(row: DoubleCharge, by: AbstractBaseUser, transactions: Iterable[str]) -> DoubleCharge:
    """The shop agrees: these debits go back, in full (N44). First signature.

    Raises Refused where there is no coupon or no debit, where one is no payment of this coupon, or
    where it came back already or another case gives it back.
    """
    at, wanted = clock.now(), set(transactions)
    if row.coupon_id is None:
        raise Refused("クーポンがまだ特定されていません。", "no_coupon")
    debits = [entry for entry in payments(row.coupon_id) if entry.transaction_id in wanted]
    if not wanted or len(debits) != len(wanted):
        raise Refused("戻入する決済を、このクーポンの決済から選んでください。", "debits")
    if wanted & given_back([row.coupon_id]):
        raise Refused("台帳で、すでに戻入または取消をした決済が入っています。", "given_back")
    try:
        with transaction.atomic():
            row.move(State.CONFIRMED, by=by, at=at, confirmed_by=by)
            Debit.objects.bulk_create(
                Debit(of=row, transaction_id=entry.transaction_id, amount=entry.amount)
                for entry in debits
            )
    except IntegrityError:
        row.refresh_from_db()
        raise Refused("この決済は、別の受付で戻入の対象になっています。", "taken") from None
    return row


def deny(row: DoubleCharge, by: AbstractBaseUser, reason: str) -> DoubleCharge:
    """The shop's records do not bear it out; a confirmed case only by a second person.

    Raises Refused for a case that stands in a list for the coupon system.
    """
    if row.state == State.CONFIRMED and row.confirmed_by_id == by.pk:
        raise Refused("確認した担当者とは別の担当者が行ってください。", "same_person")
    with transaction.atomic():
        row.move(State.DENIED, by=by, reason=reason)
        if DoubleCharge.objects.filter(pk=row.pk, give_back_list__isnull=False).exists():
            raise Refused("戻入依頼に入っています。先に依頼をとりやめてください。", "listed")
    return row


def reflect_arrived(at: datetime) -> list[int]:
    """Cases whose every debit is given back, matched one to one by its number: as an export shows
    it, or after the cut-off by our own accepted supplement (N41, N43).

    Called with each import and each such supplement; safe to repeat.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT d.of_id
               FROM coupons_debit d
               JOIN coupons_doublecharge c ON c.id = d.of_id AND c.state = 'instructed'
               LEFT JOIN LATERAL (
                   SELECT sum(e.yen) AS yen FROM coupons_entry e
                   WHERE e.kind = 'restoration' AND e.restores_transaction_id = d.transaction_id
               ) r ON true
               LEFT JOIN coupons_latemovement own ON own.kind = 'own' AND own.state = 'accepted'
                    AND own.restores = d.transaction_id AND own.yen = d.amount
               GROUP BY d.of_id
               HAVING bool_and(coalesce(r.yen = d.amount, own.id IS NOT NULL))"""
        )
        ids = [row[0] for row in cursor.fetchall()]
    return DoubleCharge.move_all(ids, State.INSTRUCTED, State.REFLECTED, at=at) if ids else []


def link_arrived() -> int:
    """Give cases their coupon where an export has brought a number that was not found at the call.

    Called with each import; returns how many.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE coupons_doublecharge d SET coupon_id = c.id FROM coupons_coupon c
               WHERE d.coupon_id IS NULL AND c.inquiry_number = d.inquiry_number
                 AND c.prefecture_code = d.prefecture_code
                 AND d.state IN ('taken', 'asked_shop')"""
        )
        return cursor.rowcount


def payments(coupon_id: int) -> QuerySet[Entry]:
    """The payments of a coupon as the ledger has them now, oldest first."""
    newer = Entry.objects.filter(
        transaction_id=OuterRef("transaction_id"), revision__gt=OuterRef("revision")
    )
    rows = Entry.objects.filter(coupon_id=coupon_id, kind=Entry.Kind.PAYMENT)
    return rows.filter(~Exists(newer)).order_by("occurred_at", "id")


def given_back(coupon_ids: Iterable[int]) -> set[str]:
    """Payments of these coupons of which the ledger shows yen given back or cancelled."""
    rows = Entry.objects.filter(coupon_id__in=coupon_ids).exclude(restores_transaction_id="")
    named = rows.values("restores_transaction_id").annotate(back=Sum("yen")).filter(back__gt=0)
    return set(named.values_list("restores_transaction_id", flat=True))


def payments_in_band(coupon_id: int) -> QuerySet[Entry]:
    """Those of the outage band, which is assumed (N10): a help for the desk, never a refusal."""
    dates = NOTICE.dates
    return payments(coupon_id).filter(
        occurred_at__gte=dates.outage_from, occurred_at__lt=dates.outage_until
    )
