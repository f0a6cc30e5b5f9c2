import random
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import draft as drafts
from applications import receipts, sources
from applications.models import Application, Claim
from config import clock, limits
from config.models import Postponement
from payouts.models import Message
from tests.applications.conftest import BANK, BY_BANK, COUPONS, PERSON, RECEIVE, Traveller

pytestmark = pytest.mark.django_db

CLOSE = datetime(2023, 5, 1, tzinfo=clock.JST)
MICROSECOND = timedelta(microseconds=1)
STEPS = ("coupons", "person", "receive", "bank", "check")


def shown(response):
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", "", response.content.decode()))


def test_entry_starts_a_draft(traveller):
    response = traveller.get()
    assert response.headers["location"] == "/apply/coupons/"
    assert response.cookies[drafts.NAME]["httponly"]
    assert response.cookies[drafts.NAME]["samesite"] == "Lax"


def test_entry_offers_to_go_on_with_a_draft(traveller):
    traveller.post("coupons", COUPONS)
    assert 'href="/apply/person/"' in traveller.get().content.decode()
    assert traveller.get(new=1).headers["location"] == "/apply/coupons/"
    assert traveller.get("person").headers["location"] == "/apply/coupons/"


def test_points_application_reaches_its_receipt(traveller):
    for step, data, after in (
        ("coupons", COUPONS, "person"),
        ("person", PERSON, "receive"),
        ("receive", RECEIVE, "check"),
    ):
        assert traveller.get(step).status_code == 200
        assert traveller.post(step, data).headers["location"] == f"/apply/{after}/"
    assert "まだ申請は終わっていません" in shown(traveller.get("check"))
    assert traveller.send().headers["location"] == "/apply/done/"
    application = Application.objects.get()
    assert receipts.written(application.receipt_number) in shown(traveller.get("done"))
    assert "2023年4月10日（月）10:00" in shown(traveller.get("done"))


def test_points_application_is_stored_in_stored_forms(traveller):
    traveller.fill()
    traveller.send()
    row = Application.objects.get()
    claim = row.claims.get()
    assert (row.name, row.kana, row.phone) == ("静岡 花子", "シズオカ　ハナコ", "+81542511111")
    assert (row.channel, row.delivery) == ("sms", "+819012345678")
    assert (str(row.travel_start), str(row.travel_end)) == ("2023-02-23", "2023-02-24")
    assert (claim.typed_number, claim.inquiry_number) == ("1234-5678-9012", "123456789012")
    assert row.arrived_at == datetime(2023, 4, 10, 10, tzinfo=clock.JST)


def test_bank_application_passes_the_fourth_step(traveller):
    traveller.post("coupons", COUPONS)
    traveller.post("person", PERSON)
    assert traveller.post("receive", BY_BANK).headers["location"] == "/apply/bank/"
    assert traveller.post("bank", BANK).headers["location"] == "/apply/check/"
    text = shown(traveller.get("check"))
    assert "0123456" in text
    assert "先頭に0を付けました" in text
    assert "シズオカ　ハナコ" in text
    traveller.send()
    row = Application.objects.get()
    assert (row.method, row.channel, row.delivery, row.lodging) == ("bank", "", "", "富士旅館")


def test_check_page_asks_for_consent(traveller):
    traveller.fill()
    response = traveller.post("check", {}, "submit", follow=True)
    assert response.redirect_chain == [("/apply/check/?again=1", 302)]
    assert "<title>エラー：" in response.content.decode()
    assert not Application.objects.exists()


def test_later_step_leads_back_to_what_is_missing(traveller):
    for step in STEPS[1:]:
        assert traveller.get(step).headers["location"] == "/apply/coupons/"
    traveller.post("coupons", COUPONS)
    assert traveller.get("check").headers["location"] == "/apply/person/"
    assert traveller.get("bank").headers["location"] == "/apply/person/"


def test_step_without_a_draft_keeps_what_was_typed(traveller):
    assert traveller.post("person", PERSON).headers["location"] == "/apply/coupons/"
    traveller.post("coupons", COUPONS)
    assert 'value="静岡 花子"' in traveller.get("person").content.decode()


def test_reload_shows_what_was_typed(traveller):
    traveller.fill()
    page = traveller.get("coupons").content.decode()
    assert 'value="1234-5678-9012"' in page
    assert 'value="令和5"' in page
    assert 'value="２"' in page
    assert "summary-of-errors" not in page


def test_mistake_is_still_told_on_reload_and_gone_once_mended(traveller):
    traveller.post("coupons", {**COUPONS, "inquiry_number_0": "12"})
    assert "summary-of-errors" in traveller.get("coupons").content.decode()
    traveller.post("coupons", COUPONS)
    assert "summary-of-errors" not in traveller.get("coupons", again=1).content.decode()


def test_empty_step_is_told_what_it_lacks(traveller):
    traveller.post("coupons", COUPONS)
    response = traveller.post("person", {}, follow=True)
    assert sorted(response.context["form"].errors) == ["kana", "name", "phone"]


def test_mistakes_too_long_for_the_cookie_are_shown_at_once(traveller):
    rng = random.Random(7)
    long = {
        name: "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(900)) for name in PERSON
    }
    response = traveller.post("person", long)
    assert response.status_code == 200
    assert response.context["form"]["name"].value() == long["name"]
    assert drafts.NAME not in response.cookies


@pytest.mark.parametrize("rows", ["0", "11", "-1", "x", "１", "", "9" * 50])
def test_rows_of_the_address_have_bounds(traveller, rows):
    assert traveller.get("coupons", rows=rows).content.decode().count('name="inquiry_number_') == 1


def test_change_returns_to_the_check_page(traveller):
    traveller.fill()
    changed = {**PERSON, "name": "静岡 華子"}
    assert traveller.post("person", changed).headers["location"] == "/apply/check/"
    assert "静岡 華子" in shown(traveller.get("check"))


def test_change_to_bank_asks_for_the_account(traveller):
    traveller.fill()
    assert traveller.post("receive", BY_BANK).headers["location"] == "/apply/bank/"
    assert traveller.get("check").headers["location"] == "/apply/bank/"


def test_errors_come_all_at_once_with_everything_kept(traveller):
    wrong = {
        **COUPONS,
        "prefecture": "01",
        "travel_end_day": "30",
        "inquiry_number_0": "0120-479-249",
        "coupon_use_0": "",
    }
    response = traveller.post("coupons", wrong, follow=True)
    assert response.redirect_chain == [("/apply/coupons/?again=1", 302)]
    form, page = response.context["form"], response.content.decode()
    assert list(form.errors) == [
        "prefecture",
        "travel_end",
        "inquiry_number_0",
        "coupon_use_0",
    ]
    assert page.index("summary-of-errors") < page.index("<h1>")
    for typed in ('value="0120-479-249"', 'value="30"', 'value="令和5"'):
        assert typed in page
    assert "電話番号が入力されているようです" in page


def test_add_gives_one_more_row_and_loses_nothing(traveller):
    typed = {"inquiry_number_0": "まちがい", "issuer": "富士"}
    response = traveller.post("coupons", typed, "add", follow=True)
    assert response.redirect_chain == [("/apply/coupons/?rows=2", 302)]
    page = response.content.decode()
    assert 'name="inquiry_number_1"' in page
    assert 'name="inquiry_number_2"' not in page
    assert 'value="まちがい"' in page
    assert 'value="富士"' in page
    assert "summary-of-errors" not in page


def test_add_stops_at_ten(traveller):
    rows = {f"inquiry_number_{row}": "" for row in range(10)}
    page = traveller.post("coupons", rows, "add", follow=True).content.decode()
    assert 'name="inquiry_number_9"' in page
    assert 'name="inquiry_number_10"' not in page
    assert 'name="add"' not in page


def test_ten_coupons_go_on_with_the_next_ten(traveller):
    rows = {f"inquiry_number_{row}": f"{row:012}" for row in range(10)}
    uses = {f"coupon_use_{row}": "paper" for row in range(10)}
    traveller.fill(coupons={**COUPONS, **rows, **uses})
    traveller.send()
    assert "続けて申請する" in shown(traveller.get("done"))
    page = traveller.get("coupons").content.decode()
    assert 'value="令和5"' in page
    assert 'name="inquiry_number_1"' not in page
    traveller.post("coupons", {**COUPONS, "inquiry_number_0": "999999999999"})
    traveller.send()
    assert Application.objects.count() == 2
    assert Claim.objects.count() == 11


def test_unknown_number_with_its_issuer_is_a_claim_to_follow(traveller):
    unknown = {**COUPONS, "inquiry_number_0": "", "number_unknown": "on", "issuer": "富士旅館"}
    traveller.fill(coupons=unknown)
    traveller.send()
    claim = Claim.objects.get()
    assert (claim.inquiry_number, claim.match) == ("", Claim.Match.TO_FOLLOW)
    assert claim.application.issuer == "富士旅館"


def test_not_covered_is_a_page_and_no_wall(traveller):
    other = {**COUPONS, "travel_end_day": "25", "expires_on_outage_day": "no"}
    answer = traveller.post("coupons", other)
    assert answer.headers["location"] == "/apply/coupons/?answer=not_covered"
    page = traveller.get("coupons", answer="not_covered")
    assert "補償の対象にならないようです" in shown(page)
    assert 'href="/apply/person/"' in page.content.decode()
    assert traveller.get("person").status_code == 200


def test_charged_coupons_only_need_nothing(traveller):
    answer = traveller.post("coupons", {**COUPONS, "coupon_use_0": "charged"})
    assert answer.headers["location"] == "/apply/coupons/?answer=nothing_to_do"
    page = traveller.get("coupons", answer="nothing_to_do")
    assert "お手続きはいりません" in shown(page)


def test_answer_page_of_another_answer_leads_on(traveller):
    traveller.post("coupons", COUPONS)
    found = traveller.get("coupons", answer="not_covered")
    assert found.headers["location"] == "/apply/person/"
    assert traveller.get("coupons", answer="../../etc/passwd").status_code == 302


@pytest.mark.parametrize(
    "moment", [CLOSE - MICROSECOND, datetime(2023, 3, 22, 10, tzinfo=clock.JST)]
)
def test_application_in_time_is_stored_to_the_microsecond(client, moment):
    traveller = Traveller(client)
    with clock.at(moment):
        traveller.fill()
        assert traveller.send().headers["location"] == "/apply/done/"
    assert Application.objects.get().arrived_at == moment


def test_form_opened_before_the_deadline_and_sent_after_is_too_late(client):
    traveller = Traveller(client)
    with clock.at(CLOSE - MICROSECOND):
        traveller.fill()
        assert traveller.get("check").status_code == 200
    with clock.at(CLOSE):
        response = traveller.send()
    assert "申請の期限を過ぎました" in shown(response)
    assert "送信が届いたのは2023年5月1日（月）00:00で" in shown(response)
    assert "2023年4月30日（日）23:59" in shown(response)
    assert "事務局には届いていません" in shown(response)
    assert not Application.objects.exists()
    assert not Message.objects.exists()


def test_sent_in_time_and_again_after_the_deadline_gives_the_receipt(client):
    traveller = Traveller(client)
    with clock.at(CLOSE - MICROSECOND):
        traveller.fill()
        kept = client.cookies[drafts.NAME].value
        traveller.send()
    client.cookies[drafts.NAME] = kept
    with clock.at(CLOSE + timedelta(minutes=1)):
        assert traveller.send().headers["location"] == "/apply/done/"
    assert Application.objects.count() == 1


@pytest.mark.parametrize("step", ["", *STEPS])
@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2023, 3, 22, 10, tzinfo=clock.JST) - MICROSECOND, "2023年3月22日（水）10:00"),
        (CLOSE, "2023年4月30日（日）23:59"),
    ],
)
def test_outside_the_time_every_step_says_when(client, step, moment, words):
    traveller = Traveller(client)
    with clock.at(moment):
        response = traveller.get(step)
        assert response.status_code == 200
        assert words in shown(response)
        if step:
            assert words in shown(traveller.post(step, COUPONS))
    assert not Application.objects.exists()


def test_last_hour_and_last_week_are_announced(client):
    traveller = Traveller(client)
    with clock.at(CLOSE - timedelta(hours=1)):
        assert "あと1時間を切りました" in shown(traveller.get("coupons"))
    with clock.at(CLOSE - timedelta(days=7)):
        assert "申請の期限は、2023年4月30日（日）23:59です" in shown(traveller.get("coupons"))
    with clock.at(CLOSE - timedelta(days=8)):
        assert "申請の期限は" not in shown(traveller.get("person"))


def test_approved_postponement_keeps_the_door_open(client, django_user_model):
    one, two = (django_user_model.objects.create_user(name) for name in ("one", "two"))
    Postponement.objects.create(
        key="applications_close",
        until=CLOSE + timedelta(days=7),
        reason="障害",
        prepared_at=CLOSE,
        prepared_by=one,
        approved_at=CLOSE,
        approved_by=two,
    )
    traveller = Traveller(client)
    with clock.at(CLOSE + timedelta(days=7) - MICROSECOND):
        traveller.fill()
        assert traveller.send().headers["location"] == "/apply/done/"
    with clock.at(CLOSE + timedelta(days=7)):
        assert "2023年5月7日（日）23:59" in shown(traveller.get())


def test_double_submit_gives_the_same_receipt(traveller, client):
    traveller.fill()
    kept = client.cookies[drafts.NAME].value
    traveller.send()
    first = shown(traveller.get("done"))
    client.cookies[drafts.NAME] = kept
    traveller.send()
    assert shown(traveller.get("done")) == first
    assert Application.objects.count() == 1
    assert Message.objects.count() == 1


def test_back_after_sending_leads_to_the_receipt(traveller):
    traveller.fill()
    traveller.send()
    assert traveller.send().headers["location"] == "/apply/done/"
    assert traveller.get("check").headers["location"] == "/apply/done/"
    assert Application.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_submits_give_one_application(client, open_day):
    traveller = Traveller(client)
    traveller.fill()
    cookie = client.cookies[drafts.NAME].value

    def send(_):
        with clock.at(open_day):
            browser = Client()
            browser.cookies[drafts.NAME] = cookie
            try:
                return shown(browser.post("/apply/check/", {"consent": "on"}, follow=True))
            finally:
                connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        pages = set(pool.map(send, range(8)))
    assert len(pages) == 1
    number = receipts.written(Application.objects.get().receipt_number)
    assert number in pages.pop()
    assert Message.objects.count() == Claim.objects.count() == 1


def test_done_without_a_receipt_leads_to_the_status_page(traveller):
    assert traveller.get("done").headers["location"] == "/status/"


def test_receipt_page_can_be_reloaded(traveller):
    traveller.fill()
    traveller.send()
    assert shown(traveller.get("done")) == shown(traveller.get("done"))


def test_steps_before_the_last_ask_the_database_nothing(traveller, settings):
    settings.REHEARSAL = False
    traveller.get()  # the postponements are read once in a while
    with CaptureQueriesContext(connection) as queries:
        for step, data in (("coupons", COUPONS), ("person", PERSON), ("receive", RECEIVE)):
            traveller.get(step)
            traveller.post(step, data)
        traveller.get("check")
    assert queries.captured_queries == []


def test_no_step_touches_redis(traveller, monkeypatch):
    asked = []
    before = socket.socket.connect
    monkeypatch.setattr(
        socket.socket,
        "connect",
        lambda self, address: asked.append(address) or before(self, address),
    )
    traveller.fill()
    assert traveller.send().headers["location"] == "/apply/done/"
    assert [address for address in asked if "redis" in str(address) or 6379 in address] == []


def test_private_pages_are_not_kept(traveller):
    response = traveller.get("coupons")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-robots-tag"] == "noindex"


def test_draft_dies_on_completion(traveller, client):
    traveller.fill()
    response = traveller.send()
    assert response.cookies[drafts.NAME]["max-age"] == 0
    assert traveller.get("person").headers["location"] == "/apply/coupons/"


def test_stale_arrival_is_asked_to_be_sent_again(traveller, monkeypatch, caplog):
    traveller.fill()
    late = iter([datetime(2023, 4, 10, 10, tzinfo=clock.JST)])
    moments = (next(late, datetime(2023, 4, 10, 10, 2, tzinfo=clock.JST)) for _ in range(99))
    monkeypatch.setattr(clock, "now", lambda: next(moments))
    response = traveller.send()
    assert "もう一度お送りください" in shown(response)
    assert "too old" in caplog.text
    monkeypatch.undo()
    assert not Application.objects.exists()


ABSURD = [
    "x" * 60_000,
    "\x00",
    "あ\x00い",
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe\xfd",
    "\u202e\u200b",
    "{{ 7|add:7 }}{% debug %}",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "-1",
    "NaN",
    "9" * 400,
    "①②③",
    "𠮷" * 50,
]


BOXES = {
    "coupons": [*COUPONS, "number_unknown"],
    "person": [*PERSON],
    "receive": [*RECEIVE],
    "bank": [*BANK],
    "check": ["consent"],
}


@pytest.mark.parametrize("typed", ABSURD)
@pytest.mark.parametrize("step", STEPS)
def test_no_text_gives_a_fault(client, open_day, step, typed):
    """In each box of a step alone, in those of the other steps together, and in all of them."""
    fields = [*(name for boxes in BOXES.values() for name in boxes), "next"]
    others = dict.fromkeys((name for name in fields if name not in BOXES[step]), typed[:500])
    for posted in (*({name: typed} for name in BOXES[step]), others):
        response = client.post(f"/apply/{step}/", posted, follow=True)
        assert response.status_code == 200
    twice = {name: [typed[:60], typed[:60]] for name in fields}
    response = client.post(f"/apply/{step}/", twice, follow=True)
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()


@pytest.mark.parametrize("cookie", ["", "x", "A" * 4000, "....", "é", "=", "%00", "AAAA" * 20])
@pytest.mark.parametrize("step", ["", *STEPS, "done"])
def test_no_cookie_gives_a_fault(client, open_day, step, cookie):
    client.cookies[drafts.NAME] = cookie
    client.cookies[drafts.RECEIPT_NAME] = cookie
    for response in (
        client.get(f"/apply/{step}/" if step else "/apply/"),
        client.post(f"/apply/{step}/" if step else "/apply/", COUPONS),
    ):
        assert response.status_code in (200, 302, 405)


def test_tampered_draft_is_no_draft(traveller, client):
    traveller.fill()
    value = client.cookies[drafts.NAME].value
    client.cookies[drafts.NAME] = value[:-6] + ("A" if value[-6] != "A" else "B") + value[-5:]
    assert traveller.get("check").headers["location"] == "/apply/coupons/"


def test_body_of_another_kind_gives_no_fault(client, open_day):
    for step in STEPS:
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "x"):
            response = client.post(f"/apply/{step}/", b'{"a": 1}', content_type=kind)
            assert response.status_code in (200, 302, 400)
        assert client.put(f"/apply/{step}/", "x").status_code == 405
        assert client.head(f"/apply/{step}/").status_code in (200, 302)


def test_pages_speak_no_english_error(traveller):
    filled = {"coupons": COUPONS, "person": PERSON, "receive": BY_BANK, "bank": BANK}
    for step, data in filled.items():
        response = traveller.post(step, {}, follow=True)
        errors = [error for found in response.context["form"].errors.values() for error in found]
        assert errors
        assert [error for error in errors if re.search(r"[A-Za-z]{4}", error)] == []
        assert all(error.endswith("。") for error in errors)
        traveller.post(step, data)


def test_form_is_guarded_against_foreign_pages(open_day):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/apply/coupons/", COUPONS).status_code == 403


def test_the_last_step_counts_by_address_and_turns_nobody_away(traveller):
    for _ in range(sources.AN_HOUR - 1):
        limits.hit("apply", "127.0.0.1", sources.HOUR)
    traveller.fill()
    assert traveller.send().headers["location"] == "/apply/done/"
    traveller.get(new=1)
    traveller.fill(receive={**RECEIVE, "delivery_phone": "080-1234-5678"})
    assert traveller.send().headers["location"] == "/apply/done/"
    marks = [row.marks for row in Application.objects.order_by("pk")]
    assert marks == [[], ["many_from_address"]]
    kept = [row.failure for row in Message.objects.order_by("pk")]
    assert kept == ["", "busy_address"]


@pytest.mark.parametrize(
    ("receive", "heading", "others"),
    [
        (RECEIVE, "SMSが届かないとき", ["メールが届かないとき", "ご注意ください"]),
        (
            {"method": "points", "channel": "email", "delivery_email": "hana@example.jp"},
            "メールが届かないとき",
            ["SMSが届かないとき", "ご注意ください"],
        ),
        (BY_BANK, "ご注意ください", ["SMSが届かないとき", "メールが届かないとき"]),
    ],
)
def test_receipt_page_advises_on_the_chosen_channel(traveller, receive, heading, others):
    traveller.fill(bank=receive == BY_BANK, receive=receive)
    traveller.send()
    page = shown(traveller.get("done"))
    assert heading in page
    assert [other for other in others if other in page] == []


def test_receipt_page_promises_no_day_that_is_past(traveller):
    with clock.at(datetime(2023, 3, 30, 10, tzinfo=clock.JST)):
        traveller.fill()
        traveller.send()
        assert "2023年4月上旬以降、携帯電話のSMSに" in shown(traveller.get("done"))
    page = shown(traveller.get("done"))
    assert "確認ができしだい、携帯電話のSMSに" in page
    assert "上旬以降" not in page


def test_every_answer_on_the_check_page_can_be_changed(traveller):
    traveller.fill(bank=True)
    page = traveller.get("check").content.decode()
    for label in ("ご利用の都道府県", "チェックイン日", "お名前（カナ）", "受取方法", "支店"):
        assert f'変更<span class="hidden">：{label}</span>' in page


def test_a_use_without_its_number_is_not_dropped(traveller):
    response = traveller.post("coupons", {**COUPONS, "coupon_use_1": "paper"}, follow=True)
    assert "2枚目：お問合せ番号を入力してください。" in shown(response)
    assert response.context["form"].rows == 2
    traveller.post("coupons", {**COUPONS, "inquiry_number_1": "", "coupon_use_1": "none"})
    assert traveller.get().content.decode().count("/apply/person/") == 1
