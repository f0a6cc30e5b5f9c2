"""A file of the bank's answers in two steps: read and shown, then booked by who confirms it.

Reading changes nothing. What is kept of a file are ids, yen and codes, and of an account that it
names only whether it is the transfer's. The same file is kept once.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict, replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from config import clock
from config.states import Refused, still_open
from payouts import account_checks, bank_csv, clerks, results
from payouts.bank_csv import Found
from payouts.models import AnswerFile, Transfer

Kind = AnswerFile.Kind
LARGEST = 5_000_000  # bytes
OTHER_OFFICE = "この都道府県の振込ではありません"
AGAIN = "同じ内容のファイルが、すでに読み取り済みか記帳済みです。"
Line = results.Result | account_checks.Answer


def submit(
    raw: bytes, name: str, kind: str, prefecture_code: str, *, by: AbstractBaseUser
) -> AnswerFile:
    """Read a file of one office and keep it for the preview; no transfer changes.

    Raises Refused: what is wrong with which line, the other kind of file, or the same file again
    (code "again", with the number of the first one).
    """
    at = clock.now()
    clerks.require(by, prefecture_code)
    if len(raw) > LARGEST:
        raise Refused("5MBまでのファイルを選んでください。", "size")
    reader = results.read if kind == Kind.RESULTS else account_checks.read
    lines = reader(io.StringIO(bank_csv.text_of(raw), newline=""))
    if not lines:
        raise Refused("2行目: 内容が1件もありません。", "lines")
    if twin(raw, kind):
        raise Refused(AGAIN, "again")
    try:
        with transaction.atomic():
            return AnswerFile.objects.create(
                prefecture_code=prefecture_code,
                kind=kind,
                file_name=name[-100:],
                sha256=_sha256(raw, kind),
                lines=_kept(lines),
                count=len(lines),
                read_at=at,
                read_by=by,
            )
    except IntegrityError as error:
        raise Refused(AGAIN, "again") from error


def twin(raw: bytes, kind: str) -> AnswerFile | None:
    """The file of the same content that is kept already."""
    return AnswerFile.objects.filter(sha256=_sha256(raw, kind), dropped_at=None).first()


def preview(file: AnswerFile, *, by: AbstractBaseUser) -> Sequence[Found[Line]]:
    """Each line held against the transfers as they are now; nothing changes."""
    lines, differing = _lines(file)
    of = results if file.kind == Kind.RESULTS else account_checks
    found: Sequence[Found[Line]] = of.match(lines, by=by)
    return [_judged(each, file, differing) for each in found]


def book(file: AnswerFile, *, by: AbstractBaseUser) -> AnswerFile:
    """Book a file as it was shown, all of it or nothing; who confirms it is written down.

    Raises Refused where a line can't be booked (any more), or somebody decided the file.
    """
    at = clock.now()
    clerks.require(by, file.prefecture_code)
    with transaction.atomic():
        file = still_open(file, "booked_at")
        faults = [each for each in preview(file, by=by) if each.fault]
        bank_csv.refuse([bank_csv.told(each) for each in faults])
        lines, _ = _lines(file)
        if file.kind == Kind.RESULTS:
            outcome = asdict(results.book(lines, by=by))
        else:
            outcome = asdict(account_checks.book(lines, file, by=by))
        AnswerFile.objects.filter(pk=file.pk).update(booked_at=at, booked_by=by, outcome=outcome)
        file.booked_at, file.booked_by, file.outcome = at, by, outcome
        return file


def drop(file: AnswerFile, *, by: AbstractBaseUser) -> None:
    """Do not book a file. Raises Refused where somebody decided it."""
    at = clock.now()
    clerks.require(by, file.prefecture_code)
    with transaction.atomic():
        AnswerFile.objects.filter(pk=still_open(file, "booked_at").pk).update(dropped_at=at)


def _sha256(raw: bytes, kind: str) -> str:
    """The same bytes as results and as account checks are two files."""
    return hashlib.sha256(f"{kind}:".encode() + raw).hexdigest()


def _kept(lines: Sequence[Line]) -> list[dict[str, object]]:
    """The lines without their accounts, each with whether its account is the transfer's."""
    rows = Transfer.objects.select_related("bank_account")
    transfers = rows.in_bulk([each.transfer_id for each in lines])
    kept = []
    for each in lines:
        transfer = transfers.get(each.transfer_id)
        agrees = transfer is not None and bank_csv.agrees(transfer, each.account)
        plain = {name: value for name, value in asdict(each).items() if name != "account"}
        kept.append(plain | {"agrees": agrees or not each.account})
    return kept


def _lines(file: AnswerFile) -> tuple[list[Line], set[int]]:
    """The lines of a kept file, and the numbers of those whose account is not the transfer's."""
    of = results.Result if file.kind == Kind.RESULTS else account_checks.Answer
    differing = {each["line"] for each in file.lines if not each["agrees"]}
    values = [{k: v for k, v in each.items() if k != "agrees"} for each in file.lines]
    return [of(**each) for each in values], differing


def _judged(found: Found[Line], file: AnswerFile, differing: set[int]) -> Found[Line]:
    """With what only the file knows: its office, and the accounts that it named."""
    if found.transfer is None or found.fault:
        return found
    if found.transfer.prefecture_code != file.prefecture_code:
        return replace(found, fault=OTHER_OFFICE, moves=False)
    return (
        replace(found, fault=bank_csv.DIFFERS, moves=False)
        if found.answer.line in differing
        else found
    )
