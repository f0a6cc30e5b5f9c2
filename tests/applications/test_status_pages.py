"""The pages of /status/ over the test client: who gets where, and what each request may do."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from applications import receipts, review, tokens
from applications.models import Amendment, Application, ChangeRequest, Correction
from config import clock
from config.clock import JST
from config.notice import NOTICE
from payouts import accounts
from payouts.models import Link, Message, Payout
from tests.applications import rows
from tests.applications.conftest import BANK
from tests.applications.test_changes import AT, decided

pytestmark = pytest.mark.django_db
ACTS = ("withdraw", "receive", "contact", "number", "correct")
SMS = {"method": "points", "channel": "sms", "delivery_phone": "090-1234-5678"}
WEIRD = ["\x00", "\ud800", "9" * 900, "'; --", "<b>", "＊", "{% x %}", "\u202e", "0120-479-249"]


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(AT):
        yield


@pytest.fixture
def row() -> Application:
    return rows.application(rows.coupon("123456784321"))


def known(client: Client, row: Application) -> Client:
    """The client after the first proof."""
    answer = client.post("/status/", {"receipt": row.receipt_number, "proof": "5678"})
    assert (answer.status_code, answer["Location"]) == (302, "/status/")
    return client


def sure(client: Client, row: Application) -> Client:
    """The client after the second one."""
    answer = known(client, row).post("/status/withdraw/", {"prove": "1", "proof": "しずおかはなこ"})
    assert answer.status_code == 302
    return client


def body(answer: HttpResponse, code: int = 200) -> str:
    assert answer.status_code == code, answer.content.decode()
    return answer.content.decode()


def test_a_right_proof_shows_the_state_for_half_an_hour(client: Client, row: Application) -> None:
    page = body(known(client, row).get("/status/"))
    assert "申請を受け付けています" in page
    assert receipts.written(row.receipt_number) in page
    assert "4321" not in page
    assert "申請状況の確認" in body(Client().get("/status/"))


def test_a_shared_computer_forgets(client: Client, row: Application) -> None:
    assert known(client, row).post("/status/", {"end": "1"})["Location"] == "/status/"
    assert "申請状況の確認" in body(client.get("/status/"))


def test_a_wrong_proof_is_told_at_its_box(client: Client, row: Application) -> None:
    page = body(client.post("/status/", {"receipt": row.receipt_number, "proof": "0000"}))
    assert "<title>エラー：" in page
    assert "受付番号と確認の内容が一致しません" in page
    assert "status" not in client.cookies


def test_too_many_tries_get_a_kind_page(client: Client, row: Application) -> None:
    for _ in range(10):
        client.post("/status/", {"receipt": row.receipt_number, "proof": "0000"})
    page = body(client.post("/status/", {"receipt": row.receipt_number, "proof": "5678"}), 429)
    assert "60分ほどあとに" in page


@pytest.mark.parametrize("act", [*ACTS, "again"])
def test_a_stranger_is_asked_who_they_are(client: Client, row: Application, act: str) -> None:
    assert client.get(f"/status/{act}/")["Location"] == "/status/"
    assert client.post(f"/status/{act}/", {"submit": "1"})["Location"] == "/status/"


@pytest.mark.parametrize("act", ACTS)
def test_changing_takes_a_second_proof(client: Client, row: Application, act: str) -> None:
    known(client, row)
    for answer in (client.get(f"/status/{act}/"), client.post(f"/status/{act}/", {"withdraw": 1})):
        assert "ご本人の確認" in body(answer)
    wrong = client.post(f"/status/{act}/", {"prove": "1", "proof": "5678"})
    assert "ご本人の確認には使えません" in body(wrong)
    wrong = client.post(f"/status/{act}/", {"prove": "1", "proof": "0000"})
    assert "一致しませんでした" in body(wrong)
    assert Application.objects.get().state == "received"


def test_five_wrong_second_proofs_lead_to_the_phone(client: Client, row: Application) -> None:
    known(client, row)
    for _ in range(5):
        client.post("/status/withdraw/", {"prove": "1", "proof": "0000"})
    page = body(client.post("/status/withdraw/", {"prove": "1", "proof": "4321"}), 429)
    assert "コールセンターへお電話ください" in page


def test_withdrawal_asks_once_more_and_happens_by_post(client: Client, row: Application) -> None:
    sure(client, row)
    assert "取り下げますか" in body(client.get("/status/withdraw/?withdraw=1"))
    assert Application.objects.get().state == "received"
    assert (
        client.post("/status/withdraw/", {"withdraw": "1"})["Location"] == "/status/?done=withdrawn"
    )
    page = body(client.get("/status/?done=withdrawn"))
    assert "取下げを受け付けました" in page
    assert "申請は取り下げられています" in page
    assert client.post("/status/withdraw/", {"withdraw": "1"}).status_code == 409
    assert client.get("/status/withdraw/").status_code == 302


def asked(row: Application, *items: str) -> str:
    """The path of the link over these items."""
    review.ask(row, list(items), by=rows.clerk())
    return f"/status/correct/{tokens.token_of(Correction.objects.get(replaced_at=None))}/"


def test_correcting_by_link(client: Client, row: Application) -> None:
    path = asked(row, "person")
    assert client.get(f"/c/{path.split('/')[3]}")["Location"] == path
    assert "ご本人の確認" in body(client.get(path))
    assert client.post(path, {"prove": "1", "proof": "4321"})["Location"] == path
    page = body(client.get(path))
    assert 'value="静岡 花子"' in page
    assert "2023年4月24日（月）23:59" in page
    assert "inquiry_number" not in page
    typed = {"name": "静岡　太郎", "kana": "しずおか たろう", "phone": "054-251-1111", "email": ""}
    page = body(client.post(path, typed | {"next": "1"}))
    assert "まだ終わっていません" in page
    assert "シズオカ　タロウ" in page
    assert Amendment.objects.count() == 0
    assert 'value="静岡　太郎"' in body(client.post(path, typed | {"change": "1"}))
    assert client.post(path, typed | {"submit": "1"})["Location"] == "/status/?done=corrected"
    assert "直した内容を受け付けました" in body(client.get("/status/?done=corrected"))
    row.refresh_from_db()
    assert (row.state, row.name, row.phone) == ("received", "静岡　太郎", "+81542511111")
    assert "すでに受け付けました" in body(client.get(path))
    assert "すでに受け付けました" in body(client.post(path, typed | {"submit": "1"}))
    assert Amendment.objects.filter(field="name").count() == 1


def test_mistakes_are_told_and_nothing_typed_is_lost(client: Client, row: Application) -> None:
    path = asked(row, "person", "travel")
    client.post(path, {"prove": "1", "proof": "4321"})
    page = body(client.post(path, {"name": "静岡", "kana": "漢字", "submit": "1"}))
    assert "<title>エラー：" in page
    assert 'value="漢字"' in page
    assert page.count('class="error"') >= 3
    assert Amendment.objects.count() == 0


def test_scanners_and_old_links_do_nothing(client: Client, row: Application) -> None:
    path = asked(row, "person")
    for _ in range(3):
        Client().get(path + "?submit=1")
        Client().head(path)
    assert Application.objects.get().state == "asked"
    sure(client, row).post("/status/again/")
    never = "/status/correct/AAAAAAAAAAAAAAAAAAAA/"
    old, unknown = client.get(path), client.get(never)
    assert body(old, 404).replace(path, never) == body(unknown, 404)


def test_a_question_ends_kindly(client: Client, row: Application) -> None:
    path = asked(row, "person")
    end = Correction.objects.get().due_at
    with clock.at(end):
        page = body(client.get(path), 410)
        known(client, row)
        assert client.post("/status/correct/", {"prove": "1", "proof": "4321"}).status_code == 302
        assert body(client.get("/status/correct/"), 410)
    assert "2023年4月24日（月）23:59で終わりました" in page


def test_what_was_typed_survives_the_end_of_the_proof(client: Client, row: Application) -> None:
    path = asked(row, "person")
    typed = {"name": "静岡 太郎", "kana": "シズオカ タロウ", "phone": "054-251-1111"}
    page = body(client.post(path, typed | {"next": "1"}))
    assert "ご本人の確認" in page
    assert 'type="hidden" name="name" value="静岡 太郎"' in page
    page = body(client.post(path, typed | {"prove": "1", "proof": "4321"}))
    assert 'value="静岡 太郎"' in page
    assert "エラー" not in page


def test_an_account_asked_of_who_wants_points_is_for_the_phone(
    client: Client, row: Application
) -> None:
    path = asked(row, "account")
    client.post(path, {"prove": "1", "proof": "4321"})
    assert "お電話でお伺いします" in body(client.get(path), 409)


def test_from_points_to_bank_in_three_pages(client: Client, row: Application) -> None:
    sure(client, row)
    assert 'value="points"' in body(client.get("/status/receive/"))
    page = body(client.post("/status/receive/", {"method": "bank", "next": "1"}))
    assert 'name="bank_step"' in page
    assert "エラー" not in page
    page = body(client.post("/status/receive/", BANK | {"method": "bank", "bank_step": "1"}))
    assert "<dd>0123456</dd>" in page
    again = BANK | {"method": "bank", "bank_step": "1", "restart": "1"}
    assert 'name="bank"' not in body(client.post("/status/receive/", again))
    sent = BANK | {"method": "bank", "bank_step": "1", "submit": "1"}
    assert client.post("/status/receive/", sent)["Location"] == "/status/?done=changed"
    row.refresh_from_db()
    assert (row.method, row.channel, row.lodging) == ("bank", "", "富士旅館")
    assert accounts.read(row.bank_account).account_number == "0123456"


def test_an_incomplete_account_is_told_on_its_page(client: Client, row: Application) -> None:
    sure(client, row)
    sent = {"method": "bank", "bank_step": "1", "submit": "1"}
    page = body(client.post("/status/receive/", sent))
    assert "<title>エラー：" in page
    assert Application.objects.get().method == "points"


def test_a_decided_case_warns_and_goes_back(client: Client) -> None:
    row = decided()
    sure(client, row)
    assert "事務局がもう一度確認します" in body(client.get("/status/receive/"))
    sent = BANK | {"method": "bank", "bank_step": "1", "submit": "1"}
    client.post("/status/receive/", sent)
    assert Payout.objects.get().state == "cancelled"
    assert Link.objects.filter(replaced_at=None).count() == 0
    same = body(client.post("/status/receive/", SMS | {"submit": "1"}, follow=True))
    assert "申請を受け付けています" in same


def test_the_same_road_again_is_told(client: Client, row: Application) -> None:
    sure(client, row)
    page = body(client.post("/status/receive/", SMS | {"submit": "1"}), 409)
    assert "変更するところがありません" in page


def test_the_number_that_was_to_follow(client: Client) -> None:
    coupon, row = rows.coupon(), rows.application("")
    sure(client, row)
    number = {"inquiry_number_1": coupon.inquiry_number}
    assert "発行店" in body(client.get("/status/number/"))
    assert "お問合せ番号を入力してください" in body(client.post("/status/number/", {"next": "1"}))
    assert "100000" in body(client.post("/status/number/", number))
    answer = client.post("/status/number/", number | {"submit": "1"})
    assert answer["Location"] == "/status/?done=number"
    assert row.claims.get().match == "clean"
    assert client.get("/status/number/").status_code == 302


def test_no_number_after_its_end(client: Client) -> None:
    row = rows.application("")
    with clock.at(NOTICE.dates.number_to_follow_until):
        sure(client, row)
        assert client.get("/status/number/").status_code == 302
        assert "status/number" not in body(client.get("/status/"))


def test_the_link_again_needs_a_post(client: Client) -> None:
    row = decided()
    known(client, row)
    assert client.get("/status/again/").status_code == 302
    assert Link.objects.count() == 1
    for _ in range(3):
        assert client.post("/status/again/")["Location"] == "/status/?done=again"
    assert "1日3回まで" in body(client.post("/status/again/"), 429)
    assert Message.objects.filter(kind="link").count() == 4


def test_a_wish_for_another_contact(client: Client, row: Application) -> None:
    sure(client, row)
    typed = {"channel": "email", "delivery_email": "hanako@example.jp"}
    assert "hanako@example.jp" in body(client.post("/status/contact/", typed))
    answer = client.post("/status/contact/", typed | {"submit": "1"})
    assert answer["Location"] == "/status/?done=asked"
    wish = ChangeRequest.objects.get()
    assert (wish.application, wish.contact, wish.state) == (row, "hanako@example.jp", "asked")
    assert Application.objects.get().delivery == "+819012345678"


HOLDER: dict[str, Any] = {
    "prefecture": "22",
    "inquiry_number": "1234-5678-4321",
    "name": "静岡 花子",
    "old_contact": "090-1111-2222",
    "channel": "email",
    "delivery_email": "new@example.jp",
}


def test_app_holders_get_the_same_answer_always(client: Client) -> None:
    rows.charged("123456784321")
    answers = set()
    for number in ("123456784321", "999999999999"):
        sent = HOLDER | {"inquiry_number": number, "submit": "1"}
        answer = client.post("/status/app/", sent)
        answers.add((answer.status_code, answer["Location"]))
    assert answers == {(302, "/status/app/?asked=1")}
    assert "お申し出を受け付けました" in body(client.get("/status/app/?asked=1"))
    assert ChangeRequest.objects.count() == 2


@pytest.mark.parametrize("value", WEIRD)
def test_no_input_breaks_a_page(client: Client, value: str) -> None:
    row = rows.application(rows.coupon("123456784321"), "")
    path = asked(row, *review.sentences.ASKED)
    sure(client, row)
    everything = [*HOLDER, *BANK, *SMS, "name", "kana", "phone", "email", "travel_end_year"]
    everything += [f"inquiry_number_{n}" for n in (0, 1, 2, 11)] + ["coupon_use_1", "bank_step"]
    raw = "&".join(f"{name}={value}" for name in everything).encode("utf-8", "surrogatepass")
    form = "application/x-www-form-urlencoded"
    places = (path, "/status/", "/status/app/", *(f"/status/{act}/" for act in ACTS))
    for place in places:
        for button in (b"", b"&submit=1", b"&change=1", b"&restart=1", b"&prove=1&proof=x"):
            answer = client.post(place, raw + button, content_type=form)
            assert answer.status_code in (200, 302, 409, 429), (place, button)
    done = quote(value.encode("utf-8", "surrogatepass"))
    assert client.get(f"/status/?done={done}").status_code in (200, 400)
    assert Application.objects.get().state == "asked"


def test_pages_are_kept_by_nobody(client: Client, row: Application) -> None:
    for page in ("/status/", "/status/app/"):
        answer = known(client, row).get(page)
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Robots-Tag"] == "noindex"


def test_before_the_seal_no_amount_is_named(client: Client, row: Application) -> None:
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))
    with clock.at(datetime(2023, 3, 30, tzinfo=JST)):
        page = body(known(client, row).get("/status/"))
    assert "円" not in page.split("<main")[1].split("</main>")[0]
