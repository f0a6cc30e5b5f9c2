"""The reports over HTTP: each figure leads to its list, each table is a file."""

import csv
import io
import re

import pytest
from django.test import Client

from applications import reports, review
from config import clock
from config.models import AccessLog
from tests.applications import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def something() -> None:
    """Something in every table that needs no seal."""
    row = review.check_clean(rows.application(rows.coupon()))
    review.approve(row, by=rows.clerk("approver"))
    rows.application(rows.coupon(), method="bank")
    rows.application(rows.coupon(), channel="email", delivery="a@example.jp")


@pytest.mark.parametrize("key", reports.REPORTS)
def test_each_figure_leads_to_as_many_rows(client: Client, something: None, key: str) -> None:
    rows.signed_in(client, rows.clerk("auditor"))
    page = client.get(f"/admin/reports/{key}/")
    links = re.findall(r'<td class="yen"><a href="([^"]+)">([\d,]+)</a>', page.content.decode())

    for address, figure in links:
        found = client.get(address.replace("&amp;", "&"))
        assert found.status_code == 200, address
        if "changelist" in found.context and "円" not in figure:
            assert found.context["cl"].result_count == int(figure.replace(",", "")), address
    assert page.status_code == 200


def test_a_report_is_a_file_and_noted(client: Client, something: None) -> None:
    user = rows.clerk("payer")
    rows.signed_in(client, user)
    page = client.get("/admin/reports/road/export/")
    text = b"".join(page.streaming_content).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline="")))

    assert found[0][:2] == ["受取方法", "申請"]
    assert found[-1] == ["合計", "3", "2", "1", "0", "0"]
    log = AccessLog.objects.get()
    assert (log.by, log.act, log.subject, log.subject_id) == (user, "export", "reports", "road")


def test_the_final_report_is_a_page_and_a_file(client: Client, something: None) -> None:
    rows.signed_in(client, rows.clerk("manager"))
    with clock.at(rows.ARRIVED):
        page = client.get("/admin/reports/final/").content.decode()
        file = client.get("/admin/reports/final/export/")
    text = b"".join(file.streaming_content).decode("utf-8-sig")

    assert "決定していない申請が2件あります" in page
    assert "決定していない申請が2件あります" in text
    assert ("<script" in page, "style=" in page) == (False, False)
    assert AccessLog.objects.get().subject == "final"


def test_a_report_that_is_none_is_not_found(client: Client) -> None:
    rows.signed_in(client, rows.clerk("manager"))

    assert client.get("/admin/reports/nothing/").status_code == 404


def test_the_figures_end_at_the_reader_s_prefecture(client: Client, something: None) -> None:
    rows.signed_in(client, rows.clerk("manager", "24"))
    page = client.get("/admin/reports/prefecture/")

    assert page.context["table"].rows == []
    assert "担当の都道府県のみ" in page.content.decode()
