"""Asking the bank about accounts before anything is paid (振込口座照会), by CSV.

The list that the bank is asked by goes out of a batch that is not handed over yet; its answers come
in by transfer id. An account that the bank does not confirm is taken out of the batch: its payout
waits as after a return, so that its person is asked for another account, and no batch takes it
before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from config import clock
from config.states import Refused
from payouts import accounts, bank_csv, bank_files, bank_lines, clerks
from payouts.bank_csv import Found
from payouts.models import AccountCheck, AnswerFile, Batch, Payout, Transfer

NEEDED = {"顧客コード1": "transfer_id", "口座確認": "check_code"}
NEVER = dict.fromkeys(
    ("結果", "result", "理由", "reason"),
    "振込結果のファイルです。「振込結果」として取り込んでください。",
)
HEADS = tuple(head for head in bank_csv.HEADS if head != "振込金額")  # an enquiry names no amount
FITS = AccountCheck.Code.FITS
# What stands as the reason of a transfer that was never sent, and of its step.
REASONS = {"1": "no_account", "2": "name_differs", "9": "other"}
STEP = {
    "check_no_account": "口座確認：該当口座なし",
    "check_name_differs": "口座確認：受取人名相違",
    "check_other": "口座確認：その他",
}


@dataclass(frozen=True)
class Answer:
    """One line: the transfer and the bank's code (0 fits, 1 none, 2 name differs, 9 other)."""

    line: int
    transfer_id: int
    code: str
    account: dict[str, str] = field(default_factory=dict)


@dataclass
class Booked:
    """How many accounts fit, how many transfers were taken out, how many answers were known."""

    fits: int = 0
    taken_out: int = 0
    unchanged: int = 0


def enquiry(batch: Batch) -> Iterator[tuple[object, ...]]:
    """The lines by which the bank is asked about a batch's accounts, as HEADS."""
    names = bank_lines.Names(bank_files.office_of(batch.prefecture_code).bank_code)
    listed = batch.transfers.filter(state="listed").select_related("bank_account").order_by("id")
    for transfer in listed.iterator(1000):
        account = accounts.read(transfer.bank_account)
        payment = bank_files.payment(account, transfer.amount, customer=transfer.pk)
        bank, branch = names[(account.bank_code + account.branch_code).encode()]
        yield (
            payment.bank_code,
            bank.decode("cp932").strip(),
            payment.branch_code,
            branch.decode("cp932").strip(),
            payment.account_type,
            payment.account_number,
            payment.holder,
            f"{transfer.pk:010}",
        )


def read(lines: Iterable[str]) -> list[Answer]:
    """The lines of a CSV 顧客コード1, 口座確認 (or transfer_id, check_code). Raises Refused."""
    return bank_csv.read(lines, _answer, NEEDED, {}, NEVER)


def match(answers: Collection[Answer], *, by: AbstractBaseUser) -> list[Found[Answer]]:
    """Each line with its transfer of the clerk's own offices; nothing changes."""
    rows = Transfer.objects.select_related("bank_account", "payout", "batch")
    own = clerks.scoped(rows.filter(pk__in=[each.transfer_id for each in answers]), by)
    transfers = {transfer.pk: transfer for transfer in own}
    known = set(
        AccountCheck.objects.filter(transfer__in=transfers).values_list("transfer_id", "code")
    )
    found = []
    for each in answers:
        transfer, is_known = transfers.get(each.transfer_id), (each.transfer_id, each.code) in known
        wrong = "" if is_known else fault(transfer, each)
        found.append(Found(each, transfer, wrong, not wrong and not is_known))
    return found


def book(answers: Collection[Answer], file: AnswerFile, *, by: AbstractBaseUser) -> Booked:
    """Write all answers down or none, and take out what the bank did not confirm.

    The same lines twice change nothing. Raises Refused with every line that can't be.
    """
    at, booked = clock.now(), Booked()
    with transaction.atomic():
        of = Transfer.objects.filter(pk__in=[each.transfer_id for each in answers])
        batches = Batch.objects.filter(pk__in=of.values("batch")).order_by("pk")
        list(batches.select_for_update(of=("self",)))  # before their lines, as every act on a batch
        found = match(answers, by=by)
        bank_csv.refuse([bank_csv.told(each) for each in found if each.fault])
        new = [each for each in found if each.moves]
        AccountCheck.objects.bulk_create(
            AccountCheck(transfer=each.transfer, file=file, code=each.answer.code, at=at, by=by)
            for each in new
        )
        booked.unchanged = len(found) - len(new)
        groups = defaultdict(list)
        for each in new:
            groups[each.answer.code].append(each.transfer)
        booked.fits = len(groups.pop(FITS, []))
        for code, transfers in sorted(groups.items()):
            _take_out(transfers, code, by=by)
            booked.taken_out += len(transfers)
    return booked


def fault(transfer: Transfer | None, answer: Answer) -> str:
    """Why an answer can't be of this transfer now, "" when it can."""
    if transfer is None:
        return "ありません"
    if not bank_csv.agrees(transfer, answer.account):
        return bank_csv.DIFFERS
    if transfer.state == "removed":
        return "振込データから取り外されています"
    if transfer.state != "listed":
        return "すでに銀行へ引き渡されています"
    if answer.code != FITS and transfer.batch.state != Batch.State.CUT:
        return f"確定した振込データ{transfer.batch_id}にあります。先に解散してください"
    return ""


def _take_out(transfers: list[Transfer], code: str, *, by: AbstractBaseUser) -> None:
    """Out of their batches, each payout held as one whose money came back."""
    at, reason = clock.now(), REASONS[code]
    ids = [transfer.pk for transfer in transfers]
    payouts = [transfer.payout_id for transfer in transfers]
    step = f"check_{reason}"
    moved = Transfer.move_all(ids, "listed", "removed", by=by, at=at, reason=step)
    held = Payout.move_all(payouts, "listed", "returned", by=by, at=at, reason=step)
    if not len(moved) == len(held) == len(ids):
        raise Refused("ほかの担当者が先に処理しました。もう一度取り込んでください。", "moved")
    Transfer.objects.filter(pk__in=ids).update(return_reason=reason)
    sums: dict[int, tuple[int, int]] = {}
    for transfer in transfers:
        count, yen = sums.get(transfer.batch_id, (0, 0))
        sums[transfer.batch_id] = count + 1, yen + transfer.amount
    for batch, (count, yen) in sums.items():
        Batch.objects.filter(pk=batch).update(
            count=F("count") - count, total_yen=F("total_yen") - yen
        )


def _answer(row: bank_csv.Row) -> Answer | str:
    """A line as an answer, or its fault with its line number."""
    code = row.cells["check_code"]
    if code not in AccountCheck.Code.values:
        told = "、".join(f"{value} {label}" for value, label in AccountCheck.Code.choices)
        return f"{row.line}行目: 口座確認「{code[:20]}」は {told} のどれでもありません"
    return Answer(row.line, row.transfer_id, code, row.account)
