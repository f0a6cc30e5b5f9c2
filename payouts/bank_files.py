"""The file of a batch: its lines from the encrypted accounts, made once, frozen, proved by hash."""

import hashlib
import io

from django.conf import settings

from config import cipher
from config.states import Refused
from payouts import bank_lines
from payouts.accounts import Account
from payouts.models import Batch, Office
from payouts.outbound.zengin import kana, records
from payouts.outbound.zengin.layout import LENGTH

STYLES: dict[str, dict[str, object]] = {  # words of BANK_FILE and what each changes
    "no_line_ends": {"crlf": False},
    "blank_clearing_house": {"clearing_house": "    "},
    "no_full_stop": {"full_stop": False},
}


def style_of(prefecture_code: str) -> records.Style:
    """How an office's bank wants its files: BANK_FILE, else with CRLF, zeros and full stops."""
    changes: dict[str, object] = {}
    for word in filter(None, settings.BANK_FILE.get(prefecture_code, "").split("+")):
        changes |= STYLES[word]
    return records.Style(**changes)


def office_of(prefecture_code: str) -> Office:
    """The paying account of an office. Raises Refused where none is registered."""
    office = Office.objects.filter(pk=prefecture_code).first()
    if office is None:
        raise Refused("この都道府県の事務局の口座が登録されていません。", "office")
    return office


def payment(account: Account, yen: int, *, customer: int) -> records.Payment:
    """The line of one transfer. Raises Refused for a holder's name."""
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
    )


def make(batch: Batch) -> tuple[bytes, records.Totals]:
    """The bytes of a batch's file and its controls. Raises Refused naming the transfer."""
    payer, stream = payer_of(office_of(batch.prefecture_code)), io.BytesIO()
    totals = bank_lines.write(batch, payer, stream, style_of(batch.prefecture_code))
    return stream.getvalue(), totals


def payer_of(office: Office) -> records.Payer:
    """The paying office as its bank knows it."""
    return records.Payer(
        office.remitter_code,
        office.remitter_kana,
        office.bank_code,
        office.branch_code,
        office.account_type,
        office.account_number,
    )


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


def payer(batch: Batch) -> records.Payer:
    """Who pays: as the frozen file names it, before the release as the office's account is now.

    Raises Refused where the file was forgotten.
    """
    if not batch.sha256:
        return payer_of(office_of(batch.prefecture_code))
    header = next(records.read(io.BytesIO(frozen(batch)[: 2 * LENGTH])))
    return header.payer


def context(batch: Batch) -> str:
    """The associated data of a batch's file."""
    return f"batch:{batch.pk}"
