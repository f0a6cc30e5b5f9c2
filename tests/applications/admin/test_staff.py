"""The pages of the accounts over HTTP, from a new account to its first working day."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.models import AccessLog, HandedPassword
from tests.applications import rows

pytestmark = pytest.mark.django_db
NEW = {"username": "yamada.h", "name": "山田 花子", "roles": ["reviewer"], "prefectures": ["22"]}


def made(client: Client) -> str:
    """A new account by a manager and an approver; both halves of its first password."""
    rows.signed_in(client, rows.clerk("manager"))
    page = client.post("/admin/staff/new/", NEW)
    assert page.status_code == 200
    address = f"/admin/staff/{account().pk}/"
    assert client.get(address).context["half"] is None  # shown once
    assert "後半を出す" not in client.get(address).content.decode()
    first, other = page.context["half"], rows.signed_in(Client(), rows.clerk("approver"))
    assert "初期パスワードの後半を出す" in other.get(address).content.decode()
    page = other.post(f"{address}second/")
    assert first not in page.content.decode()
    return f"{first}-{page.context['half']}"


def account() -> object:
    return get_user_model().objects.get(username="yamada.h")


def test_the_first_day_of_a_new_account(client: Client) -> None:
    password, desk = made(client), Client()
    given = {"username": "yamada.h", "password": password, "otp_token": ""}
    page = desk.post("/admin/login/?next=/admin/applications/application/", given)
    assert page["Location"].startswith("/admin/account/first/?next=")
    assert desk.get("/admin/").status_code == 302  # not yet

    page = desk.get(page["Location"])
    assert "data:image/svg+xml" in page.content.decode()
    device = TOTPDevice.objects.get(user=account())
    wrong = desk.post("/admin/account/first/", {"code": "000000", "next": page.context["next"]})
    assert "確認コードが違います" in wrong.content.decode()
    TOTPDevice.objects.update(throttling_failure_count=0)
    code = f"{totp(device.bin_key):06d}"
    page = desk.post("/admin/account/first/", {"code": code, "next": page.context["next"]})
    codes = page.context["codes"]
    assert len(codes) == 10

    assert desk.get("/admin/applications/application/")["Location"] == "/admin/password_change/"
    new = {
        "old_password": password,
        "new_password1": "あたらしいことば2023",
        "next": "/admin/staff/",
    }
    page = desk.post("/admin/password_change/", {**new, "new_password2": "あたらしいことば2023"})
    assert page["Location"] == "/admin/staff/"
    assert desk.get("/admin/applications/application/").status_code == 200
    assert not HandedPassword.objects.exists()

    own = account()
    noted = AccessLog.objects.filter(by=own).order_by("pk").values_list("act", "detail")
    assert list(noted) == [
        ("sign_in", "app"),
        ("sign_in", "recovery_codes"),
        ("sign_in", "password"),
    ]
    again = {"username": "yamada.h", "password": "あたらしいことば2023", "otp_token": code}
    assert Client().post("/admin/login/", again).status_code == 200  # a code counts once
    phone_lost = Client()
    page = phone_lost.post("/admin/login/", {**again, "otp_token": codes[0].upper()})
    assert page.status_code == 302
    assert phone_lost.get("/admin/account/").context["left"] == 9
    assert phone_lost.post("/admin/account/replace/")["Location"] == "/admin/account/first/"
    assert Client().post("/admin/login/", {**again, "otp_token": codes[0]}).status_code == 200


def test_the_own_account_s_sitting_ends_with_a_new_first_password(client: Client) -> None:
    made(client)
    desk = rows.signed_in(Client(), account())
    assert desk.get("/admin/").status_code == 200

    page = client.post(f"/admin/staff/{account().pk}/password/")
    assert re.fullmatch(r"\w{4}-\w{4}", page.context["half"])
    assert desk.get("/admin/").status_code == 302


def test_a_manager_does_not_get_in_as_somebody_else(client: Client) -> None:
    """Neither with the own half, nor by giving both."""
    rows.signed_in(client, rows.clerk("manager"))
    first = client.post("/admin/staff/new/", NEW).context["half"]
    for password in (first, f"{first}-{first}"):
        given = {"username": "yamada.h", "password": password, "otp_token": ""}
        assert Client().post("/admin/login/", given).status_code == 200
    assert client.post(f"/admin/staff/{account().pk}/second/").status_code == 409
    reviewer = rows.signed_in(Client(), rows.clerk("reviewer"))
    assert reviewer.post(f"/admin/staff/{account().pk}/second/").status_code == 403


def test_roles_taken_away_are_gone_in_the_open_sitting(client: Client) -> None:
    made(client)
    desk = rows.signed_in(Client(), account())
    assert desk.get("/admin/applications/application/").status_code == 200
    client.post(f"/admin/staff/{account().pk}/disable/")

    assert desk.get("/admin/applications/application/").status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "Yamada"}, "username"),
        ({"username": ""}, "username"),
        ({"name": ""}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["auditor", "payer"]}, "roles"),
        ({"prefectures": []}, "prefectures"),
        ({"prefectures": ["99"]}, "prefectures"),
    ],
)
def test_a_fault_stands_at_its_field_and_what_was_typed_stays(
    client: Client, change: dict, field: str
) -> None:
    rows.signed_in(client, rows.clerk("manager"))
    page = client.post("/admin/staff/new/", NEW | change)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert 'value="山田 花子"' in page.content.decode() or change.get("name") == ""
    assert not get_user_model().objects.filter(username="yamada.h").exists()


def test_another_prefecture_s_account_does_not_exist(client: Client) -> None:
    user = rows.clerk("reviewer", "24")
    rows.signed_in(client, rows.clerk("manager", "22"))

    assert client.get(f"/admin/staff/{user.pk}/").status_code == 404
    assert client.post(f"/admin/staff/{user.pk}/disable/").status_code == 404
    assert user.username not in client.get("/admin/staff/").content.decode()


def test_what_is_refused_is_told_on_the_page(client: Client) -> None:
    user = rows.clerk("manager")
    rows.signed_in(client, user)
    page = client.post(f"/admin/staff/{user.pk}/disable/")

    assert page.status_code == 409
    assert "ほかの責任者に頼んでください" in page.content.decode()


def test_the_list_is_taken_out_as_a_file_and_noted(client: Client) -> None:
    rows.clerk("reviewer", "22", username="hanako", last_name="静岡 花子")
    rows.signed_in(client, rows.clerk("auditor"))
    page = client.get("/admin/staff/export/?q=hanako")
    text = b"".join(page.streaming_content).decode("utf-8-sig")

    assert text.splitlines()[1] == "hanako,静岡 花子,審査担当,静岡県,いいえ,,有効"
    assert AccessLog.objects.get().act == "export"
