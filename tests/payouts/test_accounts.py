"""Bank accounts in encrypted blobs."""

import pytest

from applications.answers import AccountAnswer
from config.states import Refused
from payouts import accounts
from payouts.models import BankAccount
from tests.payouts.bank_rows import account

pytestmark = pytest.mark.django_db


def test_store_keeps_an_account_that_only_its_own_row_opens() -> None:
    row = accounts.store(account())
    row.refresh_from_db()
    assert accounts.read(row) == account()
    assert b"1234567" not in bytes(row.blob)
    other = BankAccount(blob=row.blob, made_at=row.made_at)
    with pytest.raises(Refused) as refusal:
        accounts.read(other)
    assert refusal.value.code == "account"


def test_account_hash_is_equal_for_the_same_account_of_another_holder() -> None:
    same, different = account(holder="ヤマダ　ハナコ"), account(number="1234568")
    assert accounts.account_hash(same) == accounts.account_hash(account())
    assert accounts.account_hash(different) != accounts.account_hash(account())


def test_read_opens_what_the_application_form_stored() -> None:
    given = AccountAnswer(
        "9900", "ゆうちょ銀行", "408", "四〇八", "1", "1234567", "ヤマダ", "14030", "12345671"
    )
    row = accounts.store(given.account())
    assert accounts.read(row) == accounts.Account(
        "9900", "408", "1", "1234567", "ヤマダ", "ゆうちょ銀行", "四〇八", "14030", "12345671"
    )
    assert row.account_hash == accounts.account_hash(accounts.read(row))
