"""The list of cases: what is shown, found, narrowed, and to whom."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import cases, matching, receipts
from applications.admin.queue import key
from applications.models import Application
from config import clock
from config.clock import JST
from tests.applications import rows

pytestmark = pytest.mark.django_db
LIST = "/admin/applications/application/"


def shown(client: Client, query: str = "", role: str = "reviewer", *codes: str) -> list[str]:
    """The receipt numbers on the list, in order."""
    with clock.at(datetime(2023, 4, 10, 10, tzinfo=JST)):
        page = rows.signed_in(client, rows.clerk(role, *codes)).get(LIST + query)
    assert page.status_code == 200
    return [row.receipt_number for row in page.context["cl"].result_list]


def test_open_cases_come_oldest_first_and_decided_ones_on_demand(client: Client) -> None:
    new = rows.application("")
    old = rows.application("", arrived_at=rows.ARRIVED - timedelta(days=2))
    gone = rows.application("", state="withdrawn")

    assert shown(client) == [old.receipt_number, new.receipt_number]
    assert shown(client, "?state=withdrawn") == [gone.receipt_number]
    assert len(shown(client, "?state=all")) == 3


def test_a_clerk_sees_the_own_prefectures_only(client: Client) -> None:
    rows.application("", prefecture_code="24")
    own = rows.application("")

    assert shown(client, "", "auditor", "22", "23") == [own.receipt_number]
    assert shown(client, "?prefecture=24", "auditor", "22") == []


@pytest.mark.parametrize(
    "query",
    ["?match=clean", "?road=bank", "?age=3", "?look=marked", "?look=assisted", "?look=follow"],
)
def test_each_filter_keeps_what_it_names(client: Client, query: str) -> None:
    wanted = {
        "?match=clean": lambda: rows.application(rows.coupon()),
        "?road=bank": lambda: rows.application("9", method="bank"),
        "?age=3": lambda: rows.application("9"),
        "?look=marked": lambda: rows.application("9", marks=["twin"]),
        "?look=assisted": lambda: rows.application("9", entered_by=rows.clerk("call_centre")),
        "?look=follow": lambda: rows.application("", number_unknown=True),
    }[query]()
    rows.application("8", arrived_at=rows.ARRIVED + timedelta(days=4))
    matching.rematch()

    assert shown(client, query) == [wanted.receipt_number]


def test_one_wrong_coupon_keeps_a_case_out_of_the_clean_ones(client: Client) -> None:
    both = rows.application(rows.coupon(), "999999999999")
    matching.rematch()

    assert shown(client, "?match=clean") == []
    assert shown(client, "?match=not_found") == [both.receipt_number]


@pytest.mark.parametrize("typed", ["ｋ", "0120-479-249", "999999999999", "x@example.jp"])
def test_a_key_that_fits_nothing_finds_nothing(typed: str) -> None:
    rows.application("111111111111")

    assert list(Application.objects.filter(key(typed))) == []


def test_a_case_is_found_by_every_key_in_any_spelling() -> None:
    row = rows.application(
        "123412341234", email="hanako@example.jp", channel="email", delivery="h2@example.jp"
    )
    written = receipts.written(row.receipt_number)
    typed = [
        written.lower(),
        "１２３４－１２３４－１２３４",
        "090 1234 5678",
        "+81 90-1234-5678",
        "hanako＠Example.JP",
        "h2@example.jp",
    ]

    assert [list(Application.objects.filter(key(term))) for term in typed] == [[row]] * len(typed)


def test_a_receipt_number_without_a_digit_is_no_name(client: Client) -> None:
    row = rows.application(receipt_number="FAFACPDEMHRX")
    for typed in ("FAFACPDEMHRX", "fafa-cpde-mhrx", "ＦＡＦＡ－ＣＰＤＥ－ＭＨＲＸ"):
        assert shown(client, f"?q={typed}") == [row.receipt_number]


def test_a_search_looks_at_decided_cases_too(client: Client) -> None:
    gone = rows.application("123412341234", state="withdrawn")

    assert shown(client, "?q=123412341234") == [gone.receipt_number]


@pytest.mark.parametrize("query", ["", "?q=090-1234-5678", "?q=静岡", "?match=clean", "?look=mine"])
def test_a_page_of_the_list_asks_the_database_ten_times_at_most(client: Client, query: str) -> None:
    for _ in range(12):
        rows.application(rows.coupon(), rows.coupon())
    rows.signed_in(client, rows.clerk())
    client.get(LIST)  # the sitting's first page writes the session
    with CaptureQueriesContext(connection) as asked:
        client.get(LIST + query)

    assert sum("config_offset" not in each["sql"] for each in asked) <= 10


def test_the_list_says_who_holds_a_case_and_for_how_long(client: Client) -> None:
    row, by = rows.application(""), rows.clerk()
    cases.take(row, by=by)

    text = rows.signed_in(client, rows.clerk()).get(LIST).content.decode()

    assert f"{by.username}（あと20分）" in text


@pytest.mark.parametrize("query", ["?channel=email", "?mark=twin", "?day=2023-04-05"])
def test_channel_mark_and_day_narrow_the_list(client: Client, query: str) -> None:
    wanted = rows.application("7", channel="email", delivery="a@example.jp", marks=["twin"])
    rows.application("8", arrived_at=rows.ARRIVED + timedelta(days=4), marks=["odd_dots"])

    assert shown(client, query) == [wanted.receipt_number]


@pytest.mark.parametrize("query", ["?day=never", "?like=same_contact.XXXX", "?like=nonsense.1"])
def test_a_narrowing_that_makes_no_sense_finds_nothing(client: Client, query: str) -> None:
    rows.application("")

    assert shown(client, query) == []


def test_next_hands_out_the_oldest_case_and_passes_the_one_put_aside(client: Client) -> None:
    second = rows.application("")
    first = rows.application("", arrived_at=rows.ARRIVED - timedelta(days=1))
    by = rows.clerk()
    rows.signed_in(client, by)

    assert client.post(f"{LIST}next/check/").url == f"{LIST}{first.pk}/change/"
    answer = client.post(f"{LIST}next/check/", {"passed": first.pk})
    assert answer.url == f"{LIST}{second.pk}/change/"
    held = Application.objects.filter(taken_by=by).values_list("pk", flat=True)
    assert list(held) == [second.pk]


def test_an_empty_queue_says_so(client: Client) -> None:
    rows.signed_in(client, rows.clerk())

    page = client.post(f"{LIST}next/check/", follow=True)

    assert "いま処理を待っている案件はありません。" in page.content.decode()


@pytest.mark.parametrize(
    ("role", "stages"),
    [
        ("call_centre", (403, 403)),
        ("reviewer", (302, 403)),
        ("approver", (403, 302)),
        ("payer", (403, 403)),
        ("auditor", (403, 403)),
        ("manager", (403, 302)),
    ],
)
def test_cases_are_handed_out_by_role(client: Client, role: str, stages: tuple[int, int]) -> None:
    rows.signed_in(client, rows.clerk(role))

    answers = [client.post(f"{LIST}next/{stage}/") for stage in ("check", "approve")]

    assert tuple(answer.status_code for answer in answers) == stages


def test_handing_out_needs_a_post(client: Client) -> None:
    rows.signed_in(client, rows.clerk())

    answer = client.get(f"{LIST}next/check/")
    assert (answer.status_code, answer["location"]) == (302, LIST)
