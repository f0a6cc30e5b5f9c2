"""Every list as a file: its own columns and filters, safe in Excel, streamed, noted."""

import csv
import io
from datetime import datetime

import pytest
from django.contrib import admin
from django.http import StreamingHttpResponse
from django.test import Client

from applications import matching
from config import clock
from config.models import AccessLog
from coupons.models import Coupon
from tests.applications import rows

LIST = "/admin/applications/application/export/"


def lines(page: StreamingHttpResponse) -> list[list[str]]:
    """The rows of a file."""
    assert page.status_code == 200
    assert page["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(page.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.django_db
def test_a_list_is_taken_out_as_it_is_seen_and_noted(client: Client) -> None:
    row = rows.application(rows.coupon(), arrived_at=datetime(2023, 4, 5, 10, tzinfo=clock.JST))
    rows.application(rows.coupon(), prefecture_code="24")
    matching.rematch()
    user = rows.clerk("manager")
    rows.signed_in(client, user)
    heads, *found = lines(client.get(LIST + "?prefecture=22&state=all&q=" + row.receipt_number))

    assert [each[heads.index("受付番号")].replace("-", "") for each in found] == [
        row.receipt_number
    ]
    assert "<" not in "".join(found[0])
    log = AccessLog.objects.get()
    assert (log.by, log.act, log.subject) == (user, "export", "application")
    assert log.detail == "prefecture=22 q state=all"  # never what was searched for


@pytest.mark.django_db
def test_yen_are_numbers_and_moments_japanese_time(client: Client) -> None:
    coupon = rows.coupon(face_value=12_000)
    rows.signed_in(client, rows.clerk("manager"))
    heads, found = lines(client.get("/admin/coupons/coupon/export/"))
    told = dict(zip(heads, found, strict=True))

    assert told["額面（円）"] == "12000"
    expires = coupon.original_expires_at.astimezone(clock.JST)
    assert f"{expires:%Y-%m-%d %H:%M:%S}" in found
    assert told["都道府県"] == "静岡県"


@pytest.mark.django_db
def test_a_formula_stays_text(client: Client) -> None:
    rows.coupon(issuer="=HYPERLINK(1)")
    rows.signed_in(client, rows.clerk("manager"))

    assert "'=HYPERLINK(1)" in lines(client.get("/admin/coupons/coupon/export/"))[1]


@pytest.mark.django_db
def test_the_file_ends_at_the_clerk_s_prefecture(client: Client) -> None:
    rows.coupon(prefecture_code="24")
    own = rows.coupon()
    rows.signed_in(client, rows.clerk("manager", "22"))

    found = lines(client.get("/admin/coupons/coupon/export/"))
    assert [row[0] for row in found[1:]] == [own.inquiry_number]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["call_centre", "reviewer"])
def test_who_may_not_take_lists_out_sees_no_button(client: Client, role: str) -> None:
    rows.signed_in(client, rows.clerk(role))

    assert client.get("/admin/coupons/coupon/export/").status_code == 403
    assert "CSVで保存" not in client.get("/admin/coupons/coupon/").content.decode()
    assert AccessLog.objects.count() == 0


@pytest.mark.django_db
def test_every_list_of_the_office_has_its_file(client: Client) -> None:
    rows.signed_in(client, rows.clerk("manager", is_superuser=True))
    places = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in sites()]
    answers = {place: client.get(place + "export/").status_code for place in places}
    shown = {place: "CSVで保存" in client.get(place).content.decode() for place in places}

    assert answers == dict.fromkeys(places, 200)
    assert shown == dict.fromkeys(places, True)


def sites() -> list[type]:
    """The models that have a list."""
    return list(admin.site._registry)


@pytest.mark.django_db(transaction=True)
def test_rows_leave_as_they_come(client: Client) -> None:
    values = Coupon.objects.filter(pk=rows.coupon().pk).values().get() | {"id": None}
    Coupon.objects.bulk_create(
        Coupon(**values | {"inquiry_number": f"{number:012d}"}) for number in range(1199)
    )
    rows.signed_in(client, rows.clerk("manager"))
    page = client.get("/admin/coupons/coupon/export/")

    pieces = [piece.count(b"\r\n") for piece in page.streaming_content]
    assert pieces == [501, 500, 200]  # the heads with the first


@pytest.mark.django_db
def test_a_filter_that_is_none_leads_away(client: Client) -> None:
    rows.signed_in(client, rows.clerk("manager"))

    assert client.get("/admin/payouts/payout/export/?state__exact__x=1").status_code == 302
