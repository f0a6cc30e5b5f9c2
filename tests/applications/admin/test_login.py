"""The door of the office: password and code, both, in Japanese."""

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import clock
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
