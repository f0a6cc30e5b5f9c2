"""The six roles: what they hold, and the demo's clerks."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import HttpRequest

from applications import roles
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db


def test_set_roles_makes_six_groups_and_repairs_them() -> None:
    call_command("set_roles", verbosity=0)
    before = {group.name: group.permissions.count() for group in Group.objects.all()}
    Group.objects.get(name="payer").permissions.clear()
    call_command("set_roles", verbosity=0)

    assert sorted(before) == sorted(roles.LABELS)
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == before


def test_the_auditor_sees_everything_and_changes_nothing() -> None:
    names = {permission.codename for permission in roles.permissions_of("auditor")}

    assert {name for name in names if not name.startswith("view_")} == {"export_lists"}


@pytest.mark.parametrize("role", roles.LABELS)
def test_no_role_both_checks_and_approves(role: str) -> None:
    user = rows.clerk(role)

    rights = {"applications.check_application", "applications.approve_application"}

    assert len(rights & user.get_all_permissions()) < 2


def test_no_role_makes_accounts() -> None:
    found = {name for role in roles.LABELS for name in rows.clerk(role).get_all_permissions()}

    assert {name for name in found if name.startswith(("auth.", "otp_"))} == set()


def test_demo_clerks_are_the_same_at_each_start() -> None:
    first = roles.make_demo_clerks()

    assert roles.make_demo_clerks() == first
    assert [clerk.username for clerk in first] == list(roles.LABELS)
    assert len({clerk.password for clerk in first}) == 6
    assert all(roles.visible(user) is None for user in demo_users(first))


def demo_users(clerks: list[roles.DemoClerk]) -> list[object]:
    """The accounts that these log-ins open."""
    found = [
        authenticate(HttpRequest(), username=clerk.username, password=clerk.password)
        for clerk in clerks
    ]
    assert None not in found
    return found


def test_demo_clerks_exist_in_rehearsals_only(settings: object) -> None:
    settings.REHEARSAL = False

    with pytest.raises(Refused) as caught:
        roles.make_demo_clerks()
    assert caught.value.code == "rehearsal"


def test_a_clerk_sees_the_prefectures_named_and_nobody_else_any() -> None:
    assert roles.visible(rows.clerk("reviewer", "22", "24")) == {"22", "24"}
    assert roles.visible(rows.clerk("auditor")) is None


def test_labels_are_the_words_of_the_office() -> None:
    assert roles.labels_of(rows.clerk("call_centre")) == "コールセンター"
