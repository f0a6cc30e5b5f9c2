"""The door of the office: password and code, both, in Japanese."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from applications import staff
from config import clock, signing_in
from config.models import HandedPassword
from tests.applications import rows

pytestmark = pytest.mark.django_db
WRONG = "ログイン名、パスワード、確認コードのいずれかが違います"


def given(client: Client, **typed: str) -> str:
    """What the log-in page answers; empty where the office opened."""
    user = rows.clerk("reviewer", username="hanako")
    user.set_password("ひみつのことば12345")
    user.save()
    device = TOTPDevice.objects.create(user=user, name="app")
    code = totp(device.bin_key, t0=0, digits=6)
    known = {"username": "hanako", "password": "ひみつのことば12345", "otp_token": f"{code:06d}"}
    page = client.post("/admin/login/", known | typed)
    return "" if page.status_code == 302 else page.content.decode()


def test_password_and_code_open_the_office(client: Client) -> None:
    assert given(client) == ""
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"otp_token": ""}, "確認コードを入力してください。"),
        ({"password": ""}, "パスワードを入力してください。"),
        ({"otp_token": "000000"}, WRONG),
        ({"otp_token": "recovery-code"}, WRONG),
        ({"password": "ちがうことば"}, WRONG),
        ({"username": "nobody"}, WRONG),
    ],
)
def test_without_all_three_nothing_opens(client: Client, typed: dict, sentence: str) -> None:
    assert sentence in given(client, **typed)
    assert client.get("/admin/").status_code == 302


def test_the_page_does_not_tell_which_of_the_three_was_wrong() -> None:
    answers = {error(given(Client(), otp_token="000000"))}
    for name in ("hanako", "nobody"):
        typed = {"username": name, "password": "ちがうことば", "otp_token": "123456"}
        answers.add(error(Client().post("/admin/login/", typed).content.decode()))

    assert len(answers) == 1


def error(page: str) -> str:
    """The sentence above the form."""
    return page.split("errornote")[1].split("</p>")[0]


def test_a_password_alone_is_no_log_in(client: Client) -> None:
    client.force_login(rows.clerk("manager"))

    assert client.get("/admin/applications/application/").status_code == 302


def test_the_page_has_one_heading_and_neither_script_nor_inline_style(client: Client) -> None:
    page = client.get("/admin/login/").content.decode()

    assert page.count("<h1") == 1
    assert ("<script" in page, "style=" in page, "<style" in page) == (False, False, False)
    assert f"{clock.now():%Y}年" in page


def test_without_a_code_right_and_wrong_passwords_look_the_same() -> None:
    rows.clerk("reviewer", username="taro").set_unusable_password()
    answers = {given(Client(), otp_token="").split("errornote")[0].split("<form")[1]}
    for typed in ({"username": "hanako", "password": "x"}, {"username": "nobody", "password": "x"}):
        page = Client().post("/admin/login/", typed | {"otp_token": ""}).content.decode()
        answers.add(page.split("errornote")[0].split("<form")[1])

    assert len({re.sub(r'(value|action)="[^"]*"', "", answer) for answer in answers}) == 1


def test_the_session_id_changes_at_log_in_and_ends_at_log_out(client: Client) -> None:
    rows.signed_in(client, rows.clerk("auditor"))
    before = client.session.session_key
    assert given(client) == ""
    inside = client.session.session_key

    assert inside != before
    assert client.get("/admin/logout/").status_code == 405
    client.post("/admin/logout/")
    assert not Session.objects.filter(session_key=inside).exists()
    client.cookies["office"] = inside
    assert client.get("/admin/").status_code == 302


def test_the_cookie_is_for_the_browser_alone(client: Client) -> None:
    given(client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert (cookie["expires"], cookie["max-age"]) == ("", "")  # it ends with the browser


def test_a_code_counts_once(client: Client) -> None:
    assert given(client) == ""
    device = TOTPDevice.objects.get()
    code = f"{totp(device.bin_key):06d}"
    typed = {"username": "hanako", "password": "ひみつのことば12345", "otp_token": code}

    assert WRONG in Client().post("/admin/login/", typed).content.decode()


def test_wrong_codes_slow_the_right_one_down() -> None:
    assert WRONG in given(Client(), otp_token="000000")
    device = TOTPDevice.objects.get()
    code = f"{totp(device.bin_key):06d}"
    typed = {"username": "hanako", "password": "ひみつのことば12345", "otp_token": code}

    assert WRONG in Client().post("/admin/login/", typed).content.decode()
    device.refresh_from_db()
    device.throttle_reset()
    assert Client().post("/admin/login/", typed).status_code == 302


@pytest.mark.parametrize("name", ["hanako", "nobody"])
def test_ten_wrong_passwords_lock_with_a_kind_word_until_a_manager_unlocks(name: str) -> None:
    given(Client(), password="x")
    typed = {"username": name, "password": "x", "otp_token": "123456"}
    for _ in range(10):
        page = Client().post("/admin/login/", typed)
    told = page.content.decode()

    assert page.status_code == 429
    ends = clock.real_now() + timedelta(hours=1)
    assert f"{ends:%Y年%-m月%-d日}" in told
    assert "責任者は、すぐに解除できます" in told
    right = typed | {"password": "ひみつのことば12345"}
    assert Client().post("/admin/login/", right).status_code == 429
    if name == "nobody":
        return
    user = get_user_model().objects.get(username=name)
    assert name in staff.locked([name])
    staff.unlock(user, by=rows.clerk("manager"))
    assert staff.locked([name]) == {}
    assert Client().post("/admin/login/", right).status_code == 200


def test_a_first_password_that_is_too_old_opens_nothing(client: Client) -> None:
    user = rows.clerk("reviewer", username="taro")
    first = signing_in.hand(user, by=rows.clerk("manager"))
    password = f"{first}-{signing_in.hand_second(user, by=rows.clerk('approver'))}"
    HandedPassword.objects.update(until=clock.real_now())
    typed = {"username": "taro", "password": password, "otp_token": ""}

    assert "期限が過ぎました" in client.post("/admin/login/", typed).content.decode()
    assert client.get("/admin/account/first/")["Location"] == "/admin/login/"
