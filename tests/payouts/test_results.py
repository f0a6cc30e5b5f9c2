"""What the bank tells of transfers, booked by their own ids."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from config.states import Refused
from payouts import accounts, results, transfers
from payouts.models import Payout, Transfer
from payouts.results import Booked
from tests.payouts import bank_rows
from tests.payouts.bank_rows import MONDAY, account, clerk, office, ready, said, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def book(payer: User, *lines: str) -> Booked:
    return results.book(results.read([bank_rows.HEADS, *lines]), by=payer)


def states(*rows: Payout | Transfer) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def test_book_moves_transfers_and_their_payouts(payer: User, approver: User) -> None:
    payouts = [ready() for _ in range(3)]
    sent = send(payer, approver)
    booked = book(
        payer,
        said(sent[0], "入金済"),
        said(sent[1], "組戻"),
        f'{sent[2].pk:010d},"1,730",資金返却,受取人名相違',
    )
    assert booked == Booked(paid=1, returned=2)
    assert states(*sent) == states(*payouts) == ["paid", "returned", "returned"]
    assert [row.return_reason for row in sent] == ["", "recalled", "name_differs"]
    assert list(payouts[2].steps.order_by("id").values_list("new", "reason"))[-1] == (
        "returned",
        "name_differs",
    )


def test_what_the_bank_has_only_taken_in_is_not_settled(payer: User, approver: User) -> None:
    payouts = [ready() for _ in range(3)]
    sent = send(payer, approver)
    words = ("受付済", "完了（受付済）", "振込完了")
    lines = [said(row, word) for row, word in zip(sent, words, strict=True)]
    assert book(payer, *lines) == Booked(accepted=3)
    assert states(*sent, *payouts) == ["handed_over"] * 6


def test_book_twice_changes_nothing(payer: User, approver: User) -> None:
    payouts = [ready() for _ in range(2)]
    sent = send(payer, approver)
    lines = [said(sent[0], "paid"), said(sent[1], "振込不能")]
    book(payer, *lines)
    assert book(payer, *lines) == Booked(unchanged=2)
    assert [payout.steps.count() for payout in payouts] == [5, 5]


def test_money_can_come_back_after_it_was_booked_as_paid(payer: User, approver: User) -> None:
    payout = ready()
    (sent,) = send(payer, approver)
    book(payer, said(sent, "入金済"))
    assert book(payer, said(sent, "資金返却", "受取口座側事由")) == Booked(returned=1)
    assert (states(sent, payout), sent.return_reason) == (["returned"] * 2, "payee_side")


def test_a_late_return_of_the_first_transfer_leaves_the_second(payer: User, approver: User) -> None:
    payout = ready()
    (first,) = send(payer, approver)
    book(payer, said(first, "振込不能"))
    payout.refresh_from_db()
    again = accounts.store(account("7777777"))
    transfers.pay_again(payout, again, prepared_by=payer, approved_by=approver)
    (second,) = send(payer, approver)
    assert book(payer, said(first, "振込不能", "その他")) == Booked(unchanged=1)
    assert states(first, second, payout) == ["returned", "handed_over", "handed_over"]
    assert book(payer, said(second, "入金済")) == Booked(paid=1)
    assert book(payer, said(first, "振込不能")) == Booked(unchanged=1)
    assert states(first, second, payout) == ["returned", "paid", "paid"]


def test_book_refuses_all_when_a_line_can_not_be(payer: User, approver: User) -> None:
    payouts = [ready() for _ in range(3)]
    sent = send(payer, approver)
    ready()
    listed = transfers.cut("22", MONDAY, by=payer).batch.transfers.get()
    office("23")
    aichi = clerk("aichi", "23")
    ready(code="23")
    foreign = transfers.cut("23", MONDAY, by=aichi).batch.transfers.get()
    with pytest.raises(Refused) as refusal:
        results.book(
            results.read(
                [
                    f"{bank_rows.HEADS},口座番号",
                    f"{said(sent[0], '入金済')},1234567",
                    f"{said(listed, '入金済')},",
                    f"{said(foreign, '入金済')},",
                    "999999,1730,入金済,,",
                    f"{sent[1].pk},1731,入金済,,",
                    f"{said(sent[2], '振込不能')},1234568",
                ]
            ),
            by=payer,
        )
    assert refusal.value.message.splitlines() == [
        f"3行目: 振込{listed.pk}は銀行へ引き渡されていません",
        f"4行目: 振込{foreign.pk}はありません",
        "5行目: 振込999999はありません",
        f"6行目: 振込{sent[1].pk}は1,730円です（ファイルは1,731円）",
        f"7行目: 振込{sent[2].pk}は口座がファイルと違います",
    ]
    assert states(*sent, *payouts) == ["handed_over"] * 6


def test_book_refuses_paid_after_returned(payer: User, approver: User) -> None:
    ready()
    (sent,) = send(payer, approver)
    book(payer, said(sent, "returned"))
    with pytest.raises(Refused, match="すでに振込不能"):
        book(payer, said(sent, "paid"))


def test_read_tells_every_fault_with_its_line() -> None:
    with pytest.raises(Refused) as refusal:
        results.read(
            [
                bank_rows.HEADS,
                "x1,100,入金済,",
                "12345678901,100,入金済,",
                "1,100,0,",
                "2,100,入金済,口座番号相違",
                "3,100,振込不能,なんとなく",
                "4",
                "",
                "5,100,入金済,",
                "0000000005,100,入金済,",
                "6,百円,入金済,",
            ]
        )
    assert [line.partition(": ")[0] for line in refusal.value.message.splitlines()] == [
        "2行目",
        "3行目",
        "4行目",
        "5行目",
        "6行目",
        "7行目",
        "10行目",
        "11行目",
    ]


@pytest.mark.parametrize("digit", ["0", "1", "2", "9"])
def test_a_digit_is_no_result(digit: str) -> None:
    with pytest.raises(Refused, match="2行目: 結果"):
        results.read([bank_rows.HEADS, f"1,100,{digit},"])


HEADS = [
    ([], "heads"),
    (["payout_id,amount,result,reason"], "heads"),
    (["顧客コード1,結果"], "heads"),
    (["顧客コード1,transfer_id,振込金額,結果"], "heads"),
    (["transfer_id,code,reason"], "kind"),
    (["顧客コード1,振込金額,口座確認"], "kind"),
    (["顧客コード1,振込金額,結果,口座確認"], "kind"),
]


@pytest.mark.parametrize(("lines", "code"), HEADS)
def test_read_refuses_another_kind_of_file(lines: list[str], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        results.read(lines)
    assert refusal.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_command_reads_the_encodings_of_the_banks(
    payer: User,
    approver: User,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    encoding: str,
) -> None:
    ready()
    (sent,) = send(payer, approver)
    path = tmp_path / "results.csv"
    text = f"{bank_rows.HEADS}\r\n{said(sent, '振込不能', '科目相違')}\r\n"
    path.write_bytes(text.encode(encoding))
    call_command("book_results", str(path), "--by", "payer")
    assert capsys.readouterr().out.splitlines() == [
        "口座への入金を確認 0",
        "振込不能 1",
        "受付済み 0",
        "記帳済み 0",
    ]
    sent.refresh_from_db()
    assert sent.return_reason == "type_differs"
