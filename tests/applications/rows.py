"""Rows for tests, by plain functions: what is not given is a case that matches cleanly."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Group
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from applications import receipts, roles, search
from applications.models import Application, Claim
from config.clock import JST
from config.notice import NOTICE
from coupons.models import Coupon, Entry, Import
from payouts import accounts
from payouts.models import BankAccount, Clerk

DAY = NOTICE.dates.outage_day
ARRIVED = datetime(2023, 4, 5, 10, tzinfo=JST)
_numbers = count(100_000_000_000)
_names = count(1)


def coupon(number: str = "", **values: Any) -> Coupon:
    """A paper coupon of a stay that ended on the outage day, worth 2,000 yen (A1 and A2)."""
    ends = datetime(DAY.year, DAY.month, DAY.day, 23, 59, 59, tzinfo=JST)
    return Coupon.objects.create(
        **{
            "inquiry_number": number or str(next(_numbers)),
            "prefecture_code": "22",
            "travel_type": "stay",
            "travel_start": DAY - timedelta(days=1),
            "travel_end": DAY,
            "face_value": 2000,
            "issued_at": ends - timedelta(days=1),
            "original_expires_at": ends,
            "expires_at": ends + timedelta(days=35),
            "issuer": "見本旅館",
        }
        | values
    )


def charged(number: str = "", **values: Any) -> Coupon:
    """A coupon charged to an app account that was not left."""
    at = datetime(2023, 2, 20, 12, tzinfo=JST)
    app = {"charged_at": at, "app_account": "A1", "app_phone": "09011112222"}
    return coupon(number, **app | values)


def spent(row: Coupon, yen: int, at: datetime) -> Entry:
    """A payment with a coupon."""
    run = Import.objects.create(at=at, coupons_file="c", transactions_file="t")
    return Entry.objects.create(
        coupon=row,
        transaction_id=f"T{row.inquiry_number}-{at:%m%d%H%M%S}",
        kind="payment",
        amount=yen,
        yen=-yen,
        occurred_at=at,
        import_run=run,
    )


def account() -> BankAccount:
    """An account of シズオカ ハナコ."""
    return accounts.store(
        accounts.Account("0001", "001", "1", "1234567", "シズオカ ハナコ", "見本銀行", "本店")
    )


def application(*coupons: Coupon | str, **values: Any) -> Application:
    """An application for these coupons, or numbers (an empty one is to follow); by SMS."""
    if values.get("method") == "bank":
        given = {"bank_account": values.pop("bank_account", None) or account(), "channel": ""}
        values = (
            {"delivery": "", "postal_code": "4200001", "address": "静岡市1-2-3"} | given | values
        )
    person = {"name": "静岡 花子", "kana": "シズオカ　ハナコ"} | values
    row = Application.objects.create(
        **{
            "search": search.keys(person["name"], person["kana"]),
            "submission_id": uuid4(),
            "receipt_number": receipts.new(),
            "prefecture_code": "22",
            "arrived_at": ARRIVED,
            "opened_at": NOTICE.dates.site_opens,
            "closes_at": NOTICE.dates.applications_close,
            "name": "静岡 花子",
            "kana": "シズオカ　ハナコ",
            "phone": "+819012345678",
            "travel_type": "stay",
            "travel_start": DAY - timedelta(days=1),
            "travel_end": DAY,
            "expires_on_outage_day": "yes",
            "method": "points",
            "channel": "sms",
            "delivery": "+819012345678",
            "content_hash": b"x" * 32,
        }
        | values
    ).begin(at=values.get("arrived_at", ARRIVED))
    for position, asked in enumerate(coupons, 1):
        claim(row, asked, position)
    return row


def claim(row: Application, asked: Coupon | str, position: int = 1, use: str = "paper") -> Claim:
    """One coupon asked for."""
    number = asked if isinstance(asked, str) else asked.inquiry_number
    return Claim.objects.create(
        application=row,
        position=position,
        prefecture_code=row.prefecture_code,
        typed_number=number,
        inquiry_number=number,
        coupon_use=use,
    ).begin(at=row.arrived_at)


def clerk(role: str = "reviewer", *prefectures: str, **values: Any) -> AbstractBaseUser:
    """A staff account with a role, for these prefectures, else for all."""
    if not Group.objects.filter(name=role, permissions__isnull=False).exists():
        roles.set_roles()
    user = get_user_model().objects.create(
        **{"username": f"{role}{next(_names)}", "is_staff": True} | values
    )
    user.groups.add(Group.objects.get(name=role))
    Clerk.objects.create(user=user, prefectures=list(prefectures), everywhere=not prefectures)
    return user


def signed_in(client: Client, user: AbstractBaseUser) -> Client:
    """The client with the session of a clerk who gave password and code."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="test")
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client
