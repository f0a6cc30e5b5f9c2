"""What cutting a batch would list, told beforehand: nothing is locked, nothing is written (N73)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.contrib.auth.models import AbstractBaseUser

from config import clock
from config.states import Refused
from payouts import accounts, bank_files, banks, clerks, transfers
from payouts.accounts import Account
from payouts.models import Payout, Transfer

WAVE = 2000  # payouts read at once


@dataclass(frozen=True)
class Doubtful:
    """A payout whose bank or branch the newest master does not have, and where it would go."""

    payout: Payout
    account: Account


@dataclass
class Foreseen:
    """Count and yen of what would be listed, in files of so many; what would not, and what is
    doubtful among what would."""

    count: int = 0
    yen: int = 0
    files: list[tuple[int, int]] = field(default_factory=list)  # count and yen of each
    left_out: list[transfers.LeftOut] = field(default_factory=list)
    doubtful: list[Doubtful] = field(default_factory=list)

    def add(self, yen: int, most: int) -> None:
        """One more payout, into the file that has room."""
        self.count, self.yen = self.count + 1, self.yen + yen
        if not self.files or self.files[-1][0] == most:
            self.files.append((0, 0))
        count, total = self.files[-1]
        self.files[-1] = count + 1, total + yen


def foresee(
    prefecture_code: str, pay_on: date, *, by: AbstractBaseUser, most: int | None = None
) -> Foreseen:
    """What `transfers.cut` would do now. Raises Refused as it does."""
    clerks.require(by, prefecture_code)
    transfers.check_day(pay_on, clock.now())
    bank_files.office_of(prefecture_code)
    found, limit = Foreseen(), most or transfers.limit()
    due = _due(prefecture_code)
    while wave := list(islice(due, WAVE)):
        listed = []
        for payout in wave:
            if wrong := transfers.fault(payout):
                found.left_out.append(transfers.LeftOut(payout, wrong))
            else:
                listed.append(Doubtful(payout, accounts.read(payout.bank_account)))
                found.add(payout.amount, limit)
        gone = banks.gone(place(each.account) for each in listed)
        found.doubtful += [each for each in listed if place(each.account) in gone]
    return found


def cut_all(
    prefecture_code: str,
    pay_on: date,
    *,
    by: AbstractBaseUser,
    most: int | None = None,
    without: frozenset[int] = frozenset(),
) -> Iterator[transfers.Cut]:
    """As many batches as an office needs, each as soon as it is cut. Raises Refused as `cut`.

    The last one may hold no batch: then nothing more could be listed, and it tells what was left.
    """
    while True:
        cut = transfers.cut(prefecture_code, pay_on, by=by, most=most, without=without)
        yield cut
        if cut.batch is None:
            return


def place(account: Account) -> tuple[str, str]:
    """Bank and branch code."""
    return account.bank_code, account.branch_code


def masked(account: Account | None) -> str:
    """Bank, branch and the last three digits of an account, as the office sees it."""
    if account is None:
        return "（読み取れません）"
    bank = f"{account.bank_name}（{account.bank_code}）"
    branch = f"{account.branch_name}（{account.branch_code}）"
    return f"{bank} {branch} ＊＊＊＊{account.account_number[-3:]}"


def opened(row: Payout | Transfer) -> Account | None:
    """The account of a payout or transfer, None where it was erased."""
    try:
        return accounts.read(row.bank_account)
    except Refused:
        return None


def _due(prefecture_code: str) -> Iterator[Payout]:
    due = Payout.objects.filter(state="ready", road="bank", prefecture_code=prefecture_code)
    return due.select_related("bank_account").order_by("ready_at", "id").iterator(WAVE)
