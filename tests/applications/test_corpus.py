"""Every spelling of tests/corpus through the real forms and views, and any text at all."""

from datetime import datetime
from html import escape
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications import draft as drafts
from applications.forms.journey import Journey
from payouts.models import Bank, Branch
from tests import corpus
from tests.applications.conftest import BANK, BY_BANK, COUPONS, OPEN, PERSON, RECEIVE
from tests.corpus import Spelling

pytestmark = pytest.mark.django_db

STEPS = {"coupons": COUPONS, "person": PERSON, "receive": RECEIVE, "bank": BANK}
BOXES = [(step, field) for step in corpus.STEPS for field in corpus.fields(step)]
WHOLE_ACCOUNT = ("bank", "branch", "account_type", "account_number")
PARTS = ("year", "month", "day")


@pytest.fixture(autouse=True)
def _open_with_banks(open_day: datetime) -> None:
    seen = {"first_seen": "20230401", "last_seen": "20230401"}
    bank = Bank.objects.create(code="0149", name="静岡銀行", kana="シズオカ", **seen)
    Branch.objects.create(bank=bank, code="112", name="呉服町支店", kana="ゴフクチヨウ", **seen)


def filled_in(step: str, field: str, spelling: Spelling) -> dict[str, str]:
    """A whole step with this spelling in its box (or boxes)."""
    data = dict(STEPS[step])
    if field == "travel_end":
        boxes = {f"travel_end_{part}": box for part, box in zip(PARTS, spelling.typed, strict=True)}
        return data | {"travel_type": "day_trip"} | boxes
    if field == "yucho":
        data = {name: value for name, value in data.items() if name not in WHOLE_ACCOUNT}
        return data | dict(zip(("yucho_symbol", "yucho_number"), spelling.typed, strict=True))
    if field == "delivery_email":
        return {"method": "points", "channel": "email", "delivery_email": spelling.typed[0]}
    if field == "email" and spelling.becomes != "":
        data["phone"] = ""
    return data | {field: spelling.typed[0]}


def before(step: str) -> str:
    """The draft cookie of somebody who has come to this step."""
    kept = {}
    client = Client()
    for name in corpus.STEPS[: corpus.STEPS.index(step)]:
        kept[name] = BY_BANK if step == "bank" and name == "receive" else STEPS[name]
        assert send(client, name, kept[name]).status_code == 302
    return client.cookies[drafts.NAME].value if kept else ""


def send(client: Client, step: str, data: dict[str, str]) -> HttpResponse:
    return client.post(f"/apply/{step}/", {**data, "next": "1"})


def send_bytes(client: Client, path: str, data: dict[str, str]) -> HttpResponse:
    """As a browser sends it, or worse: half characters too."""
    body = urlencode({name: text.encode("utf-8", "surrogatepass") for name, text in data.items()})
    return client.post(path, body, content_type="application/x-www-form-urlencoded")


def stored(response: HttpResponse, step: str, field: str) -> str:
    """What an accepted spelling is stored as, from the draft that the answer carries."""
    request = response.wsgi_request
    request.COOKIES[drafts.NAME] = response.cookies[drafts.NAME].value
    form = Journey(drafts.load(request).steps, at=OPEN, extended={}).judged(step)
    if field == "yucho":
        account = form.account
        return f"{account.branch_code} {account.account_type} {account.account_number}"
    if field in ("bank", "branch"):
        return getattr(form.account, f"{field}_code")
    return str(form.cleaned_data[field])


def told(response: HttpResponse, client: Client, field: str) -> list[str]:
    """The sentences beside the box of a refused spelling, as the next page shows them."""
    page = client.get(response.headers["location"]) if response.status_code == 302 else response
    errors = page.context["form"].errors
    boxes = ("yucho_symbol", "yucho_number") if field == "yucho" else (field,)
    said = [str(sentence) for box in boxes for sentence in errors.get(box, [])]
    words = page.content.decode()
    assert [sentence for sentence in said if escape(sentence) not in words] == []
    assert "<title>エラー：" in words
    return said


@pytest.mark.parametrize(("step", "field"), BOXES)
def test_every_spelling_becomes_what_it_must(step: str, field: str) -> None:
    cookie, wrong = before(step), []
    for spelling in corpus.fields(step)[field]:
        client = Client()
        if cookie:
            client.cookies[drafts.NAME] = cookie
        response = send(client, step, filled_in(step, field, spelling))
        refused = response.status_code == 200 or "again" in response.headers["location"]
        if refused:
            answer = told(response, client, field)[:1]
            if answer != [spelling.says]:
                wrong.append((spelling, answer))
        elif (answer := stored(response, step, field)) != spelling.becomes:
            wrong.append((spelling, answer))
    assert wrong == []


def test_corpus_holds_several_hundred_spellings_for_every_kind_of_box() -> None:
    counts = [len(rows) for step in corpus.STEPS for rows in corpus.fields(step).values()]
    assert sum(counts) >= 700
    assert len(counts) == 25


ANY_TEXT = st.text(max_size=60) | st.sampled_from(
    ["\x00", "\ud800", "\u202e<b>", "{% debug %}", "٣", "½", "9" * 400, "あ" * 300, "'\";--"]
)
NAMES = st.sampled_from(
    [
        *COUPONS,
        *PERSON,
        *RECEIVE,
        *BANK,
        *("delivery_email", "yucho_symbol", "yucho_number", "number_unknown", "issuer"),
        *("inquiry_number_9", "coupon_use_9", "inquiry_number_x", "add", "app_contact", "agency"),
    ]
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(step=st.sampled_from(corpus.STEPS), typed=st.dictionaries(NAMES, ANY_TEXT, max_size=6))
def test_any_text_in_any_box_gives_an_answer(step: str, typed: dict[str, str]) -> None:
    client = Client()
    for name in corpus.STEPS[: corpus.STEPS.index(step)]:
        send(client, name, BY_BANK if step == "bank" and name == "receive" else STEPS[name])
    response = send_bytes(client, f"/apply/{step}/", {**STEPS[step], **typed, "next": "1"})
    assert response.status_code in (200, 302)
    page = client.get(f"/apply/{step}/")
    assert page.status_code in (200, 302)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(receipt=ANY_TEXT, proof=ANY_TEXT)
def test_any_text_at_the_status_page_gives_an_answer(receipt: str, proof: str) -> None:
    typed = {"receipt": receipt, "proof": proof, "show": "1"}
    assert send_bytes(Client(), "/status/", typed).status_code in (200, 429)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=st.dictionaries(st.text(max_size=12), st.text(max_size=20), max_size=5))
def test_any_address_gives_an_answer(query: dict[str, str]) -> None:
    for path in ("/", "/check/", "/apply/", "/messages/", "/news/"):
        assert Client().get(path, query).status_code in (200, 302, 400)
