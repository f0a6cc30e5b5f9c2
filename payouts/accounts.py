"""Accounts that a transfer can go to: stored in one encrypted blob, told apart by a keyed hash.

The blob holds the account twice: first the 45 bytes that a bank file needs, judged and ready, so
that a file of many is written fast; then all of it as it was given.
"""

import json
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import uuid4

from config import cipher, clock
from config.states import Refused
from payouts.models import BankAccount
from payouts.outbound.zengin import kana, ready, records

UNFIT = b" " * ready.PART  # of an account that no bank file can carry


@dataclass(frozen=True)
class Account:
    """An account as its holder gave it; `holder_kana` in full width, as shown to the holder.

    `symbol` and `number` are those of a Japan Post passbook, as typed; else empty.
    """

    bank_code: str
    branch_code: str
    account_type: str  # 1, 2, 4
    account_number: str
    holder_kana: str
    bank_name: str = ""
    branch_name: str = ""
    symbol: str = ""
    number: str = ""


def store(account: Account) -> BankAccount:
    """Keep an account, encrypted under its own row's id (N73)."""
    row = sealed(account, clock.now())
    row.save(force_insert=True)
    return row


def sealed(account: Account, at: datetime) -> BankAccount:
    """The row that keeps an account, not saved yet."""
    row_id = uuid4()
    return BankAccount(
        id=row_id,
        blob=cipher.encrypt(_plain(account), context(row_id)),
        account_hash=account_hash(account),
        made_at=at,
    )


def read(row: BankAccount) -> Account:
    """The account in clear. Raises Refused where it was erased or can't be opened."""
    try:
        return Account(*json.loads(cipher.decrypt(row.blob, context(row.pk))[ready.PART :]))
    except (cipher.Unreadable, ValueError, TypeError) as error:  # erased, or of another row
        raise Refused("振込先口座を読み取れません。", "account") from error


def account_hash(account: Account) -> bytes:
    """What equal accounts have in common: bank, branch (by code, else by name), type, number."""
    place = (account.bank_code or account.bank_name, account.branch_code or account.branch_name)
    return cipher.keyed_hash(
        "account", "/".join((*place, account.account_type, account.account_number))
    )


def context(row_id: object) -> str:
    """The associated data of an account's blob: it opens in its own row only."""
    return f"bank_account:{row_id}"


def _plain(account: Account) -> bytes:
    """What is encrypted of an account."""
    try:
        holder = kana.cut30(kana.bank_kana(account.holder_kana))
        fields = astuple(account)[:4]  # bank, branch, type, number
        part = ready.part(*fields, holder)
    except (kana.NotBankKana, records.BadRecord):
        part = UNFIT
    return part + json.dumps(astuple(account), ensure_ascii=False).encode()
