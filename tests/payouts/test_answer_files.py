"""A file of the bank's answers: read first, booked by who confirms, once."""

import io

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from config.states import Refused
from payouts import account_checks, answer_files, bank_csv, results, transfers
from payouts.admin import batch_files
from payouts.models import AnswerFile, Batch, Payout, Transfer
from tests.payouts.bank_rows import HEADS, MONDAY, clerk, ready, said, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def submit(payer: User, *lines: str, kind: str = "results", code: str = "22") -> AnswerFile:
    raw = "\r\n".join(lines).encode("cp932")
    return answer_files.submit(raw, "結果.csv", kind, code, by=payer)


def states() -> list[str]:
    rows = Transfer.objects.order_by("pk").values_list("state", "payout__state")
    return [state if state == other else f"{state}/{other}" for state, other in rows]


def test_reading_changes_nothing_and_booking_does(payer: User, approver: User) -> None:
    for _ in range(2):
        ready()
    sent = send(payer, approver)
    file = submit(payer, HEADS, said(sent[0], "入金済"), said(sent[1], "振込不能", "科目相違"))
    found = answer_files.preview(file, by=payer)
    assert [(each.transfer.pk, each.moves, each.fault) for each in found] == [
        (sent[0].pk, True, ""),
        (sent[1].pk, True, ""),
    ]
    assert states() == ["handed_over", "handed_over"]
    booked = answer_files.book(file, by=approver)
    assert states() == ["paid", "returned"]
    assert (booked.read_by, booked.booked_by) == (payer, approver)
    assert booked.outcome == {"paid": 1, "returned": 1, "accepted": 0, "unchanged": 0}


def test_the_same_file_twice_changes_nothing(payer: User, approver: User) -> None:
    ready()
    (sent,) = send(payer, approver)
    lines = HEADS, said(sent, "振込不能")
    file = submit(payer, *lines)
    answer_files.book(file, by=payer)
    for act in (submit, lambda *_: answer_files.book(file, by=payer)):
        with pytest.raises(Refused) as refusal:
            act(payer, *lines)
        assert refusal.value.code in ("again", "moved")
    assert Payout.objects.get().steps.filter(new="returned").count() == 1


def test_a_file_with_a_line_that_fits_nothing_is_shown_and_not_booked(
    payer: User, approver: User
) -> None:
    ready()
    (sent,) = send(payer, approver)
    file = submit(payer, HEADS, said(sent, "入金済"), "999999,1730,入金済,")
    faults = [bank_csv.told(each) for each in answer_files.preview(file, by=payer) if each.fault]
    assert faults == ["3行目: 振込999999はありません"]
    with pytest.raises(Refused, match="3行目: 振込999999はありません"):
        answer_files.book(file, by=payer)
    assert states() == ["handed_over"]
    answer_files.drop(file, by=payer)
    assert submit(payer, HEADS, said(sent, "入金済"), "999999,1730,入金済,").pk != file.pk


def test_an_account_that_the_file_names_otherwise_is_held_against_it(
    payer: User, approver: User
) -> None:
    ready()
    (sent,) = send(payer, approver)
    file = submit(payer, f"{HEADS},支店コード,口座番号", f"{said(sent, '入金済')},1,1234568")
    (found,) = answer_files.preview(file, by=payer)
    assert found.fault == "口座がファイルと違います"
    assert "1234568" not in str(file.lines)


def test_another_office_s_transfer_is_not_booked_by_this_file(payer: User, approver: User) -> None:
    ready()
    (sent,) = send(payer, approver)
    both = clerk("both", "22", "23")
    file = submit(both, HEADS, said(sent, "入金済"), code="23")
    (found,) = answer_files.preview(file, by=both)
    assert found.fault == "この都道府県の振込ではありません"
    with pytest.raises(Refused, match="担当者"):
        answer_files.book(file, by=payer)


def test_our_own_lists_come_back_with_a_column_more(payer: User, approver: User) -> None:
    ready()
    batch = transfers.cut("22", MONDAY, by=payer).batch
    asked = batch_files.encoded(account_checks.HEADS, account_checks.enquiry(batch), "cp932")
    head, line = asked.decode("cp932").splitlines()
    number = batch.transfers.get().pk
    assert line == f"0001,,001,,1,1234567,ﾔﾏﾀﾞ ﾀﾛｳ,{number:010}"
    assert account_checks.read([f"{head},口座確認\n", f"{line},0\n"])[0].account == {
        "bank_code": "0001",
        "branch_code": "001",
        "account_type": "1",
        "account_number": "1234567",
    }
    transfers.hand_over(transfers.release(batch, by=approver), by=approver)
    copied = batch_files.as_csv(transfers.copy(batch, by=approver).content, "utf-8")
    head, line = bank_csv.text_of(copied).splitlines()
    (read,) = results.read(io.StringIO(f"{head},結果,理由\n{line},振込不能,その他\n"))
    assert (read.transfer_id, read.yen, read.reason) == (number, 1730, "other")
    assert results.book([read], by=payer).returned == 1


def test_neither_kind_is_taken_for_the_other(payer: User) -> None:
    checks, answers = ("顧客コード1,口座確認", "1,0"), (HEADS, "1,100,入金済,")
    for kind, lines in (("results", checks), ("checks", answers)):
        with pytest.raises(Refused) as refusal:
            submit(payer, *lines, kind=kind)
        assert refusal.value.code == "kind"
    assert AnswerFile.objects.count() == 0


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00x", b"\x89PNG\r\n", b"a\x00b,c\n", b'"'])
def test_what_is_no_such_file_is_refused_in_words(payer: User, raw: bytes) -> None:
    for kind in ("results", "checks"):
        with pytest.raises(Refused):
            answer_files.submit(raw, "x.png", kind, "22", by=payer)


@pytest.mark.parametrize(
    "what", ["read_by_id = booked_by_id", "dropped_at = read_at", "outcome = '[]'"]
)
def test_a_booked_file_stays_as_it_is(payer: User, approver: User, what: str) -> None:
    ready()
    (sent,) = send(payer, approver)
    file = answer_files.book(submit(payer, HEADS, said(sent, "入金済")), by=payer)
    with pytest.raises(DatabaseError, match="decided"), transaction.atomic():
        AnswerFile.objects.raw(f"UPDATE payouts_answerfile SET {what} RETURNING *")[0]
    assert AnswerFile.objects.get().booked_at == file.booked_at


def check(payer: User, *lines: str) -> AnswerFile:
    file = submit(payer, "顧客コード1,口座確認", *lines, kind="checks")
    return answer_files.book(file, by=payer)


def test_a_checked_account_stays_and_an_unconfirmed_one_is_taken_out(payer: User) -> None:
    for yen in (1000, 1001, 1002, 1003):
        ready(yen)
    batch = transfers.cut("22", MONDAY, by=payer).batch
    rows = list(batch.transfers.order_by("pk"))
    lines = [f"{row.pk:010d},{code}" for row, code in zip(rows, "0129", strict=True)]
    assert check(payer, *lines).outcome == {"fits": 1, "taken_out": 3, "unchanged": 0}
    assert states() == ["listed", *["removed/returned"] * 3]
    found = Transfer.objects.order_by("pk").values_list("return_reason", flat=True)
    assert list(found) == ["", "no_account", "name_differs", "other"]
    batch.refresh_from_db()
    assert (batch.count, batch.total_yen) == (1, 1000)
    assert transfers.cut("22", MONDAY, by=payer).batch is None  # what was taken out waits
    with pytest.raises(Refused, match="同じ内容"):
        check(payer, *lines)
    (left,) = batch.transfers.filter(state="listed")
    check(payer, f"{left.pk},9")
    with pytest.raises(Refused, match="1件も残っていません"):
        transfers.release(batch, by=clerk("second"))
    assert check(payer, *lines[:2]).outcome == {"fits": 0, "taken_out": 0, "unchanged": 2}


def test_what_is_signed_is_not_taken_out_by_a_check(payer: User, approver: User) -> None:
    ready()
    batch = transfers.cut("22", MONDAY, by=payer).batch
    row = batch.transfers.get()
    transfers.release(batch, by=approver)
    with pytest.raises(Refused, match="確定した振込データ"):
        check(payer, f"{row.pk},1")
    assert check(payer, f"{row.pk},0").outcome["fits"] == 1
    transfers.hand_over(Batch.objects.get(), by=approver)
    with pytest.raises(Refused, match="すでに銀行へ引き渡されています"):
        check(payer, f"{row.pk},2")


@pytest.mark.parametrize("code", ["3", "", "入金済", "00"])
def test_a_check_is_one_of_four_digits(code: str) -> None:
    with pytest.raises(Refused, match="2行目: 口座確認"):
        account_checks.read(["transfer_id,check_code", f"1,{code}"])


def test_checks_and_words_can_not_be_rewritten(payer: User) -> None:
    ready()
    batch = transfers.cut("22", MONDAY, by=payer).batch
    check(payer, f"{batch.transfers.get().pk},0")
    with pytest.raises(DatabaseError), transaction.atomic():
        batch.transfers.get().checks.update(code="1")
