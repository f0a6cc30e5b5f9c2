"""The office's page of wishes: who may press what, and two people before a contact changes."""

import pytest
from django.http import HttpResponse
from django.test import Client

from applications import requests
from applications.models import Application, ChangeRequest
from config import clock
from config.models import AccessLog
from tests.applications import rows
from tests.applications.test_changes import AT, decided

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/changerequest/"


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(AT):
        yield


@pytest.fixture
def wish() -> ChangeRequest:
    return requests.ask(decided(), "email", "new@example.jp")


def press(client: Client, wish: ChangeRequest, verb: str, by: object, **sent: str) -> HttpResponse:
    return rows.signed_in(client, by).post(f"{LIST}{wish.pk}/{verb}/", sent)


def test_the_list_and_the_page_tell_what_is_wished(client: Client, wish: ChangeRequest) -> None:
    by = rows.clerk()
    assert "申し出あり" in rows.signed_in(client, by).get(LIST).content.decode()
    page = client.get(f"{LIST}{wish.pk}/change/").content.decode()
    assert "new@example.jp" in page
    assert "090-1234-5678" in page
    assert "本人と確認した" in page
    assert "配信先を変える" not in page


def test_two_people_change_the_contact(client: Client, wish: ChangeRequest) -> None:
    assert press(client, wish, "check", rows.clerk()).status_code == 302
    assert press(client, wish, "approve", rows.clerk("approver")).status_code == 302
    assert Application.objects.get().delivery == "new@example.jp"


def test_who_checked_does_not_approve(client: Client, wish: ChangeRequest) -> None:
    by = rows.clerk("manager")
    press(client, wish, "check", by)
    assert press(client, wish, "approve", by).status_code == 403
    assert "別の担当者が行います" in client.get(f"{LIST}{wish.pk}/change/").content.decode()


def test_putting_aside_takes_a_reason(client: Client, wish: ChangeRequest) -> None:
    by = rows.clerk()
    assert press(client, wish, "dismiss", by).status_code == 409
    assert press(client, wish, "dismiss", by, reason="unreached").status_code == 302
    assert "ご本人と連絡がとれない" in client.get(f"{LIST}{wish.pk}/change/").content.decode()


def test_another_prefectures_wish_does_not_exist(client: Client, wish: ChangeRequest) -> None:
    by = rows.clerk("reviewer", "13")
    assert press(client, wish, "check", by).status_code == 404
    assert client.get(f"{LIST}{wish.pk}/change/").status_code == 404


@pytest.mark.parametrize("role", ["payer", "auditor"])
def test_who_only_looks_presses_nothing(client: Client, wish: ChangeRequest, role: str) -> None:
    by = rows.clerk(role)
    assert {press(client, wish, verb, by).status_code for verb in ("check", "dismiss")} == {403}


def test_the_application_shows_what_was_changed(client: Client, wish: ChangeRequest) -> None:
    requests.check(wish, by=rows.clerk())
    requests.approve(wish, by=rows.clerk("approver"))
    path = f"/admin/applications/application/{wish.application_id}/"
    page = rows.signed_in(client, rows.clerk()).get(f"{path}change/").content.decode()
    assert "new@example.jp" not in page  # masked until asked for
    page = client.post(f"{path}reveal/", {"what": "contacts"}).content.decode()
    assert "090-1234-5678 → <b>new@example.jp</b>" in page
    assert "まだ届いたと確かめられていません" in page


def test_opening_a_wish_is_written_down(client: Client, wish: ChangeRequest) -> None:
    rows.signed_in(client, rows.clerk()).get(f"{LIST}{wish.pk}/change/")
    assert AccessLog.objects.get().subject == "changerequest"
