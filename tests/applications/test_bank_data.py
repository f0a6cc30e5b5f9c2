"""Accounts are forgotten after their settlement, and not before."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest

from applications import bank_data, returns
from applications.models import Application
from config import clock
from config.clock import JST
from config.states import Refused
from payouts import accounts, bank_files, results, transfers
from payouts.account_erasing import Erased
from payouts.models import BankAccount, Batch, Transfer
from tests.applications import rows
from tests.applications.test_changes import decided
from tests.applications.test_returns import ANSWER, OWN
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
BOOKED = datetime(2023, 5, 22, 10, tzinfo=JST)
NOTHING = Erased(0, 0)


@pytest.fixture(autouse=True)
def _in_may() -> Iterator[None]:
    bank_rows.office()
    with clock.at(bank_rows.CUT_AT):
        yield


def handed_over() -> Transfer:
    """The transfer of a decided application, on its way."""
    decided(method="bank", holder_relation="self")
    batch = transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("a")).batch
    transfers.hand_over(transfers.release(batch, by=bank_rows.clerk("b")), by=bank_rows.clerk("c"))
    return batch.transfers.get()


def book(transfer: Transfer, result: str) -> None:
    lines = [bank_rows.HEADS, bank_rows.said(transfer, result)]
    with clock.at(BOOKED):
        results.book(results.read(lines), by=bank_rows.clerk(f"d{result}"))


def test_a_settled_account_is_forgotten_after_its_time_and_its_file_too() -> None:
    transfer = handed_over()
    book(transfer, "入金済")
    assert bank_data.erase(BOOKED) == NOTHING  # paid at this very moment: not before it
    with clock.at(BOOKED + timedelta(days=90)):
        assert bank_data.erase(BOOKED + timedelta(seconds=1)) == Erased(1, 1)
        assert bank_data.erase(BOOKED + timedelta(seconds=1)) == NOTHING
    row = BankAccount.objects.get()
    assert (bytes(row.blob), row.erased_at) == (b"", BOOKED + timedelta(days=90))
    assert len(bytes(row.account_hash)) == 32
    batch = Batch.objects.get()
    assert (batch.blob, batch.count, len(batch.sha256)) == (None, 1, 64)
    with pytest.raises(Refused):
        accounts.read(row)
    with pytest.raises(Refused):
        bank_files.frozen(batch)


def test_what_is_on_its_way_or_came_back_stays() -> None:
    later = BOOKED + timedelta(days=400)
    transfer = handed_over()
    assert bank_data.erase(later) == NOTHING
    book(transfer, "振込不能")
    assert bank_data.erase(later) == Erased(0, 1)  # the file is over, the account is owed to
    assert accounts.read(transfer.bank_account).account_number == "1234567"


@pytest.mark.parametrize("state", ["received", "held", "checked"])
def test_an_application_that_waits_keeps_its_account(state: str) -> None:
    row = rows.application(rows.coupon(), method="bank", holder_relation="self")
    Application.objects.filter(pk=row.pk).update(state="received")
    if state == "held":
        row.move("held")
    if state == "checked":
        row.move("checked", by_matching=True)
    assert bank_data.erase(BOOKED + timedelta(days=400)) == NOTHING


def test_the_account_of_one_that_was_taken_back_goes() -> None:
    row = rows.application(rows.coupon(), method="bank", holder_relation="self")
    row.move("withdrawn")
    assert bank_data.erase(BOOKED) == Erased(1, 0)


def test_a_correction_under_way_keeps_its_account() -> None:
    book(handed_over(), "振込不能")
    with clock.at(BOOKED):
        returns.ask_due()
        returns.give(Application.objects.get(), ANSWER, OWN, arrived_at=BOOKED)
    bank_data.erase(BOOKED + timedelta(days=400))
    assert BankAccount.objects.filter(erased_at=None).count() == 2


def test_the_processes_role_changes_no_account(app_role: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role.execute("UPDATE payouts_bankaccount SET blob = ''")
