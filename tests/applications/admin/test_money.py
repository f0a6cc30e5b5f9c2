"""The pages of late movements, app-holder runs and the books: who sees what, who may do what."""

import pytest
from django.test import Client
from pytest_django import Settings

from coupons.models import LateMovement
from payouts.models import AppHolderRun, Payout
from tests.applications import rows
from tests.payouts import rows as payout_rows
from tests.payouts import sealed_rows

pytestmark = pytest.mark.django_db
LATE, RUNS = "/admin/coupons/latemovement/", "/admin/payouts/appholderrun/"
BOOKS = "/admin/coupons/seal/reconcile/"


def as_role(client: Client, role: str, *prefectures: str) -> Client:
    return rows.signed_in(client, rows.clerk(role, *prefectures))


def listed(yen: int = 300) -> LateMovement:
    """A late movement that nobody touched yet, of a sealed coupon of 2,000 yen."""
    coupon = payout_rows.coupon()
    payout_rows.seal(coupon)
    return LateMovement.objects.create(
        key="T1",
        kind="give_back" if yen > 0 else "late",
        coupon=coupon,
        prefecture_code="22",
        transaction_id="T1",
        restores="T0" if yen > 0 else "",
        yen=yen,
        listed_at=sealed_rows.SEALED_AT,
    ).begin(at=sealed_rows.SEALED_AT)


def test_a_late_movement_is_judged_by_two_on_its_page(client: Client) -> None:
    row = listed()
    as_role(client, "reviewer")
    page = client.get(f"{LATE}{row.pk}/change/").content.decode()
    assert "採用すると起案する" in page
    assert "2,000円" in page
    answer = client.post(f"{LATE}{row.pk}/accept/", follow=True)
    assert "起案しました" in answer.content.decode()
    assert client.post(f"{LATE}{row.pk}/decide/").status_code == 403
    as_role(client, "approver")
    assert "起案のとおり承認する" in client.get(f"{LATE}{row.pk}/change/").content.decode()
    answer = client.post(f"{LATE}{row.pk}/decide/", follow=True)
    assert "追加確定 300円" in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.item.yen) == ("accepted", 300)
    assert "2,300円" in client.get(f"{LATE}why/{row.coupon_id}/").content.decode()


def test_a_drawn_movement_waits_for_a_third_person_on_its_page(
    client: Client, settings: Settings
) -> None:
    settings.SECOND_LOOK_PERCENT = 100
    row = listed()
    as_role(client, "reviewer")
    client.post(f"{LATE}{row.pk}/accept/")
    as_role(client, "approver")
    answer = client.post(f"{LATE}{row.pk}/decide/", follow=True).content.decode()
    assert "二次確認に選ばれました。" in answer
    assert "起案・承認をした人は、二次確認をできません。" in answer
    as_role(client, "manager")
    answer = client.post(f"{LATE}{row.pk}/agree/", follow=True).content.decode()
    assert "追加確定 300円" in answer
    row.refresh_from_db()
    assert row.state == "accepted"
    (line,) = client.get("/admin/reports/looks/").context["table"].rows
    assert [cell.value for cell in line] == ["静岡県", "確定後の増減", 1, 0, 1, 0, 0, 0.0]


def test_a_refusal_needs_its_reason(client: Client) -> None:
    row = listed()
    as_role(client, "manager")
    answer = client.post(f"{LATE}{row.pk}/refuse/", follow=True)
    assert "見送りの理由を選んでください。" in answer.content.decode()
    client.post(f"{LATE}{row.pk}/refuse/", {"refusal": "twin"})
    answer = client.post(f"{LATE}{row.pk}/decide/", follow=True)
    assert "別の担当者" in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.refusal) == ("proposed", "twin")
    client.post(f"{LATE}{row.pk}/send_back/")
    row.refresh_from_db()
    assert row.state == "listed"


def test_late_movements_of_other_offices_are_not_there(client: Client) -> None:
    row = listed()
    as_role(client, "reviewer", "47")
    assert client.get(f"{LATE}{row.pk}/change/").status_code == 404
    assert client.get(f"{LATE}why/{row.coupon_id}/").status_code == 404
    assert client.get(LATE).context["cl"].result_count == 0


def test_the_coupon_leads_to_its_account(client: Client) -> None:
    row = listed()
    as_role(client, "call_centre")
    page = client.get(f"/admin/coupons/coupon/{row.coupon_id}/change/").content.decode()
    assert f'href="{LATE}why/{row.coupon_id}/"' in page
    assert "残額の計算" in client.get(f"{LATE}why/{row.coupon_id}/").content.decode()


def test_a_run_is_previewed_prepared_and_approved(client: Client) -> None:
    sealed_rows.in_app(1)
    sealed_rows.in_app(2, "U2", prefecture="47", app_phone="", app_email="")
    as_role(client, "payer")
    page = client.get(f"{RUNS}new/")
    assert page.context["sums"] == {
        "payouts": 1,
        "coupons": 1,
        "yen": 1001,
        "by_sms": 1,
        "by_email": 0,
        "unreachable": 1,
        "unreachable_yen": 1002,
    }
    assert "1,001円" in page.content.decode()
    client.post(f"{RUNS}new/")
    run = AppHolderRun.objects.get()
    assert client.post(f"{RUNS}{run.pk}/approve/").status_code == 403
    as_role(client, "approver")
    assert "承認する" in client.get(f"{RUNS}{run.pk}/change/").content.decode()
    answer = client.post(f"{RUNS}{run.pk}/approve/", follow=True)
    assert "承認しました。" in answer.content.decode()
    run.refresh_from_db()
    assert (run.state, run.payouts, run.yen) == ("approved", 1, 1001)
    assert run.state_label in client.get(RUNS).content.decode()


def test_a_manager_alone_cannot_sign_twice(client: Client) -> None:
    sealed_rows.in_app(1)
    as_role(client, "manager")
    client.post(f"{RUNS}new/")
    run = AppHolderRun.objects.get()
    assert "別の担当者が承認してください" in client.get(f"{RUNS}{run.pk}/change/").content.decode()
    client.post(f"{RUNS}{run.pk}/approve/")
    client.post(f"{RUNS}{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_nothing_to_open_and_no_right_are_told(client: Client) -> None:
    as_role(client, "payer")
    answer = client.get(f"{RUNS}new/", follow=True)
    assert "残額がまだ確定していない" in answer.content.decode()
    as_role(client, "reviewer")
    assert client.get(f"{RUNS}new/").status_code == 403
    assert client.get(RUNS).status_code == 403


def test_the_books_lead_from_each_number_to_its_rows(client: Client) -> None:
    coupon, other = payout_rows.coupon(), payout_rows.coupon("000000000002", "47")
    payout_rows.seal(coupon, other)
    payout = payout_rows.payout(coupon)
    as_role(client, "approver")
    page = client.get(BOOKS)
    assert [(line["prefecture"], line["sealed"]) for line in page.context["lines"]] == [
        ("静岡県", 2000),
        ("沖縄県", 2000),
    ]
    assert "差異なし" in page.content.decode()
    address = page.context["lines"][0]["cells"][1][2]
    rows_page = client.get(address)
    assert [row["inquiry_number"] for row in rows_page.context["rows"]] == ["000000000001"]
    assert f"/admin/payouts/payout/{payout.pk}/change/" in rows_page.content.decode()
    everything = client.get(page.context["totals"]["sealed_at"])
    assert [row["sealed"] for row in everything.context["rows"]] == [2000, 2000]
    shown = client.get("/admin/payouts/payout/?prefecture=22&state__in=issued,handed_over,paid")
    assert (shown.status_code, shown.context["cl"].result_count) == (200, 0)


def test_a_difference_is_red(client: Client) -> None:
    coupon = payout_rows.coupon()
    payout_rows.seal(coupon)
    payout = payout_rows.payout(coupon)
    Payout.objects.filter(pk=payout.pk).update(amount=1)
    payout.lines.update(yen=2000)
    as_role(client, "approver")
    page = client.get(BOOKS).content.decode()
    assert "差異 1件" in page
    assert f"/admin/payouts/payout/{payout.pk}/change/" in page
    payout.lines.update(yen=None)
    Payout.objects.update(amount=None)


def test_an_office_sees_its_own_books(client: Client) -> None:
    coupon = payout_rows.coupon()
    payout_rows.seal(coupon)
    as_role(client, "approver", "47")
    assert client.get(BOOKS).context["lines"] == []
    where = "?prefecture=22&road=application&category=A1&bucket=not_claimed"
    assert client.get(f"{BOOKS}rows/{where}").status_code == 403
    assert client.get(f"{BOOKS}rows/").context["rows"] == []
    as_role(client, "call_centre")
    assert client.get(BOOKS).status_code == 403
