"""The second factor of the office: set up at the first log-in, kept alive by recovery codes.

The codes of the app follow real time (RFC 6238). A recovery code is shown once; the database keeps
a keyed hash of it, and the row goes when the code is used.
"""

import base64
import secrets
import unicodedata
from typing import Any
from urllib.parse import quote

import segno
from django.contrib.auth import get_user_model
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.cipher import keyed_hash
from config.states import Refused

APP, RECOVERY = "app", "recovery"
CODES = 10
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that are taken for another
LENGTH = 12  # of 31 letters: 59 bits


def device_of(user: Any) -> TOTPDevice | None:
    """The confirmed app of an account."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()


def begun(user: Any) -> TOTPDevice:
    """The app being set up: the same secret at each look until it is confirmed. Raises Refused."""
    with transaction.atomic():
        get_user_model().objects.select_for_update(of=("self",)).get(pk=user.pk)
        if device_of(user):
            raise Refused("認証アプリはすでに登録されています。", "has_device")
        waiting = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
        return waiting or TOTPDevice.objects.create(
            user=user, name=APP, confirmed=False, key=secrets.token_hex(20)
        )


def confirm(user: Any, code: str) -> TOTPDevice | None:
    """The app where the code is its own: it counts from now on, and this code is used up."""
    with transaction.atomic():
        rows = TOTPDevice.objects.select_for_update(of=("self",)).order_by("pk")
        device = rows.filter(user=user, confirmed=False).first()
        if device is None or not device.verify_token(digits(code)):
            return None
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        return device


def proved(user: Any, code: str) -> bool:
    """Whether this is a fresh code of the account's app; it is then used up."""
    with transaction.atomic():
        rows = TOTPDevice.objects.select_for_update(of=("self",)).order_by("pk")
        device = rows.filter(user=user, confirmed=True).first()
        return bool(device and device.verify_token(digits(code)))


def secret_of(device: TOTPDevice) -> str:
    """The secret as people type it, in groups of four."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def picture(device: TOTPDevice, issuer: str) -> str:
    """The QR code of the secret, as the address of an image (data:, SVG)."""
    label = quote(f"{issuer}:{device.user.get_username()}")
    secret = base64.b32encode(device.bin_key).decode().rstrip("=")
    address = f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}&digits=6&period=30"
    return segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")


def new_recovery_codes(user: Any) -> list[str]:
    """Ten codes, good once each; the ones before them end."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(CODES)]
    with transaction.atomic():
        device, _ = StaticDevice.objects.select_for_update(of=("self",)).get_or_create(
            user=user, name=RECOVERY
        )
        device.token_set.all().delete()
        StaticToken.objects.bulk_create(
            StaticToken(device=device, token=kept(code)) for code in codes
        )
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def half(chance: bytes) -> str:
    """Half of a first password out of 32 bytes of chance: eight letters in two groups, 39 bits."""
    number, letters = int.from_bytes(chance, "big"), ""
    while len(letters) < 8:
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return f"{letters[:4]}-{letters[4:]}"


def codes_left(user: Any) -> int:
    """How many recovery codes are not used yet."""
    return StaticToken.objects.filter(device__user=user, device__confirmed=True).count()


def kept(code: str) -> str:
    """What the database keeps of a recovery code, however it was typed: 80 bits of a keyed hash."""
    plain = unicodedata.normalize("NFKC", code).lower()
    plain = "".join(sign for sign in plain if sign.isalnum())
    return base64.b32encode(keyed_hash("recovery code", plain)[:10]).decode().lower()


def digits(code: str) -> str:
    """The six digits of the app, however they were typed."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", code) if sign.isdecimal())


def forget_app(user: Any) -> None:
    """The app ends; the recovery codes stay."""
    TOTPDevice.objects.filter(user=user).delete()


def reset(user: Any) -> None:
    """Forget the app and the recovery codes: the next log-in sets up anew, open sessions end."""
    with transaction.atomic():
        get_user_model().objects.select_for_update(of=("self",)).get(pk=user.pk)
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
