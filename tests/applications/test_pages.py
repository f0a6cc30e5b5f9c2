"""The information pages at every moment of the calendar, and the error pages."""

import gzip
import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.http import HttpResponse
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse

from applications import draft, periods
from applications.views import pages
from config import clock
from config.models import Postponement
from payouts import proved

PAGES = ("top", "check", "news", "faq", "contact", "messages", "privacy", "accessibility")
OPEN = "2023-04-10T10:00"


@pytest.fixture(autouse=True)
def _fresh_periods() -> Iterator[None]:
    periods.forget()
    yield
    periods.forget()


class Reader(HTMLParser):
    """What a page says: the words of its first h1, its links, and all its words."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.headings: dict[str, list[str]] = {"title": [], "h1": [], "h2": []}
        self.feed(page.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in self.headings:
            self.headings[tag].append("")
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        self.inside = tag if tag in self.headings else getattr(self, "inside", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data: str) -> None:
        self.words += data
        if getattr(self, "inside", ""):
            self.headings[self.inside][-1] += data


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=clock.JST)


def read(client: Client, address: str, moment: str = OPEN) -> Reader:
    with clock.at(at(moment)):
        page = client.get(address)
    assert page.status_code == 200
    return Reader(page)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "first", "state", "to_apply"),
    [
        (
            "2023-03-10T09:00",
            "クーポンは、3月31日（金）までお使いいただけます",
            "申請の受付は、3月22日（水）10:00に始まる予定です",
            False,
        ),
        (
            "2023-03-22T10:00",
            "クーポンは、3月31日（金）までお使いいただけます",
            "申請を受け付けています",
            True,
        ),
        ("2023-04-01T00:00", "申請を受け付けています", "申請を受け付けています", True),
        ("2023-04-24T00:00", "申請の期限が近づいています", "申請の期限が近づいています", True),
        (
            "2023-04-30T23:00",
            "申請の受付は、まもなく終わります",
            "申請の受付は、まもなく終わります",
            True,
        ),
        ("2023-05-01T00:00", "申請の受付は終わりました", "申請の受付は終わりました", False),
        (
            "2023-06-01T00:00",
            "ポイントの受け取りは終わりました",
            "ポイントの受け取りは終わりました",
            False,
        ),
    ],
)
def test_top_says_first_what_holds_at_that_moment(
    client: Client, moment: str, first: str, state: str, to_apply: bool
) -> None:
    page = read(client, "/", moment)
    assert page.headings["h2"][0] == first
    assert state in page.headings["h2"][:2]
    assert (reverse("apply") in page.links) is to_apply


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "heading"),
    [
        ("2023-04-23T23:59", None),
        ("2023-04-24T00:00", "お電話でのお手伝いは、4月28日（金）18:00までです"),
        ("2023-04-28T18:00", "お電話でのお手伝いは終わりました"),
        ("2023-05-01T00:00", None),
    ],
)
def test_top_warns_in_the_last_week_that_the_call_centre_closes_earlier(
    client: Client, moment: str, heading: str | None
) -> None:
    found = [words for words in read(client, "/", moment).headings["h2"] if "お手伝い" in words]
    assert found == ([heading] if heading else [])


@pytest.mark.django_db
def test_top_follows_a_decided_postponement(client: Client) -> None:
    first, second = (get_user_model().objects.create_user(name) for name in ("first", "second"))
    Postponement.objects.create(
        key="applications_close",
        until=at("2023-05-08T00:00"),
        reason="停止のため",
        prepared_at=at("2023-04-30T20:00"),
        prepared_by=first,
        approved_at=at("2023-04-30T21:00"),
        approved_by=second,
    )
    page = read(client, "/", "2023-05-02T12:00")
    assert page.headings["h2"][0] == "申請の期限が近づいています"
    assert "2023年5月7日（日）23:59まで" in page.words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2023-03-21T12:00", "ただいま受付中"),
        ("2023-03-25T17:59:59", "ただいま受付中"),
        ("2023-04-01T12:00", "ただいま時間外 次の受付：2023年4月3日（月）10:00"),
        ("2023-04-28T18:00", "ただいま時間外 次の受付：2023年5月1日（月）10:00"),
        ("2023-05-03T12:00", "ただいま時間外 次の受付：2023年5月8日（月）10:00"),
    ],
)
def test_every_page_says_whether_the_call_centre_answers(
    client: Client, moment: str, words: str
) -> None:
    for name in PAGES:
        assert words in read(client, reverse(name), moment).words


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_page_keeps_the_house_style(client: Client, name: str) -> None:
    with clock.at(at(OPEN)):
        page = client.get(reverse(name))
    text = page.content.decode()
    reader = Reader(page)
    assert reader.headings["title"] == [reader.headings["title"][0]]
    assert len(reader.headings["h1"]) == 1
    assert reader.links[0] == "#main"
    assert not {"script", "style", "iframe", "img"} & set(reader.tags)
    assert not re.search(r"\sstyle=|\son\w+=|mailto:", text)
    assert re.findall(r'(?:src|href)="(?:https?:)?//', text) == []
    assert "これは見本です。実際の申請はできません" in reader.words
    assert '<meta name="robots" content="noindex">' in text
    assert page.cookies == {}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_page_refuses_what_is_not_reading(client: Client, name: str) -> None:
    assert client.post(reverse(name), {"x": "1"}).status_code == 405


@pytest.mark.django_db
def test_titles_differ_from_page_to_page(client: Client) -> None:
    titles = [read(client, reverse(name)).headings["title"][0] for name in PAGES]
    assert len(set(titles)) == len(PAGES)


@pytest.mark.django_db
def test_first_visit_weighs_at_most_12_kilobytes(client: Client) -> None:
    with clock.at(at(OPEN)):
        page = client.get("/", headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    static = Path(settings.BASE_DIR, "static")
    sheets = [gzip.compress((static / name).read_bytes()) for name in ("tokens.css", "site.css")]
    headers = sum(len(name) + len(value) + 4 for name, value in page.items()) + 3 * 400
    icon = (static / "favicon.svg").stat().st_size
    assert len(page.content) + sum(map(len, sheets)) + icon + headers <= 12_000
    assert len(sheets[1]) <= 8_000


@pytest.mark.django_db
def test_news_holds_back_what_is_not_issued_yet(client: Client) -> None:
    before, issued, added = (
        read(client, reverse("news"), f"2023-03-{day}T09:00").words for day in ("01", "02", "13")
    )
    assert "お知らせはまだありません。" in before
    assert ("第2報" in issued, "追記" in issued) == (True, False)
    assert "（追記 2023年3月13日（月））" in added


@pytest.mark.django_db
def test_contact_lists_the_closed_days_to_come(client: Client) -> None:
    words = read(client, reverse("contact"), "2023-04-26T12:00").words
    days = re.findall(r"2023年(\d+)月(\d+)日（.）\n", words)
    assert [f"{month}/{day}" for month, day in days] == [
        "4/29", "4/30", "5/3", "5/4", "5/5", "5/6", "5/7", "5/13", "5/14",
    ]  # fmt: skip


@pytest.mark.django_db
def test_privacy_names_every_cookie(client: Client) -> None:
    words = read(client, reverse("privacy")).words
    ours = (draft.NAME, draft.RECEIPT_NAME, proved.NAME)
    for name in (*ours, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME):
        assert name in words


@pytest.mark.django_db
def test_check_asks_one_question_a_page_and_stores_nothing(client: Client) -> None:
    address, asked = reverse("check"), []
    for choice in ("unused", "no", "yes", "paper", "points"):
        page = read(client, address)
        asked.append(page.headings["h1"][0])
        address = reverse("check") + next(link for link in page.links if link.endswith(choice))
    assert asked == [
        "どのようなことでお困りですか",
        "クーポンの有効期限は、2月24日（金）まででしたか",
        "次のどちらかの旅行でしたか",
        "クーポンは、アプリにチャージしてありますか",
        "どのように受け取りますか",
    ]
    last = read(client, address)
    assert last.headings["h1"] == ["この特設サイトで申請してください"]
    carried = "what=unused&expiry=no&trip=yes&use=paper&way=points"
    assert f"{reverse('apply')}?{carried}" in last.links
    assert client.cookies == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("what=unused&expiry=yes&use=charged&way=points", "お手続きはいりません"),
        ("what=unused&expiry=yes&use=charged&way=bank", "口座への振込を申請してください"),
        ("what=unused&expiry=no&trip=yes&use=left&way=points", "この特設サイトで申請してください"),
        ("what=unused&expiry=yes&use=mixed&way=points", "クーポンは、それぞれ何枚ありますか"),
        (
            "what=unused&expiry=unknown&trip=no&use=unknown&way=points",
            "この特設サイトで申請してください",
        ),
        (
            "what=unused&expiry=no&trip=no",
            "お答えの内容では、補償の対象にならないようです",
        ),
        ("what=double", "コールセンターへお電話ください"),
        ("what=twice", "コールセンターへお電話ください"),
        ("what=no_number", "クーポンを受け取れなかった方は、お電話ください"),
        ("what=other", "コールセンターへご相談ください"),
        ("what=nonsense&use=paper", "どのようなことでお困りですか"),
        ("what=unused&expiry=%01", "クーポンの有効期限は、2月24日（金）まででしたか"),
    ],
)
def test_check_leads_to_the_right_end(client: Client, query: str, heading: str) -> None:
    assert read(client, f"/check/?{query}").headings["h1"] == [heading]


@pytest.mark.django_db
def test_check_is_never_a_wall(client: Client) -> None:
    page = read(client, "/check/?what=unused&expiry=no&trip=no")
    assert "それでも申請する" in page.words
    anyway = f"{reverse('apply')}?what=unused&expiry=no&trip=no"
    assert {anyway, "?what=double", "?what=twice"} <= set(page.links)


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["double", "other"])
def test_check_names_the_four_facts_in_the_order_of_the_desk(client: Client, what: str) -> None:
    words = read(client, f"/check/?what={what}").words
    facts = ("のお問合せ番号\n", "有効期限\n", "都道府県\n", "お店の名前\n")
    places = [words.index(fact) for fact in facts]
    assert places == sorted(places)


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["2023-03-10T09:00", "2023-05-01T00:00"])
def test_check_offers_no_form_while_none_is_accepted(client: Client, moment: str) -> None:
    page = read(client, "/check/?what=unused&expiry=yes&use=paper&way=points", moment)
    assert [link for link in page.links if link.startswith(reverse("apply"))] == []


@pytest.mark.django_db
def test_no_page_promises_an_amount_before_the_cut_off(client: Client) -> None:
    for name in PAGES:
        words = read(client, reverse(name), "2023-03-25T12:00").words
        assert re.findall(r"[1-9][\d,]+円", words) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("view", "status", "heading"),
    [
        (pages.bad_request, 400, "送信された内容を読み取れませんでした"),
        (pages.forbidden, 403, "このページはご覧になれません"),
        (pages.not_found, 404, "ページが見つかりません"),
    ],
)
def test_refusals_wear_the_same_clothes(
    rf: RequestFactory, view: object, status: int, heading: str
) -> None:
    page = view(rf.get("/x"), Exception())
    assert (page.status_code, Reader(page).headings["h1"]) == (status, [heading])


def test_missing_cookie_and_haste_are_explained(rf: RequestFactory) -> None:
    refused, slowed = pages.csrf_failure(rf.post("/x")), pages.too_many(rf.post("/x"), 60)
    assert slowed.headers["Retry-After"] == "3600"
    assert (refused.status_code, slowed.status_code) == (403, 429)
    assert Reader(refused).headings["h1"] == ["送信を受け付けられませんでした"]
    assert Reader(slowed).headings["h1"] == ["少し時間をおいてお試しください"]


def test_failure_pages_need_neither_database_nor_request() -> None:
    # No database mark: a query would fail the test.
    broken, away = pages.server_error(None), pages.unavailable(None)
    assert (broken.status_code, away.status_code, away["Retry-After"]) == (500, 503, "60")
    assert Reader(broken).headings["h1"] == ["ページを表示できませんでした"]
    assert Reader(away).headings["h1"] == ["ただいまご利用いただけません"]
    assert "0120-479-249" in Reader(broken).words
    assert "0120-479-249" in Reader(away).words


def test_a_database_that_does_not_answer_is_503() -> None:
    try:
        raise OperationalError("away")
    except OperationalError:
        assert pages.server_error(None).status_code == 503


def test_oversized_page_stands() -> None:
    assert "大きすぎます" in get_template("413.html").render({})
