"""The office's pages of the stock: two people, two steps; and lapsed payouts opened again."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import clock
from coupons.admin import COUNTED
from payouts import amounts, gifts, opening, stock
from payouts.models import Code, Delivery, Order, Payout, Reopening
from tests.applications import rows as office
from tests.payouts import rows
from tests.payouts.test_gifts import ready

pytestmark = pytest.mark.django_db
NEW = "/admin/payouts/delivery/new/"
LINE = "ponta,500,SECRETCODE,M1,2024-03-31"
LATE = datetime(2023, 6, 5, 10, tzinfo=clock.JST)


def logged_in(role: str, prefecture: str = "") -> Client:
    """The office as one role sees it, past both factors."""
    where = [prefecture] if prefecture else []
    return office.signed_in(Client(), office.clerk(role, *where))


def upload(client: Client, *lines: str) -> object:
    """The page after a file was handed in."""
    raw = "\n".join((",".join(stock.FIELDS), *lines)).encode()
    file = SimpleUploadedFile("codes.csv", raw)
    return client.post(NEW, {"prefecture": "22", "file": file}, follow=True)


def test_one_has_it_checked_and_another_takes_it_in() -> None:
    page = upload(logged_in("payer"), LINE, "edy,100,X,M2,2024-03-31").content.decode()
    row = Delivery.objects.get()
    assert "600円" in page
    assert "この内容を在庫に加える" not in page
    assert "別の担当者が取り込んでください" in page
    other = logged_in("manager")
    seen = other.get(f"/admin/payouts/delivery/{row.pk}/change/").content.decode()
    assert "この内容を在庫に加える" in seen
    done = other.post(f"/admin/payouts/delivery/{row.pk}/apply/", follow=True).content.decode()
    assert "2件を在庫に加えました。" in done
    assert Code.objects.count() == 2


def test_faults_are_listed_and_nothing_is_kept() -> None:
    page = upload(logged_in("payer"), "ponta,0,A,M,2024-03-31", LINE)
    assert page.status_code == 422
    assert "2行目: face_value は" in page.content.decode()
    assert not Delivery.objects.exists()


def test_the_same_file_again_is_told_at_its_field() -> None:
    client = logged_in("payer")
    upload(client, LINE)
    page = upload(client, LINE)
    assert (page.status_code, Delivery.objects.count()) == (422, 1)
    assert "すでに確認または取込済みです" in page.content.decode()


@pytest.mark.parametrize("role", ["call_centre", "reviewer", "auditor"])
def test_other_roles_neither_check_nor_take_in(role: str) -> None:
    upload(logged_in("payer"), LINE)
    row, client = Delivery.objects.get(), logged_in(role)
    assert client.get(NEW).status_code == 403
    for verb in ("apply", "drop"):
        assert client.post(f"/admin/payouts/delivery/{row.pk}/{verb}/").status_code == 403
    assert not Code.objects.exists()


def test_no_page_shows_a_code() -> None:
    upload(logged_in("payer"), LINE)
    row, client = Delivery.objects.get(), logged_in("manager")
    client.post(f"/admin/payouts/delivery/{row.pk}/apply/")
    code = Code.objects.get()
    for path in (
        "/admin/payouts/code/",
        f"/admin/payouts/code/{code.pk}/change/",
        "/admin/payouts/code/levels/",
        "/admin/payouts/delivery/",
        f"/admin/payouts/delivery/{row.pk}/change/",
    ):
        page = client.get(path)
        assert page.status_code == 200
        assert "SECRETCODE" not in page.content.decode()


def test_the_levels_are_those_of_the_own_office() -> None:
    rows.codes("ponta", 500, 2)
    rows.codes("ponta", 500, 9, prefecture="24")
    page = logged_in("payer", "22").get("/admin/payouts/code/levels/").content.decode()
    assert "静岡県" in page
    assert "三重県" not in page


def test_amounts_that_no_brand_can_pay_have_their_own_list() -> None:
    payout = ready(yen=1730)
    rows.codes("ponta", 500, 1)
    with clock.at(rows.LINKS_GO):
        amounts.mark()
    client = logged_in("payer")
    assert str(payout) in client.get("/admin/payouts/unpayable/").content.decode()
    page = client.get(f"/admin/payouts/unpayable/{payout.pk}/change/")
    assert page["Location"] == f"/admin/payouts/payout/{payout.pk}/change/"


def test_a_lapsed_payout_is_opened_again_from_its_page() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    path = f"/admin/payouts/payout/{payout.pk}/change/"
    with clock.at(LATE):
        opening.lapse()
        first, second = logged_in("payer"), logged_in("approver")
        assert "再開を起案する" in first.get(path).content.decode()
        typed = {"last_day": "2023-06-20", "reason": "入院していた"}
        told = first.post(f"/admin/payouts/reopening/of/{payout.pk}/", typed, follow=True)
        assert "別の担当者が承認してください" in told.content.decode()
        row = Reopening.objects.get()
        assert "入院していた" in second.get(path).content.decode()
        assert first.post(f"/admin/payouts/reopening/{row.pk}/approve/").status_code == 403
        done = second.post(f"/admin/payouts/reopening/{row.pk}/approve/", follow=True)
        assert "受取を再開しました" in done.content.decode()
        assert second.get("/admin/payouts/reopening/").status_code == 200
    payout.refresh_from_db()
    assert payout.state == "ready"
    assert payout.receives_until == datetime(2023, 6, 21, tzinfo=clock.JST)


@pytest.mark.parametrize("typed", ["", "soon", "9999-12-31", "2023-06-04"])
def test_a_day_that_is_none_is_told_kindly(typed: str) -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    with clock.at(LATE):
        opening.lapse()
        told = logged_in("payer").post(
            f"/admin/payouts/reopening/of/{payout.pk}/",
            {"last_day": typed, "reason": "x"},
            follow=True,
        )
    assert told.status_code == 200
    assert not Reopening.objects.exists()
    assert Payout.objects.get().state == "lapsed"


@pytest.mark.parametrize(("query", "count"), [("", 3), ("?taken=no", 2), ("?taken=yes", 1)])
def test_codes_are_narrowed_to_what_is_left_or_gone(query: str, count: int) -> None:
    rows.codes("ponta", 500, 3)
    Code.objects.filter(pk=Code.objects.first().pk).update(taken_at=rows.LINKS_GO)
    page = logged_in("payer").get(f"/admin/payouts/code/{query}")
    assert page.context["cl"].result_count == count


@pytest.mark.parametrize("name", ["code", "order", "delivery", "unpayable", "reopening"])
def test_a_list_reads_no_whole_table(name: str) -> None:
    """No list of distinct values, and no count without its bound."""
    client = logged_in("payer")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/admin/payouts/{name}/").status_code == 200
    said = [query["sql"] for query in asked.captured_queries]
    own = [sql for sql in said if f"payouts_{name}" in sql or '"payouts_payout"' in sql]
    assert [sql for sql in own if "DISTINCT" in sql] == []
    assert [sql for sql in own if "COUNT(" in sql and f"LIMIT {COUNTED}" not in sql] == []


def test_orders_are_found_by_payout_and_by_request() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    with clock.at(rows.LINKS_GO):
        gifts.choose(payout, "ponta")
    part = Order.objects.get().parts.get()
    client = logged_in("payer")
    for query in (str(payout.pk), part.request_id):
        page = client.get("/admin/payouts/order/", {"q": query}).content.decode()
        assert f"/admin/payouts/order/{part.order_id}/change/" in page
    assert client.get(f"/admin/payouts/order/{part.order_id}/change/").status_code == 200
