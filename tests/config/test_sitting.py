"""How long a sitting lasts, by real time, and a form that comes after its end."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpResponse
from django.test import Client

from config import clock
from tests.applications import rows

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/application/"


@pytest.fixture
def user() -> AbstractBaseUser:
    return rows.clerk("reviewer")


@pytest.fixture
def office(client: Client, user: AbstractBaseUser) -> Client:
    rows.signed_in(client, user)
    assert client.get(LIST).status_code == 200
    return client


def passed(
    client: Client, *, seen: timedelta = timedelta(), since: timedelta = timedelta()
) -> None:
    """Let the last visit and the log-in lie so far back."""
    session = client.session
    now = int(clock.real_now().timestamp())
    session["seen"], session["since"] = now - seen.total_seconds(), now - since.total_seconds()
    session.save()


def sent(client: Client, path: str, **form: str) -> HttpResponse:
    """A form as a browser sends it."""
    return client.post(
        path,
        urlencode(form),
        "application/x-www-form-urlencoded",
        headers={"referer": f"http://testserver{LIST}?state=all"},
    )


@pytest.mark.parametrize(
    ("seen", "since", "why"),
    [
        (timedelta(minutes=29), timedelta(minutes=29), ""),
        (timedelta(minutes=30), timedelta(minutes=30), "idle"),
        (timedelta(), timedelta(hours=8), "long"),
        (timedelta(), timedelta(hours=7, minutes=59), ""),
    ],
)
def test_a_sitting_ends_idle_or_long(
    office: Client, seen: timedelta, since: timedelta, why: str
) -> None:
    passed(office, seen=seen, since=since)
    page = office.get(LIST + "?state=all")

    if not why:
        assert page.status_code == 200
        return
    assert page["Location"] == f"/admin/login/?why={why}&next=%2Fadmin%2Fapplications%2F" + (
        "application%2F%3Fstate%3Dall"
    )
    assert "ログアウトしました" in office.get(page["Location"]).content.decode()
    assert office.get(LIST).status_code == 302


def test_a_visit_lets_the_sitting_go_on(office: Client) -> None:
    passed(office, seen=timedelta(minutes=20))
    office.get(LIST)

    assert clock.real_now().timestamp() - office.session["seen"] < 60


def test_the_rehearsal_clock_ends_no_sitting(office: Client) -> None:
    with clock.at(clock.real_now() + timedelta(days=30)):
        assert office.get(LIST).status_code == 200


def test_the_public_pages_ask_nothing_of_a_sitting(office: Client) -> None:
    passed(office, seen=timedelta(hours=3))

    assert office.get("/").status_code == 200
    assert "_auth_user_id" in office.session


def test_a_form_that_came_too_late_is_sent_again_by_its_sender(
    office: Client, user: AbstractBaseUser
) -> None:
    row = rows.application(rows.coupon())
    path = f"{LIST}{row.pk}/act/note/"
    passed(office, seen=timedelta(hours=1))
    page = sent(office, path, text="お電話で\n確認した")

    assert page.status_code == 302
    assert row.notes.count() == 0
    assert "送信しようとした内容は残っています" in office.get(page["Location"]).content.decode()
    assert "確認した" not in str(dict(office.session))

    rows.signed_in(office, user)
    page = office.get("/admin/account/kept/")
    assert (page.context["back"], page.context["path"]) == (LIST + "?state=all", path)
    assert page.context["fields"] == [("text", "お電話で\n確認した")]
    office.post(path, dict(page.context["fields"]))
    assert row.notes.get().text == "お電話で\n確認した"
    assert office.get("/admin/account/kept/").status_code == 302  # once


def test_a_kept_form_is_nobody_else_s(office: Client) -> None:
    passed(office, seen=timedelta(hours=1))
    sent(office, LIST + "1/act/note/", text="x")
    rows.signed_in(office, rows.clerk("reviewer"))

    assert office.get("/admin/account/kept/").status_code == 302


@pytest.mark.parametrize(
    "came", ["", "https://elsewhere.example/admin/", "http://testserver/status/", "http://["]
)
def test_nobody_is_led_back_to_a_page_outside_the_office(office: Client, came: str) -> None:
    passed(office, seen=timedelta(hours=1))
    page = office.post(LIST + "1/act/note/", {"text": "x"}, headers={"referer": came})

    assert page["Location"] == "/admin/login/?why=idle&next=%2Fadmin%2F&lost=1"


def test_a_password_is_never_kept_and_the_page_says_so(office: Client) -> None:
    passed(office, seen=timedelta(hours=1))
    page = sent(office, "/admin/password_change/", old_password="a", new_password1="b")

    assert "kept" not in office.session
    assert (
        "送信しようとした内容は保存されていません" in office.get(page["Location"]).content.decode()
    )
