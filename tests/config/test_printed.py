"""Blank pages are printed once for everybody; nothing of one visitor stays in them."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from applications.models import Application
from config import clock, printed
from tests.applications.conftest import COUPONS, OPEN, PERSON, Traveller

pytestmark = pytest.mark.django_db

PAGES = ("coupons", "person", "receive", "check", "done")
OTHERS = PERSON | {
    "name": 'O\'Neil "雪" & 山',
    "kana": "オニール ユキ",
    "phone": "090-5555-4444",
    "email": "yuki&co@example.jp",
}
BY_MAIL = {"method": "points", "channel": "email", "delivery_email": OTHERS["email"]}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
RECEIPT = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}")


@pytest.fixture(autouse=True)
def _for_a_while(settings: Settings) -> None:
    settings.KEPT_SECONDS = 60
    printed.known.clear()


def pages(person: dict[str, str], receive: dict[str, str], number: str) -> dict[str, str]:
    """What one traveller's browser shows, from the first step to the receipt."""
    client = Client(enforce_csrf_checks=True)
    traveller, seen = Traveller(client), {}
    answers = {
        "coupons": COUPONS | {"inquiry_number_0": number},
        "person": person,
        "receive": receive,
        "check": {"consent": "on"},
    }
    with clock.at(OPEN):
        for step in PAGES:
            seen[step] = traveller.get(step).content.decode()
            if step in answers:
                token = {"csrfmiddlewaretoken": TOKEN.search(seen[step])[1]}
                button = "submit" if step == "check" else "next"
                assert traveller.post(step, answers[step] | token, button).status_code == 302
    return seen


def without_own(seen: dict[str, str]) -> dict[str, str]:
    """The pages without what differs at every visit: the token, and the number of the receipt."""
    return {name: RECEIPT.sub("", TOKEN.sub("", page)) for name, page in seen.items()}


@pytest.mark.parametrize(
    ("person", "receive"),
    [(PERSON, BY_MAIL | {"delivery_email": "a@example.jp"}), (OTHERS, BY_MAIL)],
)
def test_printed_pages_are_those_that_are_rendered_for_one_visitor(
    settings: Settings, person: dict[str, str], receive: dict[str, str]
) -> None:
    pages(PERSON, BY_MAIL, "900000000001")
    filled = pages(person, receive, "900000000002")
    settings.KEPT_SECONDS = 0
    Application.objects.update(content_hash=b"")  # else the second one is a twin of the first
    assert without_own(pages(person, receive, "900000000002")) == without_own(filled)


def test_a_page_is_rendered_once_and_filled_in_for_each() -> None:
    first = pages(PERSON, BY_MAIL, "900000000001")
    sheets = dict(printed.known)
    second = pages(OTHERS, BY_MAIL, "900000000002")
    assert {key: printed.known[key] for key in sheets} == sheets
    assert TOKEN.search(first["coupons"])[1] != TOKEN.search(second["coupons"])[1]
    assert "O&#x27;Neil &quot;雪&quot; &amp; 山" in second["check"]
    assert 'value="yuki&amp;co@example.jp"' in second["receive"]


def test_what_is_kept_holds_nobodys_values() -> None:
    seen = pages(OTHERS, BY_MAIL, "900000000002")
    kept = "…".join(text for sheet in printed.known.values() for text in sheet.parts[::2])
    own = ("Neil", "オニール", "5555", "yuki", "9000 0000 0002", RECEIPT.search(seen["done"])[0])
    assert [value for value in own if value not in "".join(seen.values())] == []
    assert [value for value in own if value in kept] == []
    assert TOKEN.search(kept) is None


def test_a_sheet_is_printed_anew_when_its_moment_is_over(settings: Settings) -> None:
    settings.KEPT_SECONDS = -1
    pages(PERSON, BY_MAIL, "900000000001")
    sheets = dict(printed.known)
    pages(PERSON, BY_MAIL, "900000000002")
    assert [key for key, sheet in sheets.items() if printed.known[key] is sheet] == []
