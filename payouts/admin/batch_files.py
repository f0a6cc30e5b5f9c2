"""What leaves the office of a batch: the file for the bank once, copies (控), the lines as CSV."""

import io
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from config import access
from config.states import Refused
from payouts import account_checks, bank_csv, transfers
from payouts.models import Batch
from payouts.outbound import csvsafe
from payouts.outbound.zengin import records

CHANGE = "payouts.change_batch"
VERBS = ("hand_over", "copy", "csv", "enquiry")
ENCODINGS = {"utf-8": "UTF-8", "cp932": "Shift_JIS（CP932）"}


def give(request: HttpRequest, batch: Batch, verb: str) -> HttpResponse:
    """The bytes of a batch as a download, each time in its steps and in the access log.

    Raises Refused, and Http404 for an encoding that is none.
    """
    encoding = request.POST.get("encoding", "utf-8")
    if encoding not in ENCODINGS:
        raise Http404(encoding)
    if verb == "enquiry":
        return enquiry(request, batch, encoding)
    with transaction.atomic():
        if verb == "hand_over":
            found = transfers.hand_over(batch, by=request.user)
        else:
            form = transfers.COPY_CSV if verb == "csv" else transfers.COPY
            found = transfers.copy(batch, by=request.user, form=form)
        access.exported(request.user, "batch", batch.pk, detail=verb)
    if verb != "csv":
        return attachment(found.content, found.name, "text/plain", copy=found.copy)
    name = found.name.removesuffix(".txt") + ".csv"
    return attachment(as_csv(found.content, encoding), name, "text/csv", copy=True)


def enquiry(request: HttpRequest, batch: Batch, encoding: str) -> HttpResponse:
    """The accounts of a batch to ask the bank about, before anything is paid. Raises Refused."""
    if batch.state not in (Batch.State.CUT, Batch.State.RELEASED):
        raise Refused("口座の照会は、銀行へ引き渡す前に行います。", "state")
    content = encoded(account_checks.HEADS, account_checks.enquiry(batch), encoding)
    access.exported(request.user, "batch", batch.pk, detail="enquiry")
    name = f"kouza-{batch.prefecture_code}-{batch.pk}.csv"
    return attachment(content, name, "text/csv", copy=False)


def as_csv(content: bytes, encoding: str) -> bytes:
    """The payments of a frozen file, read back by our own reader, for the form of a bank's site."""
    return encoded(bank_csv.HEADS, lines(content), encoding)


def encoded(heads: Iterable[str], rows: Iterable[Iterable[object]], encoding: str) -> bytes:
    """A CSV in UTF-8 with its mark for Excel, or in CP932 without."""
    text = io.StringIO(newline="")
    csvsafe.write(text, heads, rows)
    written = text.getvalue()
    if encoding == "cp932":
        written = written.removeprefix(csvsafe.BOM)
    return written.encode(encoding)


def lines(content: bytes) -> Iterator[tuple[object, ...]]:
    for record in records.read(io.BytesIO(content)):
        if isinstance(record, records.Payment):
            yield (
                record.bank_code,
                record.bank_name,
                record.branch_code,
                record.branch_name,
                record.account_type,
                record.account_number,
                record.holder,
                record.yen,
                f"{record.customer:010}",
            )


def attachment(content: bytes, name: str, kind: str, *, copy: bool) -> HttpResponse:
    """A download under its plain name; a copy says so in Japanese where the browser can."""
    answer = HttpResponse(content, content_type=kind)
    shown = quote(name.replace("-hikae", "（控）"))
    told = f"; filename*=UTF-8''{shown}" if copy else ""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"{told}'
    answer.headers["Cache-Control"] = "no-store"
    return answer
