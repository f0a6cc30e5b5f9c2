"""The office's page of corrected accounts: both accounts side by side, two people, a reason."""

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client

from applications import returns
from applications.models import Application, NewAccount
from config import clock
from config.models import AccessLog
from payouts.models import Payout
from tests.applications import rows
from tests.applications.test_changes import decided
from tests.applications.test_returns import ANSWER, AT, OWN, come_back
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/newaccount/"


@pytest.fixture(autouse=True)
def _in_may() -> Iterator[None]:
    with clock.at(AT):
        yield


@pytest.fixture
def new() -> NewAccount:
    bank_rows.office()
    with clock.at(bank_rows.CUT_AT):
        decided(method="bank", holder_relation="self")
    come_back()
    returns.ask_due()
    return returns.give(Application.objects.get(), ANSWER, OWN, arrived_at=AT)


def press(client: Client, new: NewAccount, verb: str, by: object, **sent: str) -> HttpResponse:
    return rows.signed_in(client, by).post(f"{LIST}{new.pk}/{verb}/", sent)


def test_the_page_holds_both_accounts_side_by_side(client: Client, new: NewAccount) -> None:
    by = rows.clerk()
    assert "訂正あり" in rows.signed_in(client, by).get(LIST).content.decode()
    page = client.get(f"{LIST}{new.pk}/change/").content.decode()
    assert "<td>1234567</td><td><b>7654321</b></td>" in page
    assert "該当口座なし" in page
    assert AccessLog.objects.last().subject == "newaccount"


def test_two_people_let_the_money_go(client: Client, new: NewAccount) -> None:
    both = rows.clerk("manager")
    assert press(client, new, "check", both).status_code == 302
    assert press(client, new, "approve", both).status_code == 403
    assert "別の担当者が行います" in client.get(f"{LIST}{new.pk}/change/").content.decode()
    assert press(client, new, "approve", rows.clerk("approver")).status_code == 302
    assert Payout.objects.get().state == "ready"


def test_sending_back_takes_a_reason(client: Client, new: NewAccount) -> None:
    by = rows.clerk()
    assert press(client, new, "dismiss", by).status_code == 409
    assert press(client, new, "dismiss", by, reason="same_account").status_code == 302
    assert "振込不能になった口座と同じ" in client.get(f"{LIST}{new.pk}/change/").content.decode()


def test_another_prefectures_correction_does_not_exist(client: Client, new: NewAccount) -> None:
    by = rows.clerk("reviewer", "13")
    assert press(client, new, "check", by).status_code == 404
    assert client.get(f"{LIST}{new.pk}/change/").status_code == 404


@pytest.mark.parametrize("role", ["payer", "auditor"])
def test_who_only_looks_presses_nothing(client: Client, new: NewAccount, role: str) -> None:
    by = rows.clerk(role)
    assert {press(client, new, verb, by).status_code for verb in ("check", "dismiss")} == {403}
