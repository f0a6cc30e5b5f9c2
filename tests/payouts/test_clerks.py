"""Whose cases a clerk may see and work on."""

import pytest
from django.contrib.auth.models import User

from config.notice import NOTICE
from config.states import Refused
from payouts import clerks
from payouts.models import Clerk

pytestmark = pytest.mark.django_db


def test_prefectures_of_come_from_the_clerk_and_from_nothing_else() -> None:
    nobody = User.objects.create_user("nobody", is_staff=True)
    local, central = User.objects.create_user("local"), User.objects.create_user("central")
    Clerk.objects.create(user=local, prefectures=["22", "23"])
    Clerk.objects.create(user=central, everywhere=True)
    assert [clerks.prefectures_of(user) for user in (nobody, local, central)] == [
        [],
        ["22", "23"],
        list(NOTICE.prefectures),
    ]


def test_require_refuses_another_office() -> None:
    local = User.objects.create_user("local")
    Clerk.objects.create(user=local, prefectures=["22"])
    clerks.require(local, "22")
    with pytest.raises(Refused) as refusal:
        clerks.require(local, "23")
    assert refusal.value.code == "prefecture"
