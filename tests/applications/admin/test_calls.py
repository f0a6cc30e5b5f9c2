"""The call centre's pages over HTTP: what is shown, what is stored, what is noted."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from applications import channels, entries, late_access
from applications.models import (
    Application,
    AssistedEntry,
    Circular,
    Inquiry,
    LateAccess,
    LetterBatch,
)
from config import clock
from config.models import AccessLog, Postponement
from config.notice import NOTICE
from payouts.models import Message
from tests.applications import rows
from tests.applications.conftest import BANK, COUPONS, PERSON, RECEIVE
from tests.applications.test_late_access import told

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 4, 12, 12, tzinfo=clock.JST)
BASE = "/admin/applications/"
CALL = f"{BASE}inquiry/call/"
TOLD = {"prefecture": "22", "way": "phone", "topic": "status", "caller": "", "caller_phone": ""}
RIGHT = {"kana": "しずおか はなこ", "coupon": "1234"}


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with clock.at(NOON):
        yield


@pytest.fixture
def office(client: Client) -> Client:
    return rows.signed_in(client, rows.clerk("call_centre"))


def case() -> Application:
    return rows.application(rows.coupon("123456781234"), email="hanako@example.jp")


def other(client: Client, role: str = "manager") -> Client:
    client.logout()
    return rows.signed_in(client, rows.clerk(role))


def text(answer: Any) -> str:
    return answer.content.decode()


# Inquiries


@pytest.mark.parametrize(
    "words", ["{receipt}", "1234-5678-1234", "090-1234-5678", "hanako@example.jp", "しずおか"]
)
def test_a_case_is_found_without_a_word_about_its_person(office: Client, words: str) -> None:
    row = case()
    page = text(office.get(CALL, {"q": words.format(receipt=row.receipt_number)}))
    assert f"?application={row.pk}" in page
    assert "静岡 花子" not in page
    page = text(office.get(CALL, {"application": row.pk}))
    assert "ご本人の確認" in page
    assert "花子" not in page
    assert "ハナコ" not in page
    assert "12345678" not in page
    assert not AccessLog.objects.filter(subject="application").exists()


def test_two_facts_open_the_case_and_are_not_kept(office: Client) -> None:
    row = case()
    answer = office.post(f"{CALL}?application={row.pk}", TOLD | RIGHT)
    made = Inquiry.objects.get()
    assert answer.headers["location"] == f"{BASE}inquiry/{made.pk}/change/"
    assert (made.application, made.first_fact, made.second_fact) == (row, "kana", "coupon")
    assert "静岡 花子" in text(office.get(answer.headers["location"]))
    assert AccessLog.objects.filter(subject="application", subject_id=str(row.pk)).exists()
    later = clock.now() + timedelta(hours=1)
    with clock.at(later):
        assert "静岡 花子" not in text(office.get(answer.headers["location"]))


def test_a_fact_that_differs_is_told_at_its_box_and_shows_nothing(office: Client) -> None:
    row = case()
    answer = office.post(f"{CALL}?application={row.pk}", TOLD | RIGHT | {"coupon": "9999"})
    assert answer.status_code == 409
    assert "申請の内容と一致しません" in text(answer)
    assert 'value="9999"' in text(answer)
    assert "花子" not in text(answer)
    assert not Inquiry.objects.exists()


def test_who_can_not_be_identified_is_written_down_without_the_case(office: Client) -> None:
    row = case()
    office.post(f"{CALL}?application={row.pk}", TOLD | {"unknown": "1", "kana": ""})
    made = Inquiry.objects.get()
    assert (made.application, made.first_fact) == (None, "")


def test_what_was_said_and_what_is_due(office: Client) -> None:
    office.post(CALL, TOLD)
    made = Inquiry.objects.get()
    address = f"{BASE}inquiry/{made.pk}/"
    said = {
        "topic": "bank",
        "asked": "いつ振り込まれますか",
        "answered": "5月中旬からです",
        "call_back_at": "2023-04-12T11:00",
        "caller_phone": "054-251-1111",
        "escalated_to": "payer",
    }
    missing = office.post(f"{address}change/", said | {"caller_phone": ""})
    assert (missing.status_code, "折り返し先の電話番号" in text(missing)) == (422, True)
    office.post(f"{address}change/", said)
    made.refresh_from_db()
    assert (made.topic, made.escalated_to, made.notes.count()) == ("bank", "payer", 2)
    page = text(office.get(f"{BASE}inquiry/?todo=due"))
    assert "折り返しの時刻を過ぎたもの 1件" in page
    assert str(made) in page
    office.post(f"{address}act/called/")
    office.post(f"{address}act/settle/")
    made.refresh_from_db()
    assert made.settled_at == NOON
    assert text(office.get(f"{BASE}inquiry/figures/")).count("口座振込") == 1


def test_a_case_of_another_prefecture_does_not_exist(client: Client) -> None:
    row = case()
    client = rows.signed_in(client, rows.clerk("call_centre", "27"))
    assert f"?application={row.pk}" not in text(client.get(CALL, {"q": row.receipt_number}))
    assert "ご本人の確認" not in text(client.get(CALL, {"application": row.pk}))


# Assisted entry


def entry_form(**changes: str) -> dict[str, str]:
    return {"way": "phone", **COUPONS, **PERSON, **RECEIVE} | changes


def begun(office: Client) -> str:
    address = office.post(f"{BASE}assistedentry/begin/").headers["location"]
    assert office.get(address).status_code == 200
    return address


def test_an_entry_goes_through_the_public_forms_and_the_one_door(office: Client) -> None:
    address = begun(office)
    wrong = office.post(address, entry_form(kana="123"))
    assert wrong.status_code == 422
    assert "静岡 花子" in text(wrong)
    read = office.post(address, entry_form()).headers["location"]
    page = text(office.get(read))
    assert "期限内です" in page
    assert "シズオカ" in page
    short = office.post(read, {"read_back": ["person"], "consent": "spoken"})
    assert (short.status_code, "すべての項目" in text(short)) == (422, True)
    done = office.post(
        read, {"read_back": ["coupons", "person", "receive"], "consent": "spoken"}
    ).headers["location"]
    row = AssistedEntry.objects.get()
    assert row.application.entered_by == row.by
    assert row.application.receipt_number[:4] in text(office.get(done))
    assert office.get(address).headers["location"] == done
    assert Message.objects.get().kind == "receipt"


def test_an_entry_for_the_bank(office: Client) -> None:
    address = begun(office)
    data = {**entry_form(way="letter"), "method": "bank", "channel": "", "delivery_phone": ""}
    data |= {"arrived_on": "2023-04-11", "postmarked_on": "2023-04-10", "paper": "A-1"} | BANK
    answer = office.post(address, data)
    assert answer.status_code == 302, answer.context["faults"]
    office.post(answer.headers["location"], {"consent": "signed"})
    row = AssistedEntry.objects.get()
    assert (row.postmarked_on, row.paper) == (date(2023, 4, 10), "A-1")
    assert row.application.arrived_at.astimezone(clock.JST).date() == date(2023, 4, 11)
    assert Message.objects.get().channel == "letter"


def test_a_draft_is_kept_and_more_coupons_come(office: Client) -> None:
    address = begun(office)
    office.post(address, entry_form(name="途中", add="1"))
    page = text(office.get(address))
    assert 'value="途中"' in page
    assert "inquiry_number_1" in page
    assert str(AssistedEntry.objects.get()) in text(office.get(f"{BASE}assistedentry/"))
    assert other(office, "call_centre").get(address).status_code == 404


def test_a_dropped_draft_is_gone(office: Client) -> None:
    address = begun(office)
    office.post(address.replace("type", "drop"))
    assert office.get(address).headers["location"] == f"{BASE}assistedentry/"


def test_an_entry_after_the_deadline_says_so(office: Client) -> None:
    with clock.at(NOTICE.dates.applications_close + timedelta(days=1)):
        address = begun(office)
        read = office.post(address, entry_form(way="letter")).headers["location"]
        assert "期限のあとです" in text(office.get(read))
        answer = office.post(read, {"consent": "signed"})
        assert (answer.status_code, "終わりました" in text(answer)) == (422, True)
    assert entries.typed(AssistedEntry.objects.get())["person"]["name"] == "静岡 花子"


def test_an_approved_case_is_entered_after_the_deadline(office: Client) -> None:
    with clock.at(NOTICE.dates.applications_close + timedelta(days=1, hours=11)):
        case = late_access.prepare(told(), by=rows.clerk("call_centre"))
        late_access.approve(case, by=rows.clerk("manager"))
        read = office.post(begun(office), entry_form(way="letter")).headers["location"]
        assert str(case) in text(office.get(read))
        office.post(read, {"consent": "signed", "late": case.pk})
    case.refresh_from_db()
    assert case.application.marks == ["late_access"]
    assert AssistedEntry.objects.get().application == case.application


# Letters and calls


def test_letters_are_printed_posted_and_returned(office: Client) -> None:
    row = rows.application(rows.coupon(), method="bank")
    channels.tell_receipt(row)
    assert "1通" in text(office.get(f"{BASE}letterbatch/"))
    address = office.post(f"{BASE}letterbatch/print/22/").headers["location"]
    sheets = text(office.get(address.replace("change", "sheets")))
    assert "420-0001" in sheets
    assert "静岡 花子 様" in sheets
    assert AccessLog.objects.filter(subject="letterbatch").count() == 1
    office.post(address.replace("change", "post"), {"day": "2023-04-12"})
    batch = LetterBatch.objects.get()
    assert batch.posted_on == NOON.date()
    assert f"{BASE}application/{row.pk}/change/" in text(office.get(address))
    letter = batch.letters.get()
    office.post(
        address.replace("change", "return"),
        {"letter": letter.pk, "day": "2023-04-12", "reason": "moved"},
    )
    assert "転居先不明" in text(office.get(address))
    assert Message.objects.get().state == "failed"


def test_the_call_list(office: Client) -> None:
    channels.tell_receipt(row := rows.application(rows.coupon()))
    Message.objects.update(state="given_up", failure="no_such_address")
    lost = Message.objects.get()
    page = text(office.get(f"{BASE}letterbatch/calls/"))
    assert "電話にする" in page
    office.post(f"{BASE}letterbatch/instead/{lost.pk}/call/")
    page = text(office.get(f"{BASE}letterbatch/calls/"))
    assert "090-1234-5678" in page
    assert row.kana in page
    call = Message.objects.get(channel="call")
    office.post(f"{BASE}letterbatch/calls/{call.pk}/", {"outcome": "told"})
    call.refresh_from_db()
    assert call.state == "sent"


# Dates


def test_a_date_is_prepared_looked_at_and_approved(client: Client) -> None:
    office = rows.signed_in(client, rows.clerk("approver"))
    address = "/admin/config/postponement/"
    data = {"key": "applications_close", "day": "2023-05-07", "reason": "停止のため"}
    look = office.post(f"{address}prepare/", data | {"look": "1"})
    assert "この延長で動くもの" in text(look)
    assert not Postponement.objects.exists()
    shown = office.post(f"{address}prepare/", data).headers["location"]
    row = Postponement.objects.get()
    assert row.until == datetime(2023, 5, 8, tzinfo=clock.JST)
    assert "承認する</button>" not in text(office.get(shown))
    approve = shown.replace("change", "approve")
    office.post(approve)
    row.refresh_from_db()
    assert row.approved_at is None
    office = other(client)
    assert "2023年5月7日" in text(office.get(shown))
    office.post(approve)
    row.refresh_from_db()
    assert row.approved_at == NOON
    assert "申請の期限の延長" in text(office.get("/news/2/"))


def test_an_earlier_date_is_told_at_its_box(client: Client) -> None:
    office = rows.signed_in(client, rows.clerk("approver"))
    data = {"key": "applications_close", "day": "2023-04-20", "reason": "停止のため"}
    answer = office.post("/admin/config/postponement/prepare/", data)
    assert (answer.status_code, "延ばすことだけ" in text(answer)) == (422, True)


# Late access


def test_a_late_case_is_prepared_and_approved(office: Client) -> None:
    data = {
        "prefecture": "22",
        "name": "静岡 花子",
        "reason": "site_down",
        "account": "4/30 23:40に503",
        "channel": "sms",
        "contact": "090-1234-5678",
        "language": "ja",
        "last_day": "2023-05-08",
    }
    address = f"{BASE}lateaccess/prepare/"
    early = office.post(address, data)
    assert (early.status_code, "申請の期間内" in text(early)) == (422, True)
    with clock.at(NOTICE.dates.applications_close + timedelta(days=1)):
        wrong = office.post(address, data | {"contact": "054-251-1111"})
        assert wrong.status_code == 422
        shown = office.post(address, data).headers["location"]
        row = LateAccess.objects.get()
        assert office.post(shown.replace("change", "approve")).status_code == 403
        boss = other(office)
        boss.post(shown.replace("change", "approve"))
        row.refresh_from_db()
        assert (row.contact, row.expires_at) == (
            "+819012345678",
            datetime(2023, 5, 9, tzinfo=clock.JST),
        )
        assert late_access.alive(row, clock.now())


# Circulars

WORDS = {"heading": "期限の延長", "words": "延ばしました。", "short": "期限を延ばしました。"}


def test_a_circular_is_looked_at_prepared_and_released(office: Client) -> None:
    rows.application(rows.coupon())
    rows.application(rows.coupon(), channel="email", delivery="a@example.jp")
    data = {"prefecture": "22", **WORDS}
    look = office.post(f"{BASE}circular/prepare/", data | {"look": "1"})
    assert "宛先 2人" in text(look)
    assert "12円" in text(look)
    assert not Circular.objects.exists()
    shown = office.post(f"{BASE}circular/prepare/", data).headers["location"]
    row = Circular.objects.get()
    assert office.post(shown.replace("change", "release")).status_code == 403
    boss = other(office)
    assert "2人に発信する" in text(boss.get(shown))
    boss.post(shown.replace("change", "release"))
    row.refresh_from_db()
    assert row.released_at == NOON
    assert "通知の作成 0 / 2" in text(boss.get(shown))


def test_an_address_in_a_text_is_refused(office: Client) -> None:
    rows.application(rows.coupon())
    data = {"prefecture": "22", **WORDS, "words": "http://example.jp/"}
    answer = office.post(f"{BASE}circular/prepare/", data)
    assert (answer.status_code, "URLは書けません" in text(answer)) == (422, True)
