"""What the bank tells afterwards: money that arrived, money that came back (N74).

A line names a transfer, never a payout, so that a late return of a first transfer can't be taken
for the second one's; its amount, and what it says of the account, must be the transfer's too.
Money that came back is owed again at once. An order that the bank has only taken in (受付済) is
not settled by that. Results are words: a digit belongs to the account check.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from config import clock
from config.states import Refused
from payouts import bank_csv, clerks
from payouts.bank_csv import Found
from payouts.models import Payout, Transfer

NEEDED = {"顧客コード1": "transfer_id", "振込金額": "amount", "結果": "result"}
KNOWN = {"理由": "reason"}
NEVER = {
    head: "口座確認の結果のファイルです。「口座確認の結果」として取り込んでください。"
    for head in ("口座確認", "check_code")
} | {"code": "振込結果の列は「結果」です。数字は使えません。"}
RECALLED = "recalled"
# Why a transfer comes back, in the banks' words (code: label).
REASONS = {
    "number_differs": "口座番号相違",
    "name_differs": "受取人名相違",
    "no_account": "該当口座なし",
    "type_differs": "科目相違",
    "payee_side": "受取口座側事由",
    "other": "その他",
    RECALLED: "組戻し",
}
PAID, ACCEPTED, RETURNED = "paid", "accepted", "returned"
RESULTS = {
    "paid": PAID,
    "入金済": PAID,
    "入金済み": PAID,
    "accepted": ACCEPTED,
    "受付済": ACCEPTED,
    "受付済み": ACCEPTED,
    "完了": ACCEPTED,
    "完了(受付済)": ACCEPTED,
    "完了（受付済）": ACCEPTED,
    "振込完了": ACCEPTED,
    "returned": RETURNED,
    "振込不能": RETURNED,
    "資金返却": RETURNED,
    "組戻": RETURNED,
    "組戻し": RETURNED,
}
LABELS = {
    PAID: "口座への入金を確認",
    ACCEPTED: "受付済み（入金はまだわかりません）",
    RETURNED: "振込不能（資金返却）",
}
GONE = "ほかの担当者が先に処理しました。もう一度取り込んでください。"


@dataclass(frozen=True)
class Result:
    """One line: the transfer, its yen, what became of it, and the code of REASONS if returned."""

    line: int
    transfer_id: int
    yen: int
    result: str
    reason: str
    account: dict[str, str] = field(default_factory=dict)  # as far as the file names it


@dataclass
class Booked:
    """How many transfers were booked as paid and as returned; how many the bank has only taken in;
    how many were booked before."""

    paid: int = 0
    returned: int = 0
    accepted: int = 0
    unchanged: int = 0


def read(lines: Iterable[str]) -> list[Result]:
    """The lines of a CSV 顧客コード1, 振込金額, 結果, 理由, or with the names of NEEDED and KNOWN.

    Our own list of a batch with columns 結果 and 理由 added is one too. Raises Refused: the heads,
    or every fault with its line.
    """
    return bank_csv.read(lines, _result, NEEDED, KNOWN, NEVER)


def match(
    results: Collection[Result], *, by: AbstractBaseUser, lock: bool = False
) -> list[Found[Result]]:
    """Each line with its transfer of the clerk's own offices; nothing changes."""
    rows = Transfer.objects.select_related("bank_account", "payout", "batch").order_by("pk")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    ids = [result.transfer_id for result in results]
    own = clerks.scoped(rows.filter(pk__in=ids), by)
    transfers = {transfer.pk: transfer for transfer in own}
    found = []
    for result in results:
        transfer = transfers.get(result.transfer_id)
        wrong = fault(transfer, result)
        moves = not wrong and result.result != ACCEPTED and transfer.state != result.result
        found.append(Found(result, transfer, wrong, moves))
    return found


def book(results: Collection[Result], *, by: AbstractBaseUser) -> Booked:
    """Book them all or none; the same lines twice change nothing.

    Raises Refused with every line that can't be: unknown, another amount or account, not handed
    over, or returned before.
    """
    at, booked = clock.now(), Booked()
    with transaction.atomic():
        found = match(results, by=by, lock=True)
        bank_csv.refuse([bank_csv.told(each) for each in found if each.fault])
        groups = defaultdict(list)
        for each in found:
            if each.moves:
                groups[each.transfer.state, each.answer.result, each.answer.reason].append(
                    each.transfer
                )
            elif each.answer.result == ACCEPTED:
                booked.accepted += 1
            else:
                booked.unchanged += 1
        for (state, result, reason), transfers in groups.items():
            move(transfers, state, result, by=by, at=at, reason=reason)
            booked.paid += len(transfers) if result == PAID else 0
            booked.returned += len(transfers) if result == RETURNED else 0
    return booked


def move(
    transfers: list[Transfer],
    old: str,
    new: str,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
) -> None:
    """Move transfers of one state and their payouts to the same result, in the caller's
    transaction. Raises Refused where somebody was faster."""
    ids = [transfer.pk for transfer in transfers]
    payouts = [transfer.payout_id for transfer in transfers]
    moved = Transfer.move_all(ids, old, new, by=by, at=at, reason=reason)
    followed = Payout.move_all(payouts, old, new, by=by, at=at, reason=reason)
    if not len(moved) == len(followed) == len(ids):
        raise Refused(GONE, "moved")
    if new == RETURNED:
        Transfer.objects.filter(pk__in=ids).update(return_reason=reason)


def fault(transfer: Transfer | None, result: Result) -> str:
    """Why a result can't be of this transfer, "" when it can."""
    if transfer is None:
        return "ありません"
    if transfer.amount != result.yen:
        return f"{transfer.amount:,}円です（ファイルは{result.yen:,}円）"
    if transfer.state in ("listed", "removed"):
        return "銀行へ引き渡されていません"
    if not bank_csv.agrees(transfer, result.account):
        return bank_csv.DIFFERS
    if transfer.state == "returned" and result.result == PAID:
        return "すでに振込不能として記帳されています"
    return ""


def _result(row: bank_csv.Row) -> Result | str:
    """A line as a result, or its fault with its line number."""
    cells, at = row.cells, f"{row.line}行目: "
    amount = cells["amount"].replace(",", "")
    if not (amount.isascii() and amount.isdigit() and 1 <= len(amount) <= 10):
        return f"{at}振込金額「{cells['amount'][:20]}」は10けた以内の数字ではありません"
    said, reason = cells["result"], cells.get("reason", "")
    result = RESULTS.get(said)
    if result is None:
        return (
            f"{at}結果「{said[:20]}」は「入金済」「受付済」「振込不能」「組戻」のどれでもありません"
        )
    if result != RETURNED:
        if reason:
            return f"{at}理由は振込不能のときだけ書きます"
        return Result(row.line, row.transfer_id, int(amount), result, "", row.account)
    labels = {label: key for key, label in REASONS.items()}
    key = labels.get(reason, reason) or (RECALLED if said.startswith("組戻") else "other")
    if key not in REASONS:
        known = "".join(f"「{label}」" for label in REASONS.values())
        return f"{at}理由「{reason[:20]}」は{known}のどれでもありません"
    return Result(row.line, row.transfer_id, int(amount), result, key, row.account)
