"""The accounts of the office: who may change whom, and one manager always stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django_otp.plugins.otp_totp.models import TOTPDevice

from applications import staff
from applications.staff import Wanted
from config import clock, second_factor
from config.models import AccessLog, HandedPassword
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db
REVIEWER = Wanted("静岡 花子", frozenset({"reviewer"}), frozenset({"22"}))
EVERYWHERE = Wanted("静岡 花子", frozenset({"manager"}), frozenset(), everywhere=True)


def refused(act: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The code of a refusal; nothing is noted of it."""
    before = AccessLog.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert AccessLog.objects.count() == before
    return caught.value.code


def test_a_new_account_has_its_roles_and_a_password_in_two_halves_for_a_week() -> None:
    by, other = rows.clerk("manager"), rows.clerk("approver")
    user, first = staff.open_account("hanako", REVIEWER, by=by)
    assert not user.has_usable_password()
    second = staff.second_half(user, by=other)

    user = get_user_model().objects.get(pk=user.pk)
    assert user.check_password(f"{first}-{second}")
    assert not user.check_password(first)
    assert not user.check_password(second)
    assert user.has_perm("applications.check_application")
    assert (user.clerk.prefectures, user.clerk.everywhere) == (["22"], False)
    until = HandedPassword.objects.get(user=user).until
    assert 6 < (until - clock.real_now()).total_seconds() / 86400 <= 7
    log, later = AccessLog.objects.order_by("pk")
    assert (log.by, log.act, log.subject, log.subject_id) == (by, "account", "user", str(user.pk))
    assert log.detail == "opened roles=reviewer prefectures=22"
    assert (later.by, later.detail) == (other, "second_half")


def test_nobody_gives_both_halves_of_a_first_password() -> None:
    by, other = rows.clerk("manager"), rows.clerk("manager")
    user, first = staff.open_account("hanako", REVIEWER, by=by)

    assert refused(staff.second_half, user, by=by) == "two_people"
    assert refused(staff.second_half, user, by=user) == "own"
    staff.second_half(user, by=other)
    assert refused(staff.second_half, user, by=other) == "moved"
    assert staff.new_password(user, by=by) != first
    HandedPassword.objects.update(until=clock.real_now())
    assert refused(staff.second_half, user, by=other) == "moved"


@pytest.mark.parametrize(
    ("asked", "approved"), [("a", "a"), (None, "a"), ("user", None), ("a", "user")]
)
def test_the_database_refuses_one_person_for_both_halves(
    asked: str | None, approved: str | None
) -> None:
    people = {"a": rows.clerk("manager"), "user": rows.clerk("reviewer"), None: None}
    with pytest.raises(IntegrityError, match="handed_password_two_people"):
        HandedPassword.objects.create(
            user=people["user"],
            until=clock.real_now(),
            asked_by=people[asked],
            approved_by=people[approved],
        )


def test_a_log_in_name_is_one_person_s() -> None:
    by = rows.clerk("manager")
    staff.open_account("hanako", REVIEWER, by=by)

    assert refused(staff.open_account, "HANAKO", REVIEWER, by=by) == "username"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("x", frozenset(), frozenset({"22"})), "roles"),
        (Wanted("x", frozenset({"superuser"}), frozenset({"22"})), "roles"),
        (Wanted("x", frozenset({"auditor", "payer"}), frozenset({"22"})), "roles"),
        (Wanted("x", frozenset({"payer"}), frozenset()), "prefectures"),
        (Wanted("x", frozenset({"payer"}), frozenset({"24"})), "prefectures"),
        (Wanted("x", frozenset({"payer"}), frozenset({"99"})), "prefectures"),
        (Wanted("x", frozenset({"payer"}), frozenset(), everywhere=True), "prefectures"),
    ],
)
def test_what_an_account_can_t_have_is_refused(wanted: Wanted, code: str) -> None:
    assert refused(staff.open_account, "taro", wanted, by=rows.clerk("manager", "22")) == code
    assert not get_user_model().objects.filter(username="taro").exists()


def test_roles_change_at_once() -> None:
    user = rows.clerk("reviewer", "22")
    staff.change(
        user, Wanted("x", frozenset({"payer"}), frozenset({"24"})), by=rows.clerk("manager")
    )
    user = get_user_model().objects.get(pk=user.pk)

    assert not user.has_perm("applications.check_application")
    assert user.has_perm("payouts.add_batch")
    assert user.clerk.prefectures == ["24"]


def acts(user: Any, by: Any) -> dict[str, Callable[[], Any]]:
    """Everything that is done to an account."""
    return {
        "change": lambda: staff.change(user, REVIEWER, by=by),
        "disable": lambda: staff.disable(user, by=by),
        "enable": lambda: staff.enable(user, by=by),
        "password": lambda: staff.new_password(user, by=by),
        "second": lambda: staff.second_half(user, by=by),
        "device": lambda: staff.reset_device(user, ["face", "card"], by=by),
        "unlock": lambda: staff.unlock(user, by=by),
    }


@pytest.mark.parametrize(
    "name", [*("change", "disable", "enable"), *("password", "second", "device", "unlock")]
)
def test_nobody_changes_the_own_account(name: str) -> None:
    by = rows.clerk("manager")
    rows.clerk("manager")

    assert refused(acts(by, by)[name]) == "own"


@pytest.mark.parametrize("name", ["change", "disable"])
def test_one_manager_always_stays(name: str) -> None:
    last, by = rows.clerk("manager"), rows.clerk("manager", is_active=False)

    assert refused(acts(last, by)[name]) == "last_manager"
    rows.clerk("manager")
    acts(last, by)[name]()


def test_a_stopped_account_is_out_at_once_and_may_come_back() -> None:
    user, by = rows.clerk("reviewer"), rows.clerk("manager")
    staff.disable(user, by=by)

    assert refused(staff.disable, user, by=by) == "moved"
    assert not get_user_model().objects.get(pk=user.pk).is_active
    staff.enable(user, by=by)
    assert refused(staff.enable, user, by=by) == "moved"
    assert [log.detail for log in AccessLog.objects.order_by("pk")] == ["disabled", "enabled"]


@pytest.mark.parametrize("facts", [[], ["face"], ["face", "face"], ["face", "x"]])
def test_a_device_is_reset_after_two_facts(facts: list[str]) -> None:
    user, by = rows.clerk("reviewer"), rows.clerk("manager")
    TOTPDevice.objects.create(user=user)

    assert refused(staff.reset_device, user, facts, by=by) == "facts"
    staff.reset_device(user, ["face", "call"], by=by)
    assert second_factor.device_of(user) is None
    assert AccessLog.objects.get().detail == "device call,face"


def test_a_manager_sees_the_accounts_of_the_own_prefectures() -> None:
    own, other, all_of_them = (
        rows.clerk("reviewer", "22"),
        rows.clerk("reviewer", "22", "24"),
        rows.clerk("reviewer"),
    )
    by = rows.clerk("manager", "22")

    assert set(staff.accounts(by)) == {own, by}
    assert set(staff.accounts(rows.clerk("manager", username="z"))) >= {own, other, all_of_them}


def test_a_superuser_is_nobody_s_to_change() -> None:
    user = rows.clerk("reviewer", is_superuser=True)

    assert user not in staff.accounts(rows.clerk("manager"))
