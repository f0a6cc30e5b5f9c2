"""The app of the first log-in and the recovery codes."""

from base64 import b32decode

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import second_factor
from config.states import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> AbstractBaseUser:
    return get_user_model().objects.create(username="hanako", is_staff=True)


def code_of(device: TOTPDevice) -> str:
    """What the app shows now."""
    return f"{totp(device.bin_key):06d}"


def test_the_secret_stays_until_a_code_proves_it(user: AbstractBaseUser) -> None:
    device = second_factor.begun(user)

    assert second_factor.begun(user) == device
    assert second_factor.device_of(user) is None
    assert second_factor.confirm(user, "000000") is None
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert second_factor.confirm(user, code_of(device)) == device
    assert second_factor.device_of(user) == device
    with pytest.raises(Refused) as caught:
        second_factor.begun(user)
    assert caught.value.code == "has_device"


def test_a_code_counts_once(user: AbstractBaseUser) -> None:
    device = second_factor.begun(user)
    code = code_of(device)

    assert second_factor.confirm(user, code)
    assert not second_factor.proved(user, code)


def test_wrong_codes_are_slowed_down(user: AbstractBaseUser) -> None:
    device = second_factor.begun(user)

    assert second_factor.confirm(user, "000000") is None
    assert second_factor.confirm(user, code_of(device)) is None  # right, but too soon


def test_the_typed_secret_is_that_of_the_picture(user: AbstractBaseUser) -> None:
    device = second_factor.begun(user)

    assert b32decode(second_factor.secret_of(device).replace(" ", "")) == device.bin_key
    picture = second_factor.picture(device, "補償事務局")
    assert picture.startswith("data:image/svg+xml")
    assert "style=" not in picture


@pytest.mark.parametrize("spelling", [str, str.upper, lambda code: code.replace("-", " ")])
def test_a_recovery_code_is_kept_as_a_hash_and_good_once(
    user: AbstractBaseUser, spelling: object
) -> None:
    codes = second_factor.new_recovery_codes(user)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    device = user.staticdevice_set.get()

    assert len(set(codes)) == len(kept) == second_factor.codes_left(user) == 10
    assert not kept & {code.replace("-", "") for code in codes}
    assert device.verify_token(second_factor.kept(spelling(codes[3])))
    assert not device.verify_token(second_factor.kept(codes[3]))
    assert second_factor.codes_left(user) == 9


def test_new_codes_end_the_old_ones(user: AbstractBaseUser) -> None:
    old = second_factor.new_recovery_codes(user)
    second_factor.new_recovery_codes(user)

    assert not user.staticdevice_set.get().verify_token(second_factor.kept(old[0]))


def test_a_reset_forgets_all(user: AbstractBaseUser) -> None:
    second_factor.confirm(user, code_of(second_factor.begun(user)))
    second_factor.new_recovery_codes(user)
    second_factor.reset(user)

    assert second_factor.device_of(user) is None
    assert second_factor.codes_left(user) == 0
