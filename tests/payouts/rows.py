"""Rows that the tests of the payouts stand on, made plainly."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from config import clock
from config.notice import NOTICE
from coupons.models import Coupon, Seal, SealedItem
from payouts import messages, stock
from payouts.models import BankAccount, Clerk, Code, Message, Payout
from payouts.opening import Recipient, Signatures, open_payout

LINKS_GO = datetime(2023, 4, 10, 10, tzinfo=clock.JST)  # a Monday on which links go out
LAST_DAY = date(NOTICE.dates.receiving_closes.year + 1, 3, 31)  # of a code
HOLDER = "シズオカハナコ"


def clerk(name: str) -> AbstractBaseUser:
    """A staff account."""
    return get_user_model().objects.get_or_create(username=name, defaults={"is_staff": True})[0]


def everywhere(name: str) -> AbstractBaseUser:
    """A staff account that works for every prefecture."""
    user = clerk(name)
    Clerk.objects.get_or_create(user=user, defaults={"everywhere": True})
    return user


def coupon(number: str = "000000000001", prefecture: str = "22", yen: int = 2000) -> Coupon:
    """A coupon on paper, expired on the day of the outage."""
    day = NOTICE.dates.outage_day
    expires = datetime.combine(day, datetime.max.time(), clock.JST).replace(microsecond=0)
    return Coupon.objects.create(
        inquiry_number=number,
        prefecture_code=prefecture,
        travel_type="day_trip",
        travel_start=day,
        travel_end=day,
        face_value=max(yen, 1),
        issued_at=datetime.combine(day, datetime.min.time(), clock.JST),
        original_expires_at=expires,
        expires_at=expires,
        issuer="見本の宿",
    )


def seal(*coupons: Coupon, yen: int | None = None) -> None:
    """Seal these coupons: each with `yen`, or with its face value."""
    at = NOTICE.dates.cut_off + timedelta(hours=1)
    Seal.objects.get_or_create(
        cut_off=NOTICE.dates.cut_off,
        defaults={
            "sealed_at": at,
            "coupons": len(coupons),
            "eligible": len(coupons),
            "total_yen": 0,
            "sha256": "0" * 64,
        },
    )
    for each in coupons:
        owed = each.face_value if yen is None else yen
        SealedItem.objects.create(
            coupon=each,
            edition=0,
            balance=owed,
            yen=owed,
            category="A1",
            eligible=owed > 0,
            in_app=False,
            route="application" if owed else "none",
            at=at,
        )


def payout(*coupons: Coupon, **changes: object) -> Payout:
    """A waiting points payout by SMS over these coupons, checked and approved by two people."""
    to = {
        "prefecture_code": coupons[0].prefecture_code,
        "road": "points",
        "channel": "sms",
        "address": "+819012345678",
        "proofs": (coupons[0].inquiry_number[-4:], HOLDER),
    }
    return open_payout(
        coupons,
        Recipient(**to | changes),
        Signatures(clerk("reviewer"), clerk("approver")),
    )


def account() -> BankAccount:
    """An account whose content does not matter."""
    return BankAccount.objects.create(blob=b"x", made_at=clock.now())


def codes(brand: str, face_value: int, count: int, prefecture: str = "22") -> None:
    """Free codes of the stock."""
    stock.store(
        (
            stock.StockRow(brand, face_value, f"{prefecture}{brand}{face_value}-{i}", "M", LAST_DAY)
            for i in range(count)
        ),
        prefecture,
    )


def expire_codes(last_day: date) -> None:
    """Let every code of the stock end on this day."""
    Code.objects.update(expires_on=last_day)


def message(key: str, *what: Any, **more: Any) -> Message:
    """A message in the outbox, as it was stored."""
    messages.write(key, *what, **more)
    return Message.objects.get(key=key)
