"""The guides: short sentences with readings, and the form's words side by side."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from applications import periods
from applications.forms.bank import BankForm
from applications.forms.person import PersonForm
from applications.templatetags.guides import easy_date, ruby
from config import clock
from config.notice import NOTICE
from tests.applications.conftest import COUPONS, OPEN, PERSON

pytestmark = pytest.mark.django_db
LONGEST = 40  # characters of a sentence in やさしい日本語
KANJI = re.compile("[\u4e00-\u9fff]")
BLOCKS = {"p", "li", "h1", "h2", "h3", "dt", "dd", "title", "span", "address"}


@pytest.fixture(autouse=True)
def _open_day() -> Iterator[None]:
    periods.forget()
    with clock.at(OPEN):
        yield
    periods.forget()


class Reader(HTMLParser):
    """The texts of a page's main part by block, without readings; kanji that have none."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks, self.bare, self.open = [""], [], []
        self.feed(re.search(r"<main.*?</main>", page, re.S)[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if "rt" in self.open:
            return
        self.blocks[-1] += data
        if "ruby" not in self.open and KANJI.search(data):
            self.bare.append(data.strip())


def reader(client: Client, path: str) -> Reader:
    return Reader(client.get(path).content.decode())


@pytest.mark.parametrize(
    "moment", ["2023-03-10T10:00", "2023-04-10T10:00", "2023-04-30T23:30", "2023-05-02T10:00"]
)
def test_sentences_in_easy_japanese_are_short(client: Client, moment: str) -> None:
    with clock.at(OPEN.fromisoformat(moment + "+09:00")):
        blocks = reader(client, "/easy/").blocks
    labels = {row.label.japanese for step in form_words(client) for row in step.rows}
    sentences = [
        sentence.strip()
        for block in blocks
        if block.strip() not in labels
        for sentence in re.split("(?<=。)", block)
    ]
    assert len(sentences) > 60
    assert [sentence for sentence in sentences if len(sentence) > LONGEST] == []


def test_kanji_of_easy_japanese_have_readings(client: Client) -> None:
    names = [NOTICE.call_centre.name, "コールセンター", "補償", "平日", "ただいま", "次の受付"]
    words = form_words(client)
    forms = {row.label.japanese for step in words for row in step.rows}
    forms |= {step.title.japanese for step in words} | {step.button.japanese for step in words}
    bare = [
        text
        for text in reader(client, "/easy/").bare
        if text not in forms
        and not any(form in text for form in forms)
        and not any(name in text for name in names)
        and "月中は土日祝" not in text
    ]
    assert bare == []


def form_words(client: Client) -> list:
    """The steps that a guide shows."""
    return client.get("/easy/").context["steps"]


def test_easy_japanese_says_who_when_what_and_where(client: Client) -> None:
    text = "".join(reader(client, "/easy/").blocks)
    for heading in ("だれがもらえますか", "いつですか", "用意するもの", "申しこみのしかた"):
        assert heading in text
    assert 'href="/apply/"' in client.get("/easy/").content.decode()


@pytest.mark.parametrize("path", ["/zh/", "/ko/"])
def test_guide_shows_each_box_of_the_form_beside_its_meaning(client: Client, path: str) -> None:
    page = client.get(path).content.decode() + client.get(f"{path}bank/").content.decode()
    shown = dict(re.findall(r'<dt lang="ja">([^<]*)</dt><dd>([^<]*)', page))
    for form in (PersonForm, BankForm):
        for field in form.base_fields.values():
            assert shown[str(field.label)].strip() not in ("", str(field.label))


@pytest.mark.parametrize("path", ["/zh/", "/ko/", "/easy/"])
def test_guide_names_what_the_japanese_pages_really_show(client: Client, path: str) -> None:
    guide = client.get(path)
    steps = {step.title.japanese: step for step in guide.context["steps"]}
    client.post("/apply/coupons/", {**COUPONS, "next": "1"})
    pages = {"旅行とクーポン": "/apply/coupons/", "お名前とご連絡先": "/apply/person/"}
    for title, address in pages.items():
        shown = client.get(address).content.decode()
        for row in steps[title].rows:
            assert row.label.japanese in shown
            assert row.label.japanese in guide.content.decode()
            assert all(choice.japanese in shown for choice in row.choices)
        assert steps[title].button.japanese in shown
        client.post(address, {**(COUPONS if "coupons" in address else PERSON), "next": "1"})


@pytest.mark.parametrize(
    ("path", "foreign"),
    [
        ("/zh/", "[\u3041-\u30fa]"),
        ("/zh/bank/", "[\u3041-\u30fa]"),
        ("/ko/", "[\u3041-\u30fa\u4e00-\u9fff]"),
        ("/ko/bank/", "[\u3041-\u30fa\u4e00-\u9fff]"),
    ],
)
def test_japanese_words_in_a_guide_are_marked_as_such(
    client: Client, path: str, foreign: str
) -> None:
    page = client.get(path).content.decode()
    page = re.sub(r'<(\w+)[^>]*\slang="(?:ja|zh-Hans)"[^>]*>.*?</\1>', "", page, flags=re.S)
    text = re.sub(r"<[^>]*>", "", page)
    assert [line for line in text.splitlines() if re.search(foreign, line)] == []


@pytest.mark.parametrize(("path", "tag"), [("/easy/", "ja"), ("/zh/", "zh-Hans"), ("/ko/", "ko")])
def test_guide_says_its_language(client: Client, path: str, tag: str) -> None:
    page = client.get(path)
    assert f'<html lang="{tag}">' in page.content.decode()
    assert page.headers["Content-Language"] == tag
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    ("moment", "offers"), [("2023-03-10T10:00", False), ("2023-04-10T10:00", True)]
)
@pytest.mark.parametrize("path", ["/easy/", "/zh/", "/ko/"])
def test_guide_leads_to_the_form_while_it_is_open(
    client: Client, path: str, moment: str, offers: bool
) -> None:
    with clock.at(OPEN.fromisoformat(moment + "+09:00")):
        assert ('href="/apply/"' in client.get(path).content.decode()) is offers


@pytest.mark.parametrize("path", ["/en/", "/easy/", "/zh/", "/zh/bank/", "/ko/", "/ko/bank/"])
def test_a_first_visit_weighs_at_most_12_kilobytes(client: Client, path: str) -> None:
    page = client.get(path)
    static = Path(settings.BASE_DIR, "static")
    sheets = [gzip.compress((static / name).read_bytes()) for name in ("tokens.css", "site.css")]
    headers = sum(len(name) + len(value) + 4 for name, value in page.items()) + 3 * 400
    icon = (static / "favicon.svg").stat().st_size
    parts = [gzip.compress(page.content), *sheets]
    assert sum(map(len, parts)) + icon + headers <= 12_000


def test_readings_stand_above_what_they_belong_to() -> None:
    assert ruby("紙《かみ》の｜2回《にかい》") == (
        "<ruby>紙<rt>かみ</rt></ruby>の<ruby>2回<rt>にかい</rt></ruby>"
    )
    assert easy_date(NOTICE.dates.outage_day) == (
        "2023年《ねん》2月《がつ》｜24日《にじゅうよっか》（金曜日《きんようび》）"
    )
