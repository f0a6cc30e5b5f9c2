"""The address alone says the language: what it says to caches, and where it leads."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language

from applications import periods
from config import clock, languages
from config.notice import NOTICE
from tests.applications.conftest import OPEN

pytestmark = pytest.mark.django_db
PAGES = ("", "check/", "news/", "faq/", "contact/", "messages/", "privacy/", "accessibility/")


@pytest.fixture(autouse=True)
def _open_day() -> Iterator[None]:
    periods.forget()
    with clock.at(OPEN):
        yield
    periods.forget()


@pytest.mark.parametrize(
    ("path", "language", "bare"),
    [
        ("/", "ja", "/"),
        ("/faq/", "ja", "/faq/"),
        ("/en/", "en", "/"),
        ("/en/apply/coupons/", "en", "/apply/coupons/"),
        ("/en", "en", ""),
        ("/english/", "ja", "/english/"),
        ("/ja/", "ja", "/ja/"),
        ("/zh/", "ja", "/zh/"),
        ("/easy/", "ja", "/easy/"),
        ("", "ja", ""),
    ],
)
def test_language_stands_at_the_beginning_of_an_address(
    path: str, language: str, bare: str
) -> None:
    assert (languages.of_path(path), languages.bare(path)) == (language, bare)


@pytest.mark.parametrize(
    "path", ["/fr/", "/ja/", "/zh-hans/", "/en-us/", "/EN/", "/en/easy/", "/en/zh/", "/zh/apply/"]
)
def test_an_address_in_no_language_of_ours_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_english_site_begins_at_its_prefix(client: Client) -> None:
    assert client.get("/en").headers["location"] == "/en/"
    page = client.get("/en/")
    assert '<html lang="en">' in page.content.decode()
    assert page.headers["Content-Language"] == "en"


@pytest.mark.parametrize("path", ["/", "/en/", "/easy/", "/zh/", "/ko/", "/faq/", "/en/faq/"])
def test_a_page_is_the_same_for_every_browser(client: Client, path: str) -> None:
    page = client.get(path, headers={"accept-language": "en"})
    other = client.get(path, headers={"accept-language": "fr", "accept-encoding": ""})
    assert page.content == other.content
    assert page.headers["Vary"] == "Accept-Encoding"
    assert page.cookies == {}


@pytest.mark.parametrize("path", ["/en/apply/coupons/", "/en/status/", "/en/r/x/", "/status/"])
def test_pages_of_one_person_are_kept_by_nobody_in_any_language(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_an_english_visit_leaves_no_english_behind(client: Client) -> None:
    client.get("/en/")
    assert get_language() == "ja"
    assert '<html lang="ja">' in client.get("/").content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_the_switch_keeps_the_page(client: Client, path: str) -> None:
    assert ways(client, f"/{path}?what=unused") == {
        "English": f"/en/{path}?what=unused",
        "やさしい日本語": "/easy/",
        "中文": "/zh/",
        "한국어": "/ko/",
    }
    assert ways(client, f"/en/{path}")["日本語"] == f"/{path}"


@pytest.mark.parametrize("path", ["/easy/", "/zh/", "/zh/bank/", "/ko/", "/nothing/", "/r/nobody/"])
def test_the_switch_leads_to_first_pages_where_there_is_no_like(client: Client, path: str) -> None:
    assert ways(client, path)["English"] == "/en/"


def ways(client: Client, path: str) -> dict[str, str]:
    """The language switch of a page: where each name leads."""
    page = client.get(path).content.decode()
    menu = re.search(r'<nav class="wrap languages".*?</nav>', page, re.S)[0]
    found = re.findall(r'<a href="([^"]*)" lang="[^"]*" hreflang="[^"]*">([^<]*)</a>', menu)
    return {name: address for address, name in found}


def test_the_switch_names_the_page_that_one_reads(client: Client) -> None:
    for path, name in (("/", "日本語"), ("/en/", "English"), ("/zh/", "中文"), ("/ko/", "한국어")):
        assert f"<b>{name}</b>" in client.get(path).content.decode()


def test_a_guide_in_chinese_leads_to_japanese_pages() -> None:
    with translation.override("zh-hans"):
        assert reverse("apply") == "/apply/"
    with translation.override("en"):
        assert reverse("apply") == "/en/apply/"


def test_a_refusal_before_any_page_speaks_the_language_of_its_address(client: Client) -> None:
    page = client.post("/en/status/", "x" * 70_000, content_type="text/plain")
    assert page.status_code == 413
    assert "Photos and files are not accepted" in page.content.decode()


def test_error_pages_without_anything_speak_it_too(client: Client) -> None:
    page = client.get("/en/nothing/").content.decode()
    assert "<h1>Page not found</h1>" in page
    assert NOTICE.call_centre.phone in page
