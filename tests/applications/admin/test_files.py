"""The lists that belong to no model are files as well, for who may take lists out."""

import csv
import io

import pytest
from django.test import Client

from config.models import AccessLog
from tests.applications import rows
from tests.payouts import rows as payout_rows

pytestmark = pytest.mark.django_db
FILES = {
    "contested": "/admin/coupons/coupon/contested/",
    "suspects": "/admin/coupons/doublecharge/suspects/",
    "reconcile": "/admin/coupons/seal/reconcile/",
    "reconcile_rows": "/admin/coupons/seal/reconcile/rows/",
    "inquiry_figures": "/admin/applications/inquiry/figures/",
    "levels": "/admin/payouts/code/levels/",
    "undelivered": "/admin/payouts/message/undelivered/",
    "call_list": "/admin/applications/letterbatch/calls/",
}


def lines(client: Client, address: str) -> list[list[str]]:
    """The file of a list."""
    page = client.get(address, {"csv": "1"})
    assert page.status_code == 200, address
    content = b"".join(page.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


@pytest.mark.parametrize("name", FILES)
def test_a_list_is_a_file_and_noted(client: Client, name: str) -> None:
    user = rows.clerk("manager")
    rows.signed_in(client, user)
    (heads, *_) = lines(client, FILES[name])
    assert len(heads) >= 6 or name == "inquiry_figures"
    log = AccessLog.objects.filter(act="export").get()
    assert (log.by, log.subject) == (user, name)


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"reconcile", "reconcile_rows", "levels"}))
def test_who_may_not_take_lists_out_gets_the_page_alone(client: Client, name: str) -> None:
    rows.signed_in(client, rows.clerk("call_centre"))
    assert "csv=1" not in client.get(FILES[name]).content.decode()
    assert client.get(FILES[name], {"csv": "1"}).status_code == 403
    assert not AccessLog.objects.filter(act="export").exists()


def test_the_file_of_contested_numbers_has_what_the_page_shows(client: Client) -> None:
    coupon = rows.coupon()
    for _ in range(2):
        row = rows.application(coupon)
        row.claims.update(match="contested")
    rows.signed_in(client, rows.clerk("manager"))
    assert "csv=1" in client.get(FILES["contested"]).content.decode()
    _, line = lines(client, FILES["contested"])
    assert line[:4] == [coupon.inquiry_number, "静岡県", "2", "2"]
    assert line[5:] == ["未判断", "", ""]


def test_the_file_of_a_number_of_the_books_has_every_row(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("applications.reconcile.SHOWN", 2)
    coupons = [payout_rows.coupon(f"{n:012d}", yen=1000 + n) for n in range(1, 6)]
    payout_rows.seal(*coupons)
    rows.signed_in(client, rows.clerk("manager"))
    _, *found = lines(client, FILES["reconcile_rows"])
    assert [line[3] for line in found] == ["1001", "1002", "1003", "1004", "1005"]
    _, line = lines(client, FILES["reconcile"])
    assert (line[:4], line[-1]) == (["静岡県", "申請待ち", "A1", "5015"], "0")
