"""The whole way in English: no page of it falls back into Japanese."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings

from applications import periods, receipts
from applications.models import Application
from config import clock, languages
from config.notice import NOTICE
from payouts import links, opening, texts
from payouts.models import Message
from tests.applications.conftest import BANK, BY_BANK, COUPONS, OPEN, PERSON, RECEIVE
from tests.payouts import rows

pytestmark = pytest.mark.django_db
JAPANESE = re.compile("[\u3001-\u30ff\u4e00-\u9fff\uff01-\uff5e]+")
# What is printed on the coupon or in the passbook, said in the letters that one looks for.
LABELS = ("お問合せ番号", "普通", "当座", "貯蓄", "記号", "番号", "ゆうちょ銀行", "令和5", "「オ」")
FORMS = {
    "coupons": COUPONS | {"travel_end_month": "2"},
    "person": PERSON | {"name": "Hanako O'Brien", "kana": "Hanako O'Brien"},
    "receive": RECEIVE,
    "bank": BANK | {"address": "9-6 Otemachi, Aoi-ku, Shizuoka", "lodging": "Fuji Inn"},
}
TYPED = ("シズオカ　ハナコ", "＊")  # the account holder as the bank writes it; what is hidden
QUESTIONS = (
    "",
    "what=unused",
    "what=unused&expiry=no",
    "what=unused&expiry=no&trip=no",
    "what=unused&expiry=yes&use=charged&way=points",
    "what=unused&expiry=yes&use=mixed&way=points",
    "what=unused&expiry=yes&use=left&way=bank",
    "what=unused&expiry=yes&use=unknown&way=points",
    "what=double",
    "what=twice",
    "what=no_number",
    "what=other",
)
PAGES = (
    *("", "news/", "faq/", "contact/", "messages/", "privacy/", "accessibility/", "status/"),
    *(f"check/?{query}" for query in QUESTIONS),
    *("apply/", "apply/coupons/", "nothing/", "r/nobody/"),
)


@pytest.fixture(autouse=True)
def _open_day() -> Iterator[None]:
    periods.forget()
    with clock.at(OPEN):
        yield
    periods.forget()


def names() -> list[str]:
    """Own names, which every language keeps; the longest first."""
    found = [brand.name for brand in NOTICE.brands.values()]
    for each in NOTICE.prefectures.values():
        found += [each.office_name, each.campaign_name, each.short_name]
    return sorted(found, key=len, reverse=True)


def left_in_japanese(page: HttpResponse) -> list[str]:
    """Japanese words of a page that are neither marked as Japanese, nor names, nor labels."""
    text = re.sub(
        r'<(\w+)[^>]*\slang="(?:ja|zh-Hans)"[^>]*>.*?</\1>', "", page.content.decode(), flags=re.S
    )
    for known in (*names(), *LABELS, *TYPED):
        text = text.replace(known, "")
    return JAPANESE.findall(text)


def fine(page: HttpResponse) -> HttpResponse:
    """The page itself, if all of it is English, and its forms stay under its prefix."""
    assert left_in_japanese(page) == [], page.request["PATH_INFO"]
    assert '<html lang="en">' in page.content.decode()
    targets = re.findall(r'<form[^>]*\saction="([^"]*)"', page.content.decode())
    assert [target for target in targets if not target.startswith(("/en/", "#"))] == []
    return page


@pytest.mark.parametrize(
    "moment",
    [
        "2023-03-10T09:00",
        "2023-04-10T10:00",
        "2023-04-28T19:00",
        "2023-04-30T23:10",
        "2023-05-02T10:00",
        "2023-06-02T10:00",
    ],
)
def test_every_page_is_english_at_every_time(client: Client, moment: str) -> None:
    with clock.at(OPEN.fromisoformat(moment + "+09:00")):
        for path in PAGES:
            fine(client.get(f"/en/{path}", follow=True))


def send(client: Client, step: str, button: str = "next", **typed: str) -> HttpResponse:
    """Send one step of the form, as the browser does, and see what comes."""
    address = f"/en/apply/{step}/"
    fine(client.get(address))
    page = client.post(address, {**typed, button: "1"}, follow=True)
    assert urlsplit(page.redirect_chain[-1][0]).path.startswith("/en/")
    return fine(page)


@pytest.mark.parametrize("bank", [False, True], ids=["points", "bank"])
def test_an_application_in_english_reaches_its_receipt(client: Client, bank: bool) -> None:
    for step in ("coupons", "person", "receive", *(["bank"] if bank else [])):
        typed = BY_BANK if bank and step == "receive" else FORMS[step]
        page = send(client, step, **typed)
    assert "The application is not finished yet" in page.content.decode()
    page = send(client, "check", "submit", consent="on")
    application = Application.objects.get()
    assert page.redirect_chain[-1][0] == "/en/apply/done/"
    assert receipts.written(application.receipt_number) in page.content.decode()
    assert "2023-04-10 (Mon) 10:00 JST" in page.content.decode()
    assert application.language == "en"


def test_the_status_is_told_in_english(client: Client) -> None:
    for step in ("coupons", "person", "receive"):
        send(client, step, **FORMS[step])
    send(client, "check", "submit", consent="on")
    application = Application.objects.get()
    wrong = {"receipt": "K7Q2-M9XA-3BCD", "proof": "0000", "show": "1"}
    assert "do not agree" in fine(client.post("/en/status/", wrong, follow=True)).content.decode()
    right = {"receipt": application.receipt_number, "proof": "1111", "show": "1"}
    page = fine(client.post("/en/status/", right, follow=True)).content.decode()
    assert receipts.written(application.receipt_number) in page
    assert "Your application has been received" in page
    for path in sorted(set(re.findall(r'href="(/en/status/[^"#]+)"', page))):
        fine(client.get(path, follow=True))
    assert texts.render(Message.objects.get(kind="receipt")).body.isascii()


def test_mistakes_are_told_in_english(client: Client) -> None:
    for step, wrong in (
        ("coupons", {}),
        ("coupons", COUPONS | {"inquiry_number_0": "0120-479-249", "travel_end_year": "5"}),
        ("coupons", COUPONS | {"inquiry_number_0": "12", "travel_start_day": "40"}),
        ("person", {}),
        ("person", {"name": "1", "kana": "花子", "phone": "12", "email": "a@b.con"}),
        ("receive", {}),
        ("receive", RECEIVE | {"delivery_phone": "054-251-1111"}),
        ("receive", {"method": "points", "channel": "email", "delivery_email": "a..b@x.jp"}),
        ("bank", {}),
        ("bank", FORMS["bank"] | {"bank": "14", "account_number": "12345678", "postal_code": "1"}),
        ("bank", FORMS["bank"] | {"yucho_symbol": "1", "yucho_number": "x"}),
        ("bank", {"yucho_symbol": "2", "yucho_number": "x", "holder_relation": "other"}),
    ):
        page = client.post(f"/en/apply/{step}/", {**wrong, "next": "1"}, follow=True)
        assert "Error:" in page.content.decode()
        text = page.content.decode().replace("花子", "").replace("「花」", "").replace("“花”", "")
        assert [
            word for word in re.findall(r'<li><a href="#[^>]*>([^<]*)', text) if left(word)
        ] == [], step
        right = BY_BANK if step == "receive" else FORMS[step]
        client.post(f"/en/apply/{step}/", {**right, "next": "1"})


def left(words: str) -> list[str]:
    """Japanese words in an error."""
    for label in LABELS:
        words = words.replace(label, "")
    return JAPANESE.findall(words)


def test_pages_between_the_steps_are_english(client: Client) -> None:
    client.get("/en/apply/")
    charged = FORMS["coupons"] | {"coupon_use_0": "charged"}
    assert "You need not do anything" in send(client, "coupons", **charged).content.decode()
    other = FORMS["coupons"] | {"expires_on_outage_day": "no", "travel_end_day": "25"}
    assert "does not seem" in send(client, "coupons", **other).content.decode()
    assert "in progress" in fine(client.get("/en/apply/")).content.decode()
    with clock.at(NOTICE.dates.applications_close):
        assert "The deadline is over" in fine(client.get("/en/apply/")).content.decode()


def test_the_points_are_received_in_english(client: Client) -> None:
    coupon = rows.coupon("000000004321", yen=1500)
    rows.seal(coupon)
    rows.codes("ponta", 500, 3)
    payout = rows.payout(coupon, language="en")
    opening.release_due()
    path = f"/en/r/{links.token_of(payout.links.get())}/"
    message = Message.objects.get(kind="link")
    assert links.address_of(payout.links.get()).endswith(path.rstrip("/"))
    assert texts.render(message).body.endswith(path.rstrip("/"))
    for typed, words in (
        ({}, "Show that it is you"),
        ({"proof": "9999"}, "4 more tries"),
        ({"proof": "4321"}, "¥1,500"),
        ({"choose": "1"}, "Choose one kind of points."),
        ({"brand": "ponta", "choose": "1"}, "This cannot be changed afterwards"),
        ({"brand": "ponta", "confirm": "1"}, "points code"),
    ):
        page = client.post(path, typed, follow=True) if typed else client.get(path)
        assert words in fine(page).content.decode()


@override_settings(SITE_URL="https://hosho.example.jp", SITE_HOST="hosho.example.jp")
@pytest.mark.parametrize("kind", Message.Kind.values)
def test_messages_are_english_and_fit(kind: str) -> None:
    for office in NOTICE.prefectures.values():
        facts = texts.sample(kind, "en")
        sms = texts.compose(kind, "sms", office, facts, "en").body
        assert sms.isascii()
        assert len(sms) <= texts.ASCII_UNITS
        mail = texts.compose(kind, "email", office, facts, "en")
        body = f"{mail.subject}\n{mail.body}".replace(office.office_name, "")
        assert JAPANESE.findall(body) == []
        assert NOTICE.call_centre.phone in body


def test_a_language_without_templates_is_told_in_japanese() -> None:
    office = NOTICE.prefectures[NOTICE.home]
    facts = texts.sample("receipt")
    assert texts.compose("receipt", "email", office, facts, "ko") == texts.compose(
        "receipt", "email", office, facts
    )


def test_prefectures_are_named_in_latin_letters(client: Client) -> None:
    client.get("/en/apply/")
    page = client.get("/en/apply/coupons/").content.decode()
    assert '<option value="22">Shizuoka</option>' in page
    assert languages.prefix("en") == "/en"
