"""The paying accounts of the offices: proposed by one person, put in force by another (N73).

Approving is what changes the account; the database writes it then. A file that was frozen keeps the
account that it was made with, so nothing changes while one waits for its hand-over.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction

from config import clock
from config.states import Refused, still_open
from payouts import banks, clerks
from payouts.models import Bank, Batch, Branch, Office, OfficeChange
from payouts.outbound.zengin import kana, records

NAME_LIMIT = 40  # bytes of 振込依頼人名
REASON_LIMIT = 200
FIELDS = (
    "remitter_code",
    "remitter_kana",
    "bank_code",
    "branch_code",
    "account_type",
    "account_number",
)


@dataclass(frozen=True)
class OwnAccount:
    """An office's account as its bank knows it; the remitter's name in bank kana (half width)."""

    remitter_code: str
    remitter_kana: str
    bank_code: str
    branch_code: str
    account_type: str  # 1, 2, 9
    account_number: str


def hold(prefecture_code: str) -> None:
    """Nobody else makes a file of this office or changes its account until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"office:{prefecture_code}"])


def prepare(
    prefecture_code: str, account: OwnAccount, *, reason: str, by: AbstractBaseUser
) -> OfficeChange:
    """Write an account down for another person to approve. Raises Refused, with the field."""
    at, reason = clock.now(), reason.strip()
    clerks.require(by, prefecture_code)
    if not reason:
        raise Refused("理由を入力してください。", "reason")
    if len(reason) > REASON_LIMIT:
        raise Refused(f"理由は{REASON_LIMIT}文字までで入力してください。", "reason")
    account = judged(account, at)
    if account == of(prefecture_code):
        raise Refused("いまの口座と同じ内容です。", "remitter_code")
    try:
        with transaction.atomic():
            return OfficeChange.objects.create(
                prefecture_code=prefecture_code,
                **asdict(account),
                reason=reason,
                prepared_at=at,
                prepared_by=by,
            )
    except IntegrityError as error:
        raise Refused("この都道府県の口座の変更は、すでに起案されています。", "again") from error


def approve(row: OfficeChange, *, by: AbstractBaseUser) -> OfficeChange:
    """Put a proposed account in force. Raises Refused: one person, or a file waits to be given."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    with transaction.atomic():
        hold(row.prefecture_code)
        row = still_open(row)
        if row.prepared_by_id == by.pk:
            raise Refused("起案した人とは別の人が承認してください。", "two_people")
        frozen = Batch.objects.filter(prefecture_code=row.prefecture_code, state="released")
        if waiting := frozen.order_by("pk").first():
            raise Refused(
                f"振込データ{waiting.pk}が確定しています。銀行へ渡すか解散してから"
                "承認してください。",
                "released",
            )
        OfficeChange.objects.filter(pk=row.pk).update(approved_at=at, approved_by=by)
        row.approved_at, row.approved_by = at, by
    return row


def drop(row: OfficeChange, *, by: AbstractBaseUser) -> None:
    """Leave the account as it is. Raises Refused where somebody decided it."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    with transaction.atomic():
        row = still_open(row)
        OfficeChange.objects.filter(pk=row.pk).update(dropped_at=at)


def of(prefecture_code: str) -> OwnAccount | None:
    """The account in force of an office, None before the first."""
    row = Office.objects.filter(pk=prefecture_code).first()
    return account_of(row) if row else None


def printed(prefecture_code: str) -> str:
    """What the passbook of who is paid prints of an office (N47), "" where no account is known."""
    row = Office.objects.filter(pk=prefecture_code).only("remitter_kana").first()
    return kana.full_width(row.remitter_kana) if row else ""


def account_of(row: Office | OfficeChange) -> OwnAccount:
    """The account that a row holds."""
    return OwnAccount(*(getattr(row, name) for name in FIELDS))


def judged(account: OwnAccount, at: datetime) -> OwnAccount:
    """The account as a bank file takes it: codes filled with zeros, the name in bank kana.

    Raises Refused with the field that is wrong.
    """
    digits = {
        "remitter_code": (10, "振込依頼人コードは、銀行から届いた10けたまでの数字です。"),
        "bank_code": (4, "金融機関コードは4けたの数字です。"),
        "branch_code": (3, "支店コードは3けたの数字です。"),
        "account_number": (7, "口座番号は7けたまでの数字です。"),
    }
    values = asdict(account)
    for name, (length, words) in digits.items():
        text = values[name].strip()
        short = name in ("remitter_code", "account_number")
        right = text.isascii() and text.isdecimal() and int(text or 0)
        if not right or len(text) > length or (len(text) < length and not short):
            raise Refused(words, name)
        values[name] = text.zfill(length)
    if values["account_type"] not in records.PAYER_TYPES:
        raise Refused("預金種目を選んでください。", "account_type")
    values["remitter_kana"] = _name(values["remitter_kana"])
    found = OwnAccount(**values)
    _place(found)
    try:
        records.first(records.Payer(*values.values()), date(at.year, 1, 1), records.Style())
    except records.BadRecord as bad:
        raise Refused("この内容では、銀行のファイルを作れません。", bad.field) from bad
    return found


def named(account: OwnAccount) -> tuple[str, str]:
    """Bank and branch by name and code, as far as the master knows them."""
    bank = Bank.objects.filter(pk=account.bank_code).first()
    branch = Branch.objects.filter(bank=account.bank_code, code=account.branch_code).first()
    return str(bank or account.bank_code), str(branch or account.branch_code)


def _name(typed: str) -> str:
    try:
        name = kana.bank_kana(typed)
    except kana.NotBankKana as error:
        message = str(error.message_ja).replace("口座名義", "振込依頼人名")
        raise Refused(message, "remitter_kana") from error
    if len(name) > NAME_LIMIT:
        raise Refused(
            f"振込依頼人名は、濁点も数えて{NAME_LIMIT}文字までです（いま{len(name)}文字）。",
            "remitter_kana",
        )
    return name


def _place(account: OwnAccount) -> None:
    """Raises Refused for a bank or a branch that the newest master does not have."""
    if banks.gone([(account.bank_code, account.branch_code)]):
        known = Bank.objects.filter(pk=account.bank_code, is_current=True).exists()
        raise Refused(
            "いまの金融機関の一覧にないコードです。銀行の書面でお確かめください。",
            "branch_code" if known else "bank_code",
        )
