"""/messages/ shows what is really sent."""

import html
import re

import pytest
from django.test import Client

from applications import specimens
from config import clock
from config.notice import NOTICE
from payouts import texts
from payouts.models import Message
from tests.applications.conftest import OPEN

HOME = NOTICE.prefectures[NOTICE.home]


def page(client: Client, path: str = "/messages/", **query: str) -> str:
    with clock.at(OPEN):
        response = client.get(path, query)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def test_every_kind_has_a_name_for_the_public() -> None:
    assert set(specimens.NAMES) == set(Message.Kind)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["22", "27"])
def test_page_holds_each_message_word_for_word(client: Client, code: str) -> None:
    office, words = NOTICE.prefectures[code], page(client, office=code)
    for kind in Message.Kind:
        with clock.at(OPEN):
            facts = specimens._facts(kind, "ja")
            sms = texts.compose(kind, "sms", office, facts, "ja")
            mail = texts.compose(kind, "email", office, facts, "ja")
        assert [text for text in (sms.body, mail.subject, mail.body) if text not in words] == []
    assert f"【{office.short_name}】" in words
    assert f"{office.office_name} <" in words


@pytest.mark.django_db
def test_unknown_office_is_the_home_one(client: Client) -> None:
    for code in ("99", "", "\x01", "<b>"):
        assert f"【{HOME.short_name}】" in page(client, office=code)


@pytest.mark.django_db
def test_every_link_in_a_specimen_begins_with_our_address(client: Client) -> None:
    for path in ("/messages/", "/en/messages/"):
        words = re.sub(r"<[^>]*>", "", page(client, path))
        found = set(re.findall(r"https?://[^/\s<]+", words))
        assert found == {texts.settings.SITE_URL}


@pytest.mark.django_db
def test_english_page_shows_the_english_texts(client: Client) -> None:
    words = page(client, "/en/messages/")
    sms = texts.compose("link", "sms", HOME, specimens._facts("link", "en"), "en").body
    assert sms.isascii()
    assert sms in words
