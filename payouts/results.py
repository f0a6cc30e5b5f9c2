"""What the bank tells afterwards: money that arrived, money that came back (N74).

A line names a transfer, never a payout, so that a late return of a first transfer can't be taken
for the second one's. Money that came back is owed again at once.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from config import clock
from config.states import Refused
from payouts import clerks
from payouts.models import Payout, Transfer

HEADS = ["transfer_id", "code", "reason"]
# Why a transfer comes back, in the banks' words (code: label).
REASONS = {
    "number_differs": "口座番号相違",
    "name_differs": "受取人名相違",
    "no_account": "該当口座なし",
    "type_differs": "科目相違",
    "payee_side": "受取口座側事由",
    "other": "その他",
}
PAID = {"0", "paid", "振込完了"}
# The digits are those of the account enquiry: 1 no such account, 2 name differs, 9 other.
RETURNED = {
    "1": "no_account",
    "2": "name_differs",
    "9": "other",
    "returned": "",
    "振込不能": "",
}
SHOWN = 50  # faults told at once


@dataclass(frozen=True)
class Result:
    """One line: the transfer, whether it was paid, and the code of REASONS where it was not."""

    line: int
    transfer_id: int
    paid: bool
    reason: str


@dataclass
class Booked:
    """How many transfers were booked as paid, as returned, and how many were booked before."""

    paid: int = 0
    returned: int = 0
    unchanged: int = 0


def read(lines: Iterable[str]) -> list[Result]:
    """The lines of a CSV `transfer_id,code,reason`. Raises Refused: every fault with its line."""
    reader, results, faults = csv.reader(lines), [], []
    heads = [head.strip() for head in next(reader, [])]
    if heads != HEADS:
        raise Refused(f"1行目は {','.join(HEADS)} です。", "heads")
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        found = _result(reader.line_num, [cell.strip() for cell in row])
        if isinstance(found, Result):
            results.append(found)
        else:
            faults.append(f"{reader.line_num}行目: {found}")
    seen: dict[int, int] = {}
    for result in results:
        first = seen.setdefault(result.transfer_id, result.line)
        if first != result.line:
            faults.append(f"{result.line}行目: 振込{result.transfer_id}は{first}行目にもあります")
    _refuse(faults)
    return results


def book(results: list[Result], *, by: AbstractBaseUser) -> Booked:
    """Book them all or none; the same file twice changes nothing.

    Raises Refused with every line that can't be: unknown, not handed over, or returned before.
    """
    at, booked = clock.now(), Booked()
    with transaction.atomic():
        ids = [result.transfer_id for result in results]
        found = {
            transfer.pk: transfer
            for transfer in Transfer.objects.select_for_update(of=("self",))
            .filter(pk__in=ids)
            .order_by("pk")
        }
        own = set(clerks.prefectures_of(by))
        faults, groups = [], defaultdict(list)
        for result in results:
            transfer = found.get(result.transfer_id)
            if transfer is None or transfer.prefecture_code not in own:
                faults.append(f"{result.line}行目: 振込{result.transfer_id}はありません")
            elif fault := _fault(transfer, result):
                faults.append(f"{result.line}行目: 振込{transfer.pk}は{fault}")
            elif _is_booked(transfer, result):
                booked.unchanged += 1
            else:
                groups[transfer.state, result.paid, result.reason].append(transfer)
        _refuse(faults)
        for (state, paid, reason), transfers in groups.items():
            _book_group(transfers, state, paid, reason, by, at)
            booked.paid += len(transfers) if paid else 0
            booked.returned += 0 if paid else len(transfers)
    return booked


def _result(line: int, row: list[str]) -> Result | str:
    """A line as a result, or what is wrong with it."""
    if len(row) not in (2, 3):
        return "項目の数が違います"
    number, code, reason = (*row, "")[:3]
    if not (number.isascii() and number.isdigit() and 1 <= len(number) <= 10):
        return f"transfer_id「{number[:20]}」は10けた以内の数字ではありません"
    if code in PAID:
        return Result(line, int(number), True, "") if not reason else "振込完了に理由は付きません"
    if code not in RETURNED:
        return f"code「{code[:20]}」は 0、1、2、9、paid、returned のどれでもありません"
    labels = {label: key for key, label in REASONS.items()}
    key = labels.get(reason, reason) or RETURNED[code] or "other"
    if key not in REASONS:
        return f"理由「{reason[:20]}」は {'、'.join(REASONS.values())} のどれでもありません"
    return Result(line, int(number), False, key)


def _fault(transfer: Transfer, result: Result) -> str:
    """Why a result can't be of this transfer, "" when it can."""
    if transfer.state in ("listed", "removed"):
        return "銀行へ引き渡されていません"
    if transfer.state == "returned" and result.paid:
        return "すでに振込不能として記帳されています"
    return ""


def _is_booked(transfer: Transfer, result: Result) -> bool:
    """Whether this is already so. A second reason of the same return leaves the first."""
    return transfer.state == ("paid" if result.paid else "returned")


def _book_group(
    transfers: list[Transfer],
    state: str,
    paid: bool,
    reason: str,
    by: AbstractBaseUser,
    at: datetime,
) -> None:
    """Move transfers of one state and their payouts to the same result."""
    new, ids = "paid" if paid else "returned", [transfer.pk for transfer in transfers]
    payouts = [transfer.payout_id for transfer in transfers]
    moved = Transfer.move_all(ids, state, new, by=by, at=at, reason=reason)
    followed = Payout.move_all(payouts, state, new, by=by, at=at, reason=reason)
    if not len(moved) == len(followed) == len(ids):
        raise Refused("ほかの担当者が先に処理しました。もう一度取り込んでください。", "moved")
    if reason:
        Transfer.objects.filter(pk__in=ids).update(return_reason=reason)


def _refuse(faults: list[str]) -> None:
    if faults:
        more = [f"ほか{len(faults) - SHOWN}件"] if len(faults) > SHOWN else []
        raise Refused("\n".join([*faults[:SHOWN], *more]), "lines")
