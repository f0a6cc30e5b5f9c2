"""From ready bank payouts to a file at the bank: cut, take out, release, hand over once (N73, N74).

A batch is of one office, for one bank business day. One person cuts it, another releases it, which
freezes the file; handing it over is what books its payouts as on their way. Every download after
the first is a copy (控), and is written down. A payout has at most one living transfer, by
constraint.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from config import clock
from config.notice import NOTICE
from config.states import OVERTAKEN, Refused
from config.templatetags.notice import ja_date
from payouts import accounts, bank_files, banks, clerks, offices
from payouts.models import (
    BankAccount,
    Batch,
    BatchStep,
    Payout,
    Transfer,
    TransferStep,
)
from payouts.outbound.zengin import records

MOST = 50_000  # transfers in one file, whatever BATCH_LIMIT says
COPY, COPY_CSV = (
    "copy",
    "copy_csv",
)  # reasons of a step: the same bytes again, the same lines as CSV


@dataclass(frozen=True)
class LeftOut:
    """A ready payout that could not be listed, and the field of its account that is the reason."""

    payout: Payout
    field: str


@dataclass(frozen=True)
class Cut:
    """A new batch, None where nothing could be listed, and what was left out of it.

    `doubtful`: listed ones whose bank or branch the newest master does not have. It can be late in
    both directions, so a person looks at them, and takes them out or lets them go.
    """

    batch: Batch | None
    left_out: list[LeftOut]
    doubtful: list[Transfer] = field(default_factory=list)


@dataclass(frozen=True)
class BankFile:
    """The bytes of a released batch. `copy`: it had been handed over before."""

    name: str
    content: bytes
    copy: bool


def limit() -> int:
    """The most transfers that go into one file: BATCH_LIMIT, from 1 to MOST."""
    return max(1, min(settings.BATCH_LIMIT, MOST))


def cut(
    prefecture_code: str,
    pay_on: date,
    *,
    by: AbstractBaseUser,
    most: int | None = None,
    without: Collection[int] = (),
) -> Cut:
    """List ready bank payouts of one office, oldest first, for the bank business day `pay_on`.

    `most` in one file (the limit by default); `without`: ids of payouts to be left for another day.
    Two people cutting at once get different payouts. An account that no bank file can carry is left
    out and told. Raises Refused for a day on which no transfer can be made.
    """
    at = clock.now()
    clerks.require(by, prefecture_code)
    check_day(pay_on, at)
    bank_files.office_of(prefecture_code)
    with transaction.atomic():
        payable, left_out = _payable(prefecture_code, most or limit(), without)
        if not payable:
            return Cut(None, left_out)
        batch = Batch.objects.create(
            prefecture_code=prefecture_code,
            pay_on=pay_on,
            cut_at=at,
            prepared_by=by,
            count=len(payable),
            total_yen=sum(payout.amount for payout in payable),
        ).begin(by=by, at=at)
        _move(Payout, [payout.pk for payout in payable], "ready", "listed", batch, by, at)
        changed = set(
            Transfer.objects.filter(payout__in=payable, state="returned").values_list(
                "payout_id", flat=True
            )
        )
        transfers = Transfer.objects.bulk_create(
            Transfer(
                payout=payout,
                batch=batch,
                bank_account_id=payout.bank_account_id,
                prefecture_code=prefecture_code,
                amount=payout.amount,
                first_payment="2" if payout.pk in changed else "1",
            )
            for payout in payable
        )
        TransferStep.objects.bulk_create(
            TransferStep(of=transfer, old="", new="listed", at=at, by=by) for transfer in transfers
        )
    return Cut(batch, left_out, _doubtful(transfers))


def take_out(transfer: Transfer, *, by: AbstractBaseUser, reason: str) -> None:
    """Take one line out of a batch that nobody has released yet; its payout is ready again."""
    at = clock.now()
    with transaction.atomic():
        batch = _locked(transfer.batch_id, by)
        if batch.state != Batch.State.CUT:
            raise Refused("確定した振込データからは取り外せません。解散してください。", "released")
        transfer.move("removed", by=by, at=at, reason=reason)
        transfer.payout.move("ready", by=by, at=at, reason=reason)
        Batch.objects.filter(pk=batch.pk).update(
            count=F("count") - 1, total_yen=F("total_yen") - transfer.amount
        )


def release(batch: Batch, *, by: AbstractBaseUser) -> Batch:
    """The second signature: make the file, freeze it with its SHA-256, count and total.

    Raises Refused: the same person, a day that has come, or a file that differs from what was cut.
    """
    at = clock.now()
    with transaction.atomic():
        batch = _locked(batch.pk, by)
        if batch.prepared_by_id == by.pk:
            raise Refused("作成した人と確定する人は、別の人でなければなりません。", "two_people")
        check_day(batch.pay_on, at)
        if not batch.count:
            raise Refused("振込が1件も残っていません。解散してください。", "empty")
        offices.hold(batch.prefecture_code)
        content, totals = bank_files.make(batch)
        if (totals.count, totals.yen) != (batch.count, batch.total_yen):
            raise Refused("振込データの件数か合計が、作成したときと異なります。", "totals")
        return batch.move(
            "released",
            by=by,
            at=at,
            approved_by=by,
            approved_at=at,
            blob=bank_files.freeze(batch, content),
            sha256=totals.sha256,
        )


def hand_over(batch: Batch, *, by: AbstractBaseUser) -> BankFile:
    """Give the frozen file out for the bank, once; its payouts are on their way from here."""
    at = clock.now()
    with transaction.atomic():
        batch = _locked(batch.pk, by)
        if batch.state == Batch.State.RELEASED:
            check_day(batch.pay_on, at)
        batch.move("handed_over", by=by, at=at, handed_over_at=at, handed_over_by=by)
        listed = dict(batch.transfers.filter(state="listed").values_list("id", "payout_id"))
        if len(listed) != batch.count:
            raise Refused("振込データの件数が、確定したときと異なります。", "totals")
        _move(Transfer, list(listed), "listed", "handed_over", batch, by, at)
        _move(Payout, list(listed.values()), "listed", "handed_over", batch, by, at)
        return BankFile(file_name(batch), bank_files.frozen(batch), copy=False)


def copy(batch: Batch, *, by: AbstractBaseUser, form: str = COPY) -> BankFile:
    """The same bytes once more, marked as a copy (控); who took it is written down, and how."""
    at = clock.now()
    with transaction.atomic():
        batch = _locked(batch.pk, by)
        if batch.state != Batch.State.HANDED_OVER:
            raise Refused("まだ銀行へ引き渡していない振込データです。", "not_handed_over")
        BatchStep.objects.create(
            of=batch, old=batch.state, new=batch.state, at=at, by=by, reason=form
        )
        return BankFile(file_name(batch, "-hikae"), bank_files.frozen(batch), copy=True)


def dissolve(batch: Batch, *, by: AbstractBaseUser, reason: str) -> Batch:
    """Give up a batch that was not handed over; its payouts are ready for another one."""
    at = clock.now()
    with transaction.atomic():
        batch = _locked(batch.pk, by).move("dissolved", by=by, at=at, reason=reason, blob=None)
        listed = dict(batch.transfers.filter(state="listed").values_list("id", "payout_id"))
        _move(Transfer, list(listed), "listed", "removed", batch, by, at)
        _move(Payout, list(listed.values()), "listed", "ready", batch, by, at)
        return batch


def pay_again(
    payout: Payout,
    account: BankAccount,
    *,
    prepared_by: AbstractBaseUser,
    approved_by: AbstractBaseUser,
) -> Payout:
    """Let a returned payout go to a corrected account, by a new transfer of a later batch.

    Where the money goes takes two people (promise 7): who took the correction down and who agreed
    to it become the payout's signatures. Raises Refused where they are one.
    """
    at = clock.now()
    if prepared_by.pk == approved_by.pk:
        raise Refused("口座を直した人と承認する人は、別の人でなければなりません。", "two_people")
    for each in (prepared_by, approved_by):
        clerks.require(each, payout.prefecture_code)
    accounts.read(account)
    signed = {"prepared_by": prepared_by, "approved_by": approved_by, "by_matching": False}
    return payout.move(
        "ready", by=approved_by, at=at, reason="corrected", bank_account=account, **signed
    )


def check_day(pay_on: date, at: datetime) -> None:
    """A bank business day after today, not before the notice's first one."""
    if not NOTICE.bank_road:
        raise Refused("このお知らせでは、口座振込を行いません。", "one_road")
    first = NOTICE.dates.first_bank_day
    if pay_on < first:
        raise Refused(f"口座振込は{ja_date(first)}からです。", "first_bank_day")
    if not NOTICE.is_bank_day(pay_on):
        raise Refused(f"{ja_date(pay_on)}は銀行の営業日ではありません。", "bank_day")
    if pay_on <= at.astimezone(clock.JST).date():
        raise Refused("振込指定日は、明日以降の銀行営業日にしてください。", "past")


def _locked(batch_id: int, by: AbstractBaseUser) -> Batch:
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    clerks.require(by, batch.prefecture_code)
    return batch


def _move(
    model: type[Payout] | type[Transfer],
    ids: list[int],
    old: str,
    new: str,
    batch: Batch,
    by: AbstractBaseUser,
    at: datetime,
) -> None:
    """Move all of these rows or none: Refused, and the transaction is undone."""
    moved = model.move_all(ids, old, new, by=by, at=at, reason=f"batch {batch.pk}")
    if len(moved) != len(ids):
        raise Refused(OVERTAKEN, "moved")


def _payable(
    prefecture_code: str, most: int, without: Collection[int]
) -> tuple[list[Payout], list[LeftOut]]:
    """Lock up to `most` due payouts that a bank file can carry; those before them that it can't."""
    due = Payout.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state="ready", road="bank", prefecture_code=prefecture_code
    )
    due = due.exclude(pk__in=without) if without else due
    payable: list[Payout] = []
    left_out: list[LeftOut] = []
    while len(payable) < most:
        seen = [payout.pk for payout in payable] + [left.payout.pk for left in left_out]
        wave = due.exclude(pk__in=seen).order_by("ready_at", "id")[: most - len(payable)]
        found = [(payout, fault(payout)) for payout in wave.select_related("bank_account")]
        if not found:
            break
        payable += [payout for payout, wrong in found if not wrong]
        left_out += [LeftOut(payout, wrong) for payout, wrong in found if wrong]
    return payable, left_out


def _doubtful(listed: list[Transfer]) -> list[Transfer]:
    """Those whose bank or branch is not in the newest master (re-checked at the cut)."""
    places = {}
    for transfer in listed:
        account = accounts.read(transfer.payout.bank_account)
        places[transfer] = account.bank_code, account.branch_code
    gone = banks.gone(places.values())
    return [transfer for transfer in listed if places[transfer] in gone]


def fault(payout: Payout) -> str:
    """The part of a payout's account that keeps it out of a bank file, "" when it can go."""
    try:
        account = accounts.read(payout.bank_account)
        return records.fault(bank_files.payment(account, payout.amount, customer=1))
    except Refused as refused:
        return refused.code


def file_name(batch: Batch, mark: str = "") -> str:
    """The name under which a batch's file is saved."""
    return f"furikomi-{batch.prefecture_code}-{batch.pay_on:%Y%m%d}-{batch.pk}{mark}.txt"
