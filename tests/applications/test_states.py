"""What each page says at each moment of the calendar (N25, N32, N52), without a browser."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client

from applications import bulletin, periods
from config import clock
from config.models import Postponement
from config.notice import NOTICE
from tests.applications.conftest import COUPONS, PERSON, RECEIVE, Traveller

pytestmark = pytest.mark.django_db

UNUSED = "/check/?what=unused&expiry=yes"
FAMILY = f"{UNUSED}&use=mixed&counts=1-3-0-0&way=points"
CHARGED = f"{UNUSED}&use=charged&way=points"
BANK = f"{UNUSED}&use=charged&way=bank"
BEFORE, OPEN, WEEK = "2023-03-10T09:00", "2023-04-10T10:00", "2023-04-24T00:00"
HOUR, CLOSED, OVER = "2023-04-30T23:00", "2023-05-01T00:00", "2023-06-01T00:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.JST)


def heading(page: HttpResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.content.decode(), re.S)
    return re.sub(r"<span class=.steps.*</progress></span>|<[^>]*>", "", found[1], flags=re.S)


def words(page: HttpResponse) -> str:
    return re.sub(r"\s*\n\s*", " ", re.sub(r"<[^>]*>", "", page.content.decode()))


def seen(client: Client, path: str, moment: str) -> HttpResponse:
    with clock.at(at(moment)):
        page = client.get(path)
    assert page.status_code == 200
    return page


@pytest.mark.parametrize(
    ("path", "by_moment"),
    [
        (
            "/apply/",
            {
                BEFORE: "申請の受付は、まだ始まっていません",
                "2023-03-22T09:59:59": "申請の受付は、まだ始まっていません",
                CLOSED: "申請の受付は終わりました",
                OVER: "申請の受付は終わりました",
            },
        ),
        (
            FAMILY,
            {
                BEFORE: "この特設サイトで申請してください",
                OPEN: "この特設サイトで申請してください",
                HOUR: "この特設サイトで申請してください",
                CLOSED: "申請の受付は終わりました",
                OVER: "申請の受付は終わりました",
            },
        ),
        (
            CHARGED,
            {
                BEFORE: "お手続きはいりません",
                CLOSED: "お手続きはいりません",
                OVER: "ポイントの受け取りは終わりました",
            },
        ),
        (
            BANK,
            {OPEN: "口座への振込を申請してください", CLOSED: "申請の受付は終わりました"},
        ),
    ],
)
def test_heading_follows_the_calendar(client: Client, path: str, by_moment: dict[str, str]) -> None:
    assert {moment: heading(seen(client, path, moment)) for moment in by_moment} == by_moment


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2023-04-23T23:59:59", []),
        (WEEK, ["申請の期限は、2023年4月30日（日）23:59です", "4月28日（金）18:00まで"]),
        (
            "2023-04-29T12:00",
            ["申請の期限は、2023年4月30日（日）23:59です", "お電話でのお手伝いは終わりました"],
        ),
        (HOUR, ["あと1時間を切りました", "お電話でのお手伝いは終わりました"]),
    ],
)
def test_every_step_of_a_started_form_warns(client: Client, moment: str, said: list[str]) -> None:
    traveller = Traveller(client)
    with clock.at(at(OPEN)):
        for step, data in (("coupons", COUPONS), ("person", PERSON), ("receive", RECEIVE)):
            traveller.post(step, data)
    sentences = ("申請の期限は、2023年", "あと1時間を切りました", "お電話でのお手伝いは")
    for path in ("", "coupons/", "person/", "receive/", "check/"):
        page = words(seen(client, f"/apply/{path}", moment))
        assert [text for text in said if text not in page] == []
        assert any(text in page for text in sentences) is bool(said)


@pytest.mark.parametrize("path", ["/", "/contact/", "/apply/coupons/"])
def test_closed_days_before_the_end_are_named(client: Client, path: str) -> None:
    assert "4月29日（土）と4月30日（日）は、コールセンターがお休みです" in words(
        seen(client, path, "2023-04-26T12:00")
    )


@pytest.mark.parametrize("step", ["coupons", "person", "receive", "bank", "check"])
def test_form_overtaken_by_the_deadline_is_told_what_happens(client: Client, step: str) -> None:
    traveller = Traveller(client)
    with clock.at(at(HOUR)):
        traveller.post("coupons", COUPONS)
    with clock.at(at(CLOSED) + timedelta(seconds=1)):
        page = traveller.post(step, PERSON)
    assert heading(page) == "申請の期限を過ぎました"
    text = words(page)
    assert "送信が届いたのは2023年5月1日（月）00:00で" in text
    assert "事務局には届いていません" in text
    assert "24時間残り、そのあと消えます" in text
    assert "0120-479-249" in text


def test_overtaken_form_lives_again_with_a_postponement(client: Client) -> None:
    traveller = Traveller(client)
    with clock.at(at(HOUR)):
        traveller.post("coupons", COUPONS)
    postpone("2023-05-10T00:00")
    later = seen(client, "/apply/", "2023-05-01T12:00")
    assert heading(later) == "途中まで入力した申請があります"
    text = words(seen(client, "/apply/person/", "2023-05-08T12:00"))
    assert "申請の期限は、2023年5月9日（火）23:59です" in text
    assert "お電話でのお手伝いは、5月9日（火）18:00まで" in text
    assert "コールセンターがお休みです" not in text


def postpone(until: str) -> None:
    first, second = (get_user_model().objects.create_user(name) for name in ("first", "second"))
    Postponement.objects.create(
        key="applications_close",
        until=at(until),
        reason="停止のため",
        prepared_at=at(HOUR),
        prepared_by=first,
        approved_at=at(HOUR),
        approved_by=second,
    )
    periods.forget()
    bulletin.forget()


@pytest.mark.parametrize("moment", [BEFORE, OPEN, WEEK, HOUR, CLOSED, OVER])
@pytest.mark.parametrize("path", ["/", "/check/", FAMILY, CHARGED, BANK, "/faq/", "/contact/"])
def test_page_never_promises_what_is_over(client: Client, path: str, moment: str) -> None:
    text = words(seen(client, path, moment))
    if at(moment) >= NOTICE.dates.applications_close:
        assert [link for link in ("申請をはじめる", "申請へ進む") if link in text] == []
    if at(moment) >= NOTICE.dates.receiving_closes and path != "/faq/":
        assert "受け取りの期限は5月31日（水）です" not in text
        assert "までにお受け取りください" not in text
