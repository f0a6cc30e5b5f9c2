"""The lines of a batch straight from its rows, opened one by one and never all in memory.

PostgreSQL streams transfers and blobs (COPY), so that a file of a million records takes about as
long as reading them, and a few megabytes.
"""

from collections.abc import Iterator
from typing import BinaryIO

from django.db import connection

from config import cipher
from config.states import Refused
from payouts.models import Batch, Branch
from payouts.outbound.zengin import kana, ready, records, yucho

QUERY = """
    SELECT a.blob, convert_to('bank_account:' || a.id, 'UTF8'), t.amount,
           convert_to(t.first_payment, 'UTF8'), t.id
    FROM payouts_transfer t JOIN payouts_bankaccount a ON a.id = t.bank_account_id
    WHERE t.batch_id = %s AND t.state = 'listed' ORDER BY t.id
"""
TYPES = ["bytea", "bytea", "int4", "bytea", "int8"]


class Names(dict[bytes, tuple[bytes, bytes]]):
    """Bank and branch code -> their names as they fill a record; blank where the master has none.

    Made ready when first asked for. Within the Japan Post Bank the names stay blank.
    """

    def __init__(self, payer_bank: str) -> None:
        super().__init__()
        rows = Branch.objects.filter(is_current=True)
        if payer_bank == yucho.BANK_CODE:
            rows = rows.none()
        self._master = {
            (bank + branch).encode(): readings
            for bank, branch, *readings in rows.values_list(
                "bank_id", "code", "bank__kana", "kana"
            ).iterator(5000)
        }

    def __missing__(self, key: bytes) -> tuple[bytes, bytes]:
        bank, branch = self._master.get(key, ("", ""))
        self[key] = ready.name(kana.bank_name(bank)), ready.name(kana.bank_name(branch))
        return self[key]


def write(
    batch: Batch, payer: records.Payer, stream: BinaryIO, style: records.Style | None = None
) -> records.Totals:
    """Write the whole file of a batch and give its controls. Raises Refused naming the transfer."""
    try:
        names = Names(payer.bank_code)
        return ready.write(stream, payer, batch.pay_on, lines(batch), names, style)
    except records.BadRecord as bad:
        place = bad.number - 2  # the header is record 1
        listed = batch.transfers.filter(state="listed").order_by("id")
        wrong = listed[place : place + 1].first() if place >= 0 else None
        which = f"振込{wrong.pk}" if wrong else "事務局の口座または件数"
        raise Refused(f"{which}が全銀形式に合いません（{bad.field}）。", "record") from bad


def lines(batch: Batch) -> Iterator[ready.Line]:
    """The lines of a batch in order of their ids. Raises Refused, naming a transfer whose account
    can't be opened. No other query may run on the connection until it is read to its end."""
    opened = cipher.opener()
    copied = f"COPY ({QUERY}) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(copied, [batch.pk]) as copy:
        copy.set_types(TYPES)
        try:
            for blob, context, yen, new_code, transfer in copy.rows():
                yield opened(blob, context)[: ready.PART], yen, new_code, transfer
        except cipher.Unreadable as error:
            raise Refused(f"振込{transfer}の口座を読み取れません。", "account") from error
