"""The file of a batch: its lines from the encrypted accounts, made once, frozen, proved by hash."""

import hashlib
import io
from collections.abc import Iterator

from config import cipher
from config.states import Refused
from payouts import accounts
from payouts.accounts import Account
from payouts.models import Batch, Branch, Office, Transfer
from payouts.outbound.zengin import kana, records, yucho

NO_NAMES = ("", "")


def office_of(prefecture_code: str) -> Office:
    """The paying account of an office. Raises Refused where none is registered."""
    office = Office.objects.filter(pk=prefecture_code).first()
    if office is None:
        raise Refused("この都道府県の事務局の口座が登録されていません。", "office")
    return office


def payment(
    account: Account,
    yen: int,
    *,
    customer: int,
    new_code: str = "1",
    names: tuple[str, str] = NO_NAMES,
) -> records.Payment:
    """The line of one transfer; `names` of bank and branch. Raises Refused for a holder's name."""
    try:
        holder = kana.cut30(kana.bank_kana(account.holder_kana))
    except kana.NotBankKana as error:
        raise Refused(error.message_ja, "holder") from error
    return records.Payment(
        account.bank_code,
        account.branch_code,
        account.account_type,
        account.account_number,
        holder,
        yen,
        customer,
        new_code,
        *names,
    )


def make(batch: Batch) -> tuple[bytes, records.Totals]:
    """The bytes of a batch's file and its controls. Raises Refused naming the transfer."""
    office, stream = office_of(batch.prefecture_code), io.BytesIO()
    listed = list(
        batch.transfers.filter(state="listed").select_related("bank_account").order_by("id")
    )
    payer = records.Payer(
        office.remitter_code,
        office.remitter_kana,
        office.bank_code,
        office.branch_code,
        office.account_type,
        office.account_number,
    )
    try:
        totals = records.write(stream, payer, batch.pay_on, _payments(office, listed))
    except records.BadRecord as bad:
        place = bad.number - 2  # the header is record 1
        which = f"振込{listed[place].pk}" if 0 <= place < len(listed) else "事務局の口座または件数"
        raise Refused(f"{which}が全銀形式に合いません（{bad.field}）。", "record") from bad
    return stream.getvalue(), totals


def freeze(batch: Batch, content: bytes) -> bytes:
    """The bytes as a batch keeps them: encrypted for this batch only."""
    return cipher.encrypt(content, context(batch))


def frozen(batch: Batch) -> bytes:
    """The bytes that were frozen. Raises Refused where they are gone or no longer the same."""
    try:
        content = cipher.decrypt(batch.blob or b"", context(batch))
    except cipher.Unreadable as error:
        raise Refused("振込データのファイルを読み取れません。", "file") from error
    if hashlib.sha256(content).hexdigest() != batch.sha256:
        raise Refused("振込データのSHA-256が一致しません。", "sha256")
    return content


def context(batch: Batch) -> str:
    """The associated data of a batch's file."""
    return f"batch:{batch.pk}"


def _payments(office: Office, listed: list[Transfer]) -> Iterator[records.Payment]:
    """The lines of a file, with names from the master where it has them in a form that fits."""
    lines = [(transfer, accounts.read(transfer.bank_account)) for transfer in listed]
    # Within the Japan Post Bank the names stay blank.
    banks = {a.bank_code for _, a in lines} if office.bank_code != yucho.BANK_CODE else set()
    names = {
        (bank, branch): (kana.bank_name(bank_kana), kana.bank_name(branch_kana))
        for bank, bank_kana, branch, branch_kana in Branch.objects.filter(
            bank__in=banks, is_current=True
        ).values_list("bank_id", "bank__kana", "code", "kana")
    }
    for transfer, account in lines:
        yield payment(
            account,
            transfer.amount,
            customer=transfer.pk,
            new_code=transfer.first_payment,
            names=names.get((account.bank_code, account.branch_code), NO_NAMES),
        )
