"""The first page: the work first, numbers of the own prefectures, each a link to its list."""

import html
import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import matching, review, tallies
from applications.admin import home
from applications.models import Tally
from config import clock
from config.clock import JST
from config.notice import NOTICE
from payouts import offices, transfers
from tests.applications import rows
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/application/"
TILES = r'<li><a href="/admin/payouts/([^"]*)"><b>(\d+)</b>([^<]*)</a>'


def page(client: Client, role: str, *codes: str) -> str:
    rows.signed_in(client, rows.clerk(role, *codes))
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_reviewer_sees_the_work_and_no_money_books(client: Client) -> None:
    row = rows.application("")
    text = page(client, "reviewer")

    assert f'<a href="{LIST}?state=received"><b>1</b>審査待ち</a>' in text
    assert f'<a href="{LIST}{row.pk}/change/">' in text
    assert text.index("今日の業務") < text.index("申請の状態")
    assert "3つの帳簿" not in text


def test_a_manager_sees_stock_and_books(client: Client) -> None:
    text = page(client, "manager")
    assert ("3つの帳簿" in text, "承認を待つ一括承認" in text, "二次確認" in text) == (True,) * 3


def test_a_clerk_sees_the_numbers_of_the_own_prefectures(client: Client) -> None:
    rows.application("", prefecture_code="24")
    rows.application("")
    tallies.count("work")

    assert f'<a href="{LIST}?state=received">1件</a>' in page(client, "manager", "22")


def test_kept_counts_are_shown_and_renewed_when_they_are_old(client: Client) -> None:
    rows.application("")
    tallies.count("work")
    Tally.objects.update(milliseconds=10_000)
    rows.application("")
    assert tallies.current("work").data["22"]["states"] == {"received": 1}

    Tally.objects.update(milliseconds=0)
    assert tallies.current("work").data["22"]["states"] == {"received": 2}


def test_what_the_bank_road_waits_for_is_counted_with_its_lists(client: Client) -> None:
    payer, approver = rows.clerk("payer"), rows.clerk("approver")
    with clock.at(bank_rows.CUT_AT):
        bank_rows.office()
        for _ in range(3):
            bank_rows.ready()
            batch = transfers.cut("22", bank_rows.MONDAY, by=payer).batch
        transfers.release(batch, by=approver)
    account = offices.OwnAccount("1", "ジムキヨク", "0149", "111", "1", "1")
    offices.prepare("22", account, reason="契約", by=payer)
    tallies.count("work")

    text = page(client, "approver")
    tiles = re.findall(TILES, text)
    assert tiles == [
        ("batch/?state__exact=cut", "2", "確定を待つ振込データ"),
        ("batch/?state__exact=released", "1", "銀行へ渡す前の振込データ"),
        ("officechange/?stage=waiting", "1", "承認を待つ事務局の口座"),
    ]
    for address, _, _ in tiles:
        assert client.get(f"/admin/payouts/{html.unescape(address)}").status_code == 200
    assert [count for _, count, _ in re.findall(TILES, page(client, "payer", "23"))] == ["0", "0"]


def test_every_day_of_the_chart_leads_to_its_list(client: Client) -> None:
    rows.application("")
    rows.application("", arrived_at=rows.ARRIVED - timedelta(days=2))

    text = page(client, "reviewer")

    assert f'<a href="{LIST}?state=all&amp;day=2023-04-05"><rect' in text
    assert text.count("<rect x=") == 2


def test_a_decided_case_counts_where_it_stands() -> None:
    row = rows.application(rows.coupon())
    matching.rematch()
    review.approve(review.check_clean(row), by=rows.clerk("approver"))

    assert tallies.count("work").data["22"]["states"] == {"decided": 1}
    assert tallies.count("money").data["22"]["payouts"] == {"points.waiting": [1, 0]}


def test_the_dates_count_down_and_the_past_ones_come_last() -> None:
    at = NOTICE.dates.applications_close - timedelta(hours=30)
    shown = home.dates(at)

    assert (shown[0].label, shown[0].left, shown[0].over) == ("申請の締切", "あと30時間", False)
    assert [date.over for date in shown] == sorted(date.over for date in shown)
    moment = datetime(2023, 1, 2, tzinfo=JST)
    assert home.last_moment(moment) == moment - timedelta(minutes=1)


def test_the_page_counts_no_application(client: Client) -> None:
    rows.application("")
    tallies.recount()
    Tally.objects.update(milliseconds=60_000)
    rows.signed_in(client, rows.clerk("manager"))
    client.get("/admin/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/admin/")

    assert [each["sql"] for each in asked if "count(" in each["sql"].lower()] == []


def test_who_sees_no_case_gets_the_page_all_the_same(client: Client) -> None:
    user = rows.clerk()
    user.groups.clear()
    rows.signed_in(client, user)
    with clock.at(rows.ARRIVED):
        assert client.get("/admin/").status_code == 200
