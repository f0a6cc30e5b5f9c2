"""Sealed coupons of app holders and of paper, made plainly."""

from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from config.notice import NOTICE
from coupons.models import Coupon, LateMovement, SealedItem
from payouts import app_holders
from payouts.models import AppHolderRun, Clerk
from tests.payouts import rows

SEALED_AT = NOTICE.dates.cut_off + timedelta(hours=10)


def check_now() -> None:
    """Ask for what is checked at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def clerk(name: str, *prefectures: str) -> AbstractBaseUser:
    """A staff account for these prefectures, else for all."""
    user = rows.clerk(name)
    Clerk.objects.get_or_create(
        user=user, defaults={"prefectures": list(prefectures), "everywhere": not prefectures}
    )
    return user


def in_app(number: int, account: str = "U1", prefecture: str = "22", **frozen: object) -> Coupon:
    """A sealed coupon of an app account: 1,000 yen more its number, by phone."""
    coupon = rows.coupon(f"{number:012d}", prefecture, 1000 + number)
    contact = {"app_phone": "+819012345678", "app_email": "a@example.jp"}
    rows.seal()
    SealedItem.objects.create(
        **{
            "coupon": coupon,
            "edition": 0,
            "balance": coupon.face_value,
            "yen": coupon.face_value,
            "category": "A1",
            "eligible": True,
            "in_app": True,
            "route": "app_link",
            "app_account": account,
            "at": SEALED_AT,
        }
        | contact
        | frozen
    )
    return coupon


def run() -> AppHolderRun:
    """A run that two people signed."""
    return app_holders.approve(app_holders.prepare(clerk("preparer")), clerk("second"))


def late(coupon: Coupon, yen: int, **values: object) -> LateMovement:
    """A late movement, proposed to be accepted."""
    row = LateMovement.objects.create(
        **{
            "key": f"T{coupon.pk}{yen}",
            "kind": "give_back" if yen > 0 else "late",
            "coupon": coupon,
            "prefecture_code": coupon.prefecture_code,
            "transaction_id": "T1",
            "restores": "T0" if yen > 0 else "",
            "yen": yen,
            "listed_at": SEALED_AT,
        }
        | values
    )
    return row.move("proposed", accepts=True, prepared_by=clerk("preparer"))
