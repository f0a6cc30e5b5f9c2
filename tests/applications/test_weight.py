"""What a page weighs, how many requests it takes, and who may keep it."""

import re
from datetime import datetime
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from whitenoise.middleware import WhiteNoiseMiddleware

from config import clock
from tests.applications.conftest import COUPONS, OPEN

pytestmark = pytest.mark.django_db

COLD, WARM = 12_000, 4_000  # bytes on the wire
REQUESTS = 4
STATIC_HEADERS = 330  # bytes of the header of one static file
LATE = datetime(2023, 4, 29, 12, tzinfo=clock.JST)  # the week with the most words
PUBLIC = (
    "/",
    "/check/",
    "/check/?what=unused&expiry=yes&use=mixed&counts=1-3-0-0&way=points",
    "/check/?what=unused&expiry=no&trip=no",
    "/check/?what=double",
    "/news/",
    "/news/2/",
    "/faq/",
    "/contact/",
    "/messages/",
    "/privacy/",
    "/accessibility/",
    "/easy/",
    "/en/",
    "/en/faq/",
    "/zh/",
    "/ko/",
)
FLOW = ("/apply/coupons/", "/status/", "/apply/done/", "/en/apply/coupons/", "/r/" + "x" * 20 + "/")


def get(client: Client, path: str, at: datetime = LATE, **headers: str) -> HttpResponse:
    with clock.at(at):
        return client.get(path, headers={"accept-encoding": "gzip, br", **headers})


def header_bytes(page: HttpResponse) -> int:
    return sum(len(name) + len(value) + 4 for name, value in page.items()) + 17


def parts(page: str) -> list[str]:
    """The files that a page asks for by itself."""
    found = re.findall(r'<link[^>]* href="([^"]+)"[^>]*>|src="([^"]+)"', page)
    names = [one or other for one, other in found]
    return [name for name in names if name.startswith(settings.STATIC_URL)]


def packed(name: str) -> int:
    """The bytes of a static file as whitenoise serves it."""
    file = Path(finders.find(name.removeprefix(settings.STATIC_URL)))
    return len(brotli.compress(file.read_bytes()))


@pytest.mark.parametrize("path", PUBLIC)
def test_page_is_light(client: Client, path: str) -> None:
    wire = get(client, path)
    text = get(client, path, **{"accept-encoding": "identity"}).content.decode()
    assert wire.status_code == 200
    assert wire["Content-Encoding"] == "gzip"
    files = parts(text)
    assert len(files) + 1 <= REQUESTS
    html = len(wire.content) + header_bytes(wire)
    assert html + sum(packed(name) + STATIC_HEADERS for name in files) <= COLD
    assert [link for link in re.findall(r'(?:src|href)="((?:https?:)?//[^"]+)"', text)] == []


@pytest.mark.parametrize("path", PUBLIC)
def test_second_visit_costs_a_few_hundred_bytes(client: Client, path: str) -> None:
    first = get(client, path)
    assert first["Cache-Control"] == "no-cache"
    again = get(client, path, **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert header_bytes(again) <= 1_000
    assert len(first.content) + header_bytes(first) <= 2 * WARM  # where the page has changed


@pytest.mark.parametrize("path", PUBLIC)
def test_page_is_the_same_for_everybody(client: Client, path: str) -> None:
    page = get(client, path)
    assert page.cookies == {}
    assert {name.strip() for name in page.get("Vary", "").split(",")} <= {"Accept-Encoding"}
    other = Client(headers={"accept-language": "en", "user-agent": "x"})
    other.cookies["csrf"] = "y" * 32
    assert get(other, path)["ETag"] == page["ETag"]


def test_kept_page_does_not_outlive_its_minute(client: Client) -> None:
    before = get(client, "/", datetime(2023, 4, 30, 23, 59, tzinfo=clock.JST))
    at = datetime(2023, 5, 1, tzinfo=clock.JST)
    after = get(client, "/", at, **{"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert before["ETag"] != after["ETag"]


@pytest.mark.parametrize("path", FLOW)
def test_pages_of_one_person_are_kept_by_nobody(client: Client, path: str) -> None:
    page = get(client, path, OPEN)
    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex"
    with clock.at(OPEN):
        posted = client.post("/apply/coupons/", {**COUPONS, "next": "1"})
    assert posted["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/nothing/", "/news/99/", "/en/nothing/"])
def test_faults_are_kept_by_nobody(client: Client, path: str) -> None:
    page = get(client, path)
    assert (page.status_code, page["Cache-Control"]) == (404, "no-store")


def test_hashed_files_are_kept_for_ever(settings: object, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    settings.WHITENOISE_USE_FINDERS = False
    storage = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    call_command("collectstatic", verbosity=0, interactive=False)
    served = WhiteNoiseMiddleware(lambda request: None)
    (name,) = [url for url in served.files if re.search(r"/site\.[0-9a-f]{12}\.css$", url)]
    found = served.files[name].get_response("GET", {})
    found.file.close()
    headers = dict(found.headers)
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
