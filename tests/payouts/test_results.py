"""What the bank tells of transfers, booked by their own ids."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from config import clock
from config.states import Refused
from payouts import accounts, results, transfers
from payouts.models import Payout, Transfer
from payouts.results import Booked
from tests.payouts.bank_rows import CUT_AT, MONDAY, account, clerk, office, ready

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.at(CUT_AT):
        yield


@pytest.fixture
def payer() -> User:
    office()
    return clerk("payer")


@pytest.fixture
def approver() -> User:
    return clerk("approver")


def send(payer: User, approver: User) -> list[Transfer]:
    """Cut, release and hand over whatever is ready."""
    batch = transfers.cut("22", MONDAY, by=payer).batch
    assert batch is not None
    transfers.hand_over(transfers.release(batch, by=approver), by=approver)
    return list(batch.transfers.order_by("id"))


def book(payer: User, *lines: str) -> Booked:
    return results.book(results.read(["transfer_id,code,reason", *lines]), by=payer)


def states(*rows: Payout | Transfer) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def test_book_moves_transfers_and_their_payouts(payer: User, approver: User) -> None:
    payouts = [ready() for _ in range(3)]
    sent = send(payer, approver)
    booked = book(
        payer, f"{sent[0].pk},0,", f"{sent[1].pk},1", f"{sent[2].pk:010d},returned,受取人名相違"
    )
    assert booked == Booked(paid=1, returned=2)
    assert states(*sent) == states(*payouts) == ["paid", "returned", "returned"]
    assert [row.return_reason for row in sent] == ["", "no_account", "name_differs"]
    assert list(payouts[2].steps.order_by("id").values_list("new", "reason"))[-1] == (
        "returned",
        "name_differs",
    )


def test_book_twice_changes_nothing(payer: User, approver: User) -> None:
    payouts = [ready() for _ in range(2)]
    sent = send(payer, approver)
    lines = [f"{sent[0].pk},paid,", f"{sent[1].pk},2,"]
    book(payer, *lines)
    assert book(payer, *lines) == Booked(unchanged=2)
    assert [payout.steps.count() for payout in payouts] == [5, 5]


def test_money_can_come_back_after_it_was_booked_as_paid(payer: User, approver: User) -> None:
    payout = ready()
    (sent,) = send(payer, approver)
    book(payer, f"{sent.pk},0,")
    assert book(payer, f"{sent.pk},9,受取口座側事由") == Booked(returned=1)
    assert (states(sent, payout), sent.return_reason) == (["returned"] * 2, "payee_side")


def test_a_late_return_of_the_first_transfer_leaves_the_second(payer: User, approver: User) -> None:
    payout = ready()
    (first,) = send(payer, approver)
    book(payer, f"{first.pk},1,")
    payout.refresh_from_db()
    again = accounts.store(account("7777777"))
    transfers.pay_again(payout, again, prepared_by=payer, approved_by=approver)
    (second,) = send(payer, approver)
    assert book(payer, f"{first.pk},9,その他") == Booked(unchanged=1)
    assert states(first, second, payout) == ["returned", "handed_over", "handed_over"]
    assert book(payer, f"{second.pk},0,") == Booked(paid=1)
    assert book(payer, f"{first.pk},1,") == Booked(unchanged=1)
    assert states(first, second, payout) == ["returned", "paid", "paid"]


def test_book_refuses_all_when_a_line_can_not_be(payer: User, approver: User) -> None:
    payout, listed, foreign = ready(), None, None
    (sent,) = send(payer, approver)
    ready()
    listed = transfers.cut("22", MONDAY, by=payer).batch.transfers.get()
    office("23")
    aichi = clerk("aichi", "23")
    ready(code="23")
    foreign = transfers.cut("23", MONDAY, by=aichi).batch.transfers.get()
    with pytest.raises(Refused) as refusal:
        book(payer, f"{sent.pk},0,", f"{listed.pk},0,", f"{foreign.pk},0,", "999999,0,")
    assert refusal.value.message.splitlines() == [
        f"3行目: 振込{listed.pk}は銀行へ引き渡されていません",
        f"4行目: 振込{foreign.pk}はありません",
        "5行目: 振込999999はありません",
    ]
    assert states(sent, payout) == ["handed_over", "handed_over"]


def test_book_refuses_paid_after_returned(payer: User, approver: User) -> None:
    ready()
    (sent,) = send(payer, approver)
    book(payer, f"{sent.pk},returned,")
    with pytest.raises(Refused, match="すでに振込不能"):
        book(payer, f"{sent.pk},paid,")


def test_read_tells_every_fault_with_its_line() -> None:
    with pytest.raises(Refused) as refusal:
        results.read(
            [
                "transfer_id,code,reason",
                "x1,0,",
                "12345678901,0,",
                "1,7,",
                "2,0,口座番号相違",
                "3,1,なんとなく",
                "4",
                "",
                "5,0,",
                "0000000005,1,",
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
    ]


@pytest.mark.parametrize("lines", [[], ["payout_id,code,reason"], ["transfer_id,code"]])
def test_read_refuses_another_kind_of_file(lines: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        results.read(lines)
    assert refusal.value.code == "heads"


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
    text = f"transfer_id,code,reason\r\n{sent.pk},振込不能,科目相違\r\n"
    path.write_bytes(text.encode(encoding))
    call_command("book_results", str(path), "--by", "payer")
    assert capsys.readouterr().out.splitlines() == ["振込完了 0", "振込不能 1", "記帳済み 0"]
    sent.refresh_from_db()
    assert sent.return_reason == "type_differs"
