"""A batch's file straight from encrypted rows: the names of the master, what can't be opened."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from config import cipher, clock
from config.states import Refused
from payouts import accounts, bank_files, bank_lines, transfers
from payouts.models import Bank, BankAccount, Batch, Branch
from payouts.outbound.zengin.records import Payment, read
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
SEEN = {"first_seen": "20230401", "last_seen": "20230401"}


@pytest.fixture
def batch() -> Batch:
    """Three transfers: one to a branch of the master, one to a closed one, one to ゆうちょ."""
    bank = Bank.objects.create(code="0001", name="みずほ", kana="ミズホ", **SEEN)
    Branch.objects.create(bank=bank, code="001", name="東京営業部", kana="トウキヨウ", **SEEN)
    closed = {"name": "八重洲", "kana": "ヤエス", "is_current": False}
    Branch.objects.create(bank=bank, code="026", **closed, **SEEN)
    bank_rows.office("22")
    elsewhere = accounts.Account("0001", "026", "2", "0000012", "スズキ　イチロー")
    post = accounts.Account("9900", "408", "1", "1234567", "ガッキュウ　ジャック")
    with clock.at(bank_rows.CUT_AT):
        for to in (bank_rows.account(), elsewhere, post):
            bank_rows.ready(1730, to=to)
        return transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("payer")).batch


def payments(batch: Batch, payer_bank: str = "0149") -> list[Payment]:
    stream = io.BytesIO()
    payer = replace(bank_files.payer_of(bank_files.office_of("22")), bank_code=payer_bank)
    bank_lines.write(batch, payer, stream)
    stream.seek(0)
    return list(read(stream))[1:-1]


def test_lines_hold_what_the_bank_needs_with_the_names_of_the_master(batch: Batch) -> None:
    ids = list(batch.transfers.order_by("id").values_list("id", flat=True))
    assert payments(batch) == [
        Payment("0001", "001", "1", "1234567", "ﾔﾏﾀﾞ ﾀﾛｳ", 1730, ids[0], "1", "ﾐｽﾞﾎ", "ﾄｳｷﾖｳ"),
        Payment("0001", "026", "2", "0000012", "ｽｽﾞｷ ｲﾁﾛ-", 1730, ids[1]),
        Payment("9900", "408", "1", "1234567", "ｶﾞﾂｷﾕｳ ｼﾞﾔﾂｸ", 1730, ids[2]),
    ]


def test_names_stay_blank_where_the_japan_post_bank_pays(batch: Batch) -> None:
    assert {(p.bank_name, p.branch_name) for p in payments(batch, "9900")} == {("", "")}


def test_an_account_of_another_row_does_not_open_and_is_named(batch: Batch) -> None:
    second = batch.transfers.order_by("id")[1]
    other = batch.transfers.order_by("id")[0].bank_account
    BankAccount.objects.filter(pk=second.bank_account_id).update(blob=other.blob)
    with pytest.raises(Refused, match=f"振込{second.pk}の口座を読み取れません"):
        bank_files.make(batch)


def test_an_account_that_was_erased_is_named(batch: Batch) -> None:
    third = batch.transfers.order_by("id")[2]
    BankAccount.objects.filter(pk=third.bank_account_id).update(blob=b"")
    with pytest.raises(Refused, match=f"振込{third.pk}の口座を読み取れません"):
        bank_files.make(batch)


def test_an_account_that_fits_no_file_is_named(batch: Batch) -> None:
    first = batch.transfers.order_by("id")[0].bank_account_id
    unfit = accounts.sealed(bank_rows.account(holder="山田"), clock.now())
    plain = cipher.decrypt(unfit.blob, accounts.context(unfit.pk))
    blob = cipher.encrypt(plain, accounts.context(first))
    BankAccount.objects.filter(pk=first).update(blob=blob)
    with pytest.raises(Refused, match="全銀形式に合いません（bank_code）"):
        bank_files.make(batch)


def test_an_old_key_still_opens_its_accounts(batch: Batch, settings: object) -> None:
    before = payments(batch)
    settings.FIELD_KEYS = ["a newer key", *settings.FIELD_KEYS]
    with clock.at(bank_rows.CUT_AT + timedelta(hours=1)), transaction.atomic():
        assert payments(batch) == before
