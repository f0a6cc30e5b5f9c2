"""What every request meets first: the moment of its arrival, and a bound on its body."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from config import clock, middleware, rehearsal

NOON = datetime(2023, 4, 10, 12, tzinfo=clock.JST)
LIMIT = 64 * 1024
OFFICE = 2_621_440

pytestmark = pytest.mark.django_db


class Site:
    """Behind the middleware: it remembers who came through."""

    def __init__(self) -> None:
        self.seen: list[HttpRequest] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.seen.append(request)
        return HttpResponse("reached")

    def ask(self, method: str, path: str, length: str | None = None) -> int:
        """The status of a request whose head says this length (None: says none, as chunked)."""
        request = RequestFactory().generic(method, path)
        request.resolver_match = None
        request.META.pop("CONTENT_LENGTH", None)
        if length is not None:
            request.META["CONTENT_LENGTH"] = length
        return middleware.arrival(self)(request).status_code


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.mark.parametrize(
    ("path", "limit"), [("/apply/check/", LIMIT), ("/en/apply/", LIMIT), ("/admin/login/", OFFICE)]
)
def test_a_body_up_to_the_bound_comes_through(site: Site, path: str, limit: int) -> None:
    assert [site.ask("POST", path, str(size)) for size in (0, limit, limit + 1)] == [200, 200, 413]
    assert len(site.seen) == 2


def test_the_office_s_bound_follows_its_address(site: Site, settings: Settings) -> None:
    settings.ADMIN_PATH = "desk/"
    assert [site.ask("POST", path, str(LIMIT + 1)) for path in ("/desk/", "/admin/")] == [200, 413]


@pytest.mark.parametrize("length", [None, "", "-1", "+1", "1e3", "0x10", " "])
def test_a_body_of_unknown_length_is_refused(site: Site, length: str | None) -> None:
    assert site.ask("POST", "/apply/check/", length) == 413
    assert site.seen == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_length(site: Site, method: str) -> None:
    assert [site.ask(method, "/"), site.ask(method, "/", ""), site.ask(method, "/", "0")] == [
        200,
        200,
        200,
    ]
    assert site.ask(method, "/", str(LIMIT + 1)) == 413


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_measured_too(site: Site, method: str) -> None:
    assert [site.ask(method, "/"), site.ask(method, "/", str(LIMIT + 1))] == [413, 413]


def test_the_refusal_is_a_page(site: Site) -> None:
    request = RequestFactory().generic("POST", "/apply/check/", "x" * (LIMIT + 1))
    request.resolver_match = None
    answer = middleware.arrival(site)(request)
    assert "</html>" in answer.content.decode()


def test_the_arrival_is_stamped_by_the_business_clock(site: Site) -> None:
    with clock.at(NOON):
        site.ask("GET", "/")
    assert site.seen[0].arrived_at == NOON


def test_the_stamp_follows_the_shared_clock(site: Site, settings: Settings) -> None:
    settings.REHEARSAL = True
    rehearsal.move_to(NOON)
    clock.set_offset(timedelta())
    site.ask("GET", "/")
    assert NOON <= site.seen[0].arrived_at < NOON + timedelta(minutes=1)


def test_the_stamp_is_taken_before_the_request_is_worked_on() -> None:
    stamps = []

    def slow(request: HttpRequest) -> HttpResponse:
        with clock.at(NOON + timedelta(hours=1)):
            stamps.append(request.arrived_at)
        return HttpResponse()

    respond: Callable[[HttpRequest], HttpResponse] = middleware.arrival(slow)
    with clock.at(NOON):
        respond(RequestFactory().get("/"))
    assert stamps == [NOON]


@pytest.mark.parametrize("path", ["/check/?a=%00", "/check/?%00", "/check/%00"])
def test_an_address_with_what_is_no_text_is_refused(site: Site, path: str) -> None:
    assert (site.ask("GET", path, "0"), site.seen) == (400, [])
