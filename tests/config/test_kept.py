"""A public page is answered from what was said a moment ago; a page of one person never is."""

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from config.kept import MOST, kept

PUBLIC = {"Cache-Control": "no-cache", "ETag": '"a"', "Content-Language": "ja"}


class Site:
    """Answers with these headers and counts how often it was asked."""

    def __init__(self, **changes: str) -> None:
        self.asked, self.changes, self.status = 0, changes, 200

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        response = HttpResponse(b"page", status=self.status, headers=PUBLIC | self.changes)
        if "Set-Cookie" in self.changes:
            response.set_cookie("a", "b")
        return response


@pytest.fixture(autouse=True)
def _for_a_while(settings: Settings) -> None:
    settings.KEPT_SECONDS = 60


def get(path: str = "/", **headers: str) -> HttpRequest:
    return RequestFactory().get(path, headers=headers)


def test_the_same_page_is_made_once() -> None:
    site = Site()
    door = kept(site)
    first, second = door(get()), door(get())
    assert site.asked == 1
    assert (second.content, dict(second.headers)) == (first.content, dict(first.headers))


def test_who_has_it_already_hears_so() -> None:
    door = kept(Site())
    door(get())
    answer = door(get(if_none_match='"z", "a"'))
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == '"a"'


def test_compressed_and_plain_are_two_pages() -> None:
    site = Site()
    door = kept(site)
    door(get())
    door(get(accept_encoding="gzip, br"))
    door(get(accept_encoding="gzip"))
    assert site.asked == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"Cache-Control": "no-store"},
        {"Vary": "Cookie, Accept-Encoding"},
        {"Set-Cookie": "yes"},
    ],
)
def test_a_page_of_one_person_is_made_for_each(changes: dict[str, str]) -> None:
    site = Site(**changes)
    door = kept(site)
    door(get())
    door(get())
    assert site.asked == 2


def test_an_error_a_question_and_a_form_are_not_kept() -> None:
    site = Site()
    door = kept(site)
    for request in (get("/check/?a=1"), RequestFactory().post("/")):
        door(request)
        door(request)
    site.status = 503
    door(get("/b"))
    door(get("/b"))
    assert site.asked == 6


def test_nothing_is_kept_after_its_time(settings: Settings) -> None:
    site = Site()
    door = kept(site)
    settings.KEPT_SECONDS = -1
    door(get())
    door(get())
    assert site.asked == 2


def test_memory_is_bounded() -> None:
    site = Site()
    door = kept(site)
    for number in range(MOST + 1):
        door(get(f"/{number}"))
    door(get("/0"))  # forgotten
    door(get(f"/{MOST}"))  # known
    assert site.asked == MOST + 2


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/faq/", "/contact/", "/easy/", "/en/", "/news/"])
def test_the_public_pages_are_kept(path: str) -> None:
    client = Client()
    first = client.get(path)
    with CaptureQueriesContext(connection) as queries:
        second = client.get(path)
    assert (first.status_code, len(queries)) == (200, 0)
    assert second.content == first.content
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/apply/coupons/", "/status/", "/admin/login/"])
def test_forms_are_not(path: str) -> None:
    client = Client()
    client.get(path)  # what a process reads once
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
        once = len(queries)
        client.get(path)
    assert len(queries) == 2 * once
    assert once > 0
