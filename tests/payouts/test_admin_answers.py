"""The office's pages after handing over: files in two steps, one transfer by hand, recalls."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from config import clock
from config.clock import JST
from config.models import AccessLog
from payouts import transfers
from payouts.models import AnswerFile, BankWord, Batch, Recall, Transfer
from tests.applications import rows as clerks
from tests.payouts.bank_rows import CUT_AT, HEADS, MONDAY, clerk, office, ready, said, send

pytestmark = pytest.mark.django_db
NEW = "/admin/payouts/answerfile/new/"
LATER = datetime(2023, 5, 17, 10, tzinfo=JST)
WORD = {
    "result": "returned",
    "reason": "name_differs",
    "source": "statement",
    "told_by": "5月17日の明細 3行目",
    "told_on": "2023-05-17",
    "told_time": "09:30",
}


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.at(CUT_AT):
        office()
        yield


@pytest.fixture
def sent() -> list[Transfer]:
    for yen in (1730, 500):
        ready(yen)
    return send(clerk("first"), clerk("second"))


def logged_in(role: str, *prefectures: str) -> Client:
    """The office as one role sees it, past both factors."""
    return clerks.signed_in(Client(), clerks.clerk(role, *prefectures))


def choose(client: Client, *lines: str, kind: str = "results", code: str = "22") -> HttpResponse:
    file = SimpleUploadedFile("結果.csv", "\n".join(lines).encode("cp932"))
    return client.post(NEW, {"kind": kind, "prefecture": code, "file": file})


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def of(row: Transfer, path: str = "change") -> str:
    return f"/admin/payouts/transfer/{row.pk}/{path}/"


def test_a_file_is_shown_line_by_line_and_then_booked(sent: list[Transfer]) -> None:
    client = logged_in("payer")
    lines = HEADS, said(sent[0], "完了（受付済）"), said(sent[1], "振込不能", "該当口座なし")
    answer = choose(client, *lines)
    assert answer.status_code == 302
    page = text(client, answer["Location"])
    assert "2件を記帳する" in page
    assert "銀行へ引渡し済み" in page or "引渡し済み → <b>振込不能</b>" in page
    assert "1234567" not in page
    assert AccessLog.objects.last().subject == "answerfile"
    assert set(Transfer.objects.values_list("state", flat=True)) == {"handed_over"}
    path = answer["Location"].replace("change", "book")
    page = client.post(path, follow=True).content.decode()
    assert "記帳しました（振込不能 1件、受付済み（変わりません） 1件）。" in page
    assert list(Transfer.objects.order_by("pk").values_list("state", flat=True)) == [
        "handed_over",
        "returned",
    ]
    again = choose(client, *lines)
    assert again["Location"] == answer["Location"]
    assert AnswerFile.objects.count() == 1


def test_a_bad_file_is_told_by_line_and_kept_nowhere(sent: list[Transfer]) -> None:
    answer = choose(logged_in("payer"), HEADS, said(sent[0], "0"), "x,1,入金済,")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "2行目: 結果「0」は「入金済」「受付済」「振込不能」「組戻」のどれでも" in page
    assert "3行目: 顧客コード1「x」" in page
    assert AnswerFile.objects.count() == 0


def test_lines_that_fit_nothing_hold_the_whole_file_back(sent: list[Transfer]) -> None:
    client = logged_in("payer")
    there = choose(client, HEADS, said(sent[0], "入金済"), "99999,1,入金済,")["Location"]
    page = text(client, there)
    assert "3行目: 振込99999はありません" in page
    assert "を記帳する" not in page
    page = client.post(there.replace("change", "book"), follow=True).content.decode()
    assert "3行目: 振込99999はありません" in page
    assert set(Transfer.objects.values_list("state", flat=True)) == {"handed_over"}


def test_another_office_s_file_does_not_exist(sent: list[Transfer]) -> None:
    there = choose(logged_in("payer"), HEADS, said(sent[0], "入金済"))["Location"]
    other = logged_in("payer", "24")
    assert other.get(there).status_code == 404
    assert other.get(of(sent[0])).status_code == 404
    assert other.post(of(sent[0], "word"), WORD).status_code == 404
    assert choose(other, HEADS, said(sent[0], "入金済"), code="24").status_code == 422


def test_accounts_are_asked_about_and_the_unconfirmed_taken_out() -> None:
    for yen in (1730, 500):
        ready(yen)
    batch = transfers.cut("22", MONDAY, by=clerk("first")).batch
    client = logged_in("payer")
    there = f"/admin/payouts/batch/{batch.pk}"
    answer = client.post(f"{there}/file/enquiry/", {"encoding": "cp932"})
    head, *lines = answer.content.decode("cp932").splitlines()
    assert (len(lines), answer["Cache-Control"]) == (2, "no-store")
    assert AccessLog.objects.filter(act="export", detail="enquiry").count() == 1
    answered = [f"{line},{code}" for line, code in zip(lines, "02", strict=True)]
    location = choose(client, f"{head},口座確認", *answered, kind="checks")["Location"]
    assert "作成済み → <b>取り外し</b>" in text(client, location)
    client.post(location.replace("change", "book"))
    page = text(client, f"{there}/change/")
    assert "一致" in page
    assert "取り外し<br>受取人名相違" in page
    assert Batch.objects.get().count == 1


def test_one_result_by_hand_keeps_what_was_typed_and_says_who_told(sent: list[Transfer]) -> None:
    client = logged_in("payer")
    with clock.at(LATER):
        assert "5月22日（月）の朝" in text(client, of(sent[0]))
        wrong = client.post(of(sent[0], "word"), WORD | {"reason": ""})
        assert wrong.status_code == 422
        assert "5月17日の明細 3行目" in wrong.content.decode()
        assert wrong.content.decode().count("振込不能の理由を選んでください。") == 2
        for part in ({"told_on": "きのう"}, {"told_time": "99:99"}, {"told_by": ""}):
            assert client.post(of(sent[0], "word"), WORD | part).status_code == 422
        assert BankWord.objects.count() == 0
        assert client.post(of(sent[0], "word"), WORD).status_code == 302
        page = text(client, of(sent[0]))
    assert "受取人名相違" in page
    assert "5月17日の明細 3行目" in page
    assert "2023年5月17日（水）09:30" in page
    sent[0].refresh_from_db()
    assert sent[0].state == "returned"


def test_a_recall_by_its_buttons(sent: list[Transfer]) -> None:
    payer, approver, there = logged_in("payer"), logged_in("approver"), of(sent[0])
    payer.post(of(sent[0], "recall"), {"why": "口座の取り違え"})
    recall = f"/admin/payouts/recall/{Recall.objects.get().pk}"
    assert payer.post(f"{recall}/confirm/").status_code == 403
    assert "組戻しを確認する" in text(approver, there)
    approver.post(f"{recall}/confirm/")
    assert "銀行へ依頼中" in text(payer, there)
    payer.post(f"{recall}/came_back/")
    assert "資金が戻った" in text(payer, there)
    assert approver.get(f"{recall}/change/")["Location"] == there
    sent[0].refresh_from_db()
    assert (sent[0].state, sent[0].return_reason) == ("returned", "recalled")
