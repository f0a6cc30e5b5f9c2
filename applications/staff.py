"""The accounts of the office: opened, changed and ended by managers, each change noted (N86).

Nobody changes the own account, nobody gives rights over prefectures that are not the own, and one
manager always stays. What an account may do follows from its roles and prefectures alone.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset as reset_attempts
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from applications import roles
from config import access, clock, second_factor
from config.notice import NOTICE
from config.signing_in import hand, hand_second, lock_ends
from config.states import Refused
from payouts import clerks
from payouts.models import Clerk

LOCK = 20_230_086  # advisory: changes of accounts come one by one, so that one manager stays
FACTS = {
    "face": "本人と対面、または顔の見える通話で話した",
    "card": "社員証（職員証）を確認した",
    "number": "職員番号と所属を本人が答えた",
    "call": "届け出てある電話番号にこちらからかけた",
    "superior": "所属の上長に確認した",
}


@dataclass(frozen=True)
class Wanted:
    """What an account is to be: the person's name, roles, and prefectures or all of them."""

    name: str
    roles: frozenset[str]
    prefectures: frozenset[str]
    everywhere: bool = False

    def codes(self) -> str:
        """For the log: roles and prefectures."""
        places = "all" if self.everywhere else ",".join(sorted(self.prefectures))
        return f"roles={','.join(sorted(self.roles))} prefectures={places}"


def accounts(by: Any) -> QuerySet[Any]:
    """The staff accounts that work for no prefecture but those of `by`."""
    rows = get_user_model().objects.filter(is_staff=True, is_superuser=False)
    rows = rows.select_related("clerk").prefetch_related("groups").order_by("username")
    codes = clerks.visible(by)
    if codes is None:
        return rows
    return rows.filter(clerk__everywhere=False, clerk__prefectures__contained_by=list(codes))


def open_account(username: str, wanted: Wanted, *, by: Any) -> tuple[Any, str]:
    """A new account and the first half of its first password. Raises Refused.

    Another person gives the second half; its owner has to change the password at once.
    """
    with changing():
        allowed(wanted, by)
        User = get_user_model()
        if User.objects.filter(username__iexact=username).exists():
            raise Refused("このログイン名は、もう使われています。", "username")
        user = User.objects.create(username=username, is_staff=True, last_name=wanted.name)
        user.groups.set(Group.objects.filter(name__in=wanted.roles))
        Clerk.objects.create(
            user=user, prefectures=sorted(wanted.prefectures), everywhere=wanted.everywhere
        )
        half = hand(user, by)
        access.noted(by, "account", "user", user.pk, f"opened {wanted.codes()}")
    return user, half


def change(user: Any, wanted: Wanted, *, by: Any) -> None:
    """Other roles or prefectures, at once, also in an open sitting. Raises Refused."""
    with changing():
        not_oneself(user, by)
        allowed(wanted, by)
        if "manager" not in wanted.roles:
            a_manager_stays(user)
        get_user_model().objects.filter(pk=user.pk).update(last_name=wanted.name)
        user.groups.set(Group.objects.filter(name__in=wanted.roles))
        Clerk.objects.update_or_create(
            user=user,
            defaults={"prefectures": sorted(wanted.prefectures), "everywhere": wanted.everywhere},
        )
        access.noted(by, "account", "user", user.pk, f"changed {wanted.codes()}")


def disable(user: Any, *, by: Any) -> None:
    """No log-in any more; an open sitting ends with its next page. Raises Refused."""
    with changing():
        not_oneself(user, by)
        a_manager_stays(user)
        if not get_user_model().objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            raise Refused("すでに停止しています。", "moved")
        access.noted(by, "account", "user", user.pk, "disabled")


def enable(user: Any, *, by: Any) -> None:
    """Log-in again. Raises Refused."""
    with changing():
        not_oneself(user, by)
        if not get_user_model().objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            raise Refused("停止していません。", "moved")
        access.noted(by, "account", "user", user.pk, "enabled")


def new_password(user: Any, *, by: Any) -> str:
    """A first password anew, its first half; open sittings end. Raises Refused."""
    with changing():
        not_oneself(user, by)
        half = hand(user, by)
        access.noted(by, "account", "user", user.pk, "password")
    return half


def second_half(user: Any, *, by: Any) -> str:
    """The other half of a first password, by another person than the first. Raises Refused."""
    with changing():
        not_oneself(user, by)
        half = hand_second(user, by)
        access.noted(by, "account", "user", user.pk, "second_half")
    return half


def reset_device(user: Any, facts: Iterable[str], *, by: Any) -> None:
    """Forget app and recovery codes, after two facts that it really is this person. Raises Refused.

    The next log-in sets up a new app.
    """
    told = sorted(set(facts) & FACTS.keys())
    if len(told) < 2:
        raise Refused("本人と確かめた方法を、2つ以上選んでください。", "facts")
    with changing():
        not_oneself(user, by)
        second_factor.reset(user)
        access.noted(by, "account", "user", user.pk, f"device {','.join(told)}")


def unlock(user: Any, *, by: Any) -> None:
    """Take log-ins again after wrong passwords or codes. Raises Refused."""
    with changing():
        not_oneself(user, by)
        reset_attempts(username=user.get_username())
        for model in (TOTPDevice, StaticDevice):
            model.objects.filter(user=user).update(
                throttling_failure_count=0, throttling_failure_timestamp=None
            )
        access.noted(by, "account", "user", user.pk, "unlocked")


def locked(usernames: Iterable[str]) -> dict[str, datetime]:
    """Until when a log-in name is locked somewhere (real time), of those that are."""
    rows = AccessAttempt.objects.filter(
        username__in=list(usernames), failures_since_start__gte=settings.AXES_FAILURE_LIMIT
    )
    ends = {row.username: lock_ends(row.attempt_time) for row in rows.order_by("attempt_time")}
    return {name: end for name, end in ends.items() if end > clock.real_now()}


@contextmanager
def changing() -> Iterator[None]:
    """One change of an account at a time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


def allowed(wanted: Wanted, by: Any) -> None:
    """Raises Refused where the account would have what it can't have, or `by` can't give."""
    if not wanted.roles or wanted.roles - roles.LABELS.keys():
        raise Refused("役割を1つ以上選んでください。", "roles")
    if "auditor" in wanted.roles and len(wanted.roles) > 1:
        raise Refused("監査は、ほかの役割と兼ねられません。", "roles")
    if not (wanted.everywhere or wanted.prefectures):
        raise Refused("担当の都道府県を選んでください。", "prefectures")
    own = frozenset(clerks.prefectures_of(by))
    asked = frozenset(NOTICE.prefectures) if wanted.everywhere else wanted.prefectures
    if asked - own:
        raise Refused("ご自分の担当でない都道府県は選べません。", "prefectures")


def not_oneself(user: Any, by: Any) -> None:
    """Raises Refused: the own account is for others to change."""
    if user.pk == by.pk:
        raise Refused("ご自分のアカウントは変更できません。ほかの責任者に頼んでください。", "own")


def a_manager_stays(user: Any) -> None:
    """Raises Refused where nobody else could manage accounts afterwards."""
    managers = Q(is_active=True, is_staff=True, groups__name="manager")
    if user.groups.filter(name="manager").exists():
        others = get_user_model().objects.filter(managers).exclude(pk=user.pk)
        if not others.exists():
            raise Refused("責任者が一人もいなくなるため、できません。", "last_manager")
