"""All that is held on one application, for the person who asks for it (N81, N83; APPI art. 33).

What is found follows from HELD alone: each table of the application, of its payouts and of its
approved coupons, and how a row of it leads back. A model that has its place here or a reason in
APART is a promise that a test keeps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models

from applications.models import Application
from config import access, clock
from config.models import AccessLog
from config.states import Refused
from config.templatetags.notice import ja_date, ja_moment
from payouts import accounts
from payouts.models import BankAccount, Message

# By what a row belongs to the application: itself, one of its payouts, a coupon that it was given.
HELD: dict[str, dict[str, str]] = {
    "application": {
        "applications.Application": "pk",
        "applications.ApplicationStep": "of",
        "applications.Claim": "application",
        "applications.ClaimStep": "of__application",
        "applications.AssistedEntry": "application",
        "applications.Amendment": "application",
        "applications.ChangeRequest": "application",
        "applications.ChangeRequestStep": "of__application",
        "applications.NewAccount": "application",
        "applications.NewAccountStep": "of__application",
        "applications.Correction": "application",
        "applications.ChannelLink": "application",
        "applications.LateAccess": "application",
        "applications.Contest": "chosen__application",
        "applications.SecondLook": "application",
        "applications.BulkItem": "application",
        "applications.Note": "application",
        "applications.Inquiry": "application",
        "applications.InquiryNote": "inquiry__application",
        "applications.Recipient": "application",
    },
    "payout": {
        "payouts.Payout": "pk",
        "payouts.PayoutStep": "of",
        "payouts.PayoutLine": "payout",
        "payouts.Link": "payout",
        "payouts.LateLink": "payout",
        "payouts.Reopening": "payout",
        "payouts.GivingUp": "payout",
        "payouts.Order": "payout",
        "payouts.OrderStep": "of__payout",
        "payouts.OrderPart": "order__payout",
        "payouts.Reveal": "order__payout",
        "payouts.Transfer": "payout",
        "payouts.TransferStep": "of__payout",
        "payouts.AccountCheck": "transfer__payout",
        "payouts.BankWord": "transfer__payout",
        "payouts.Recall": "transfer__payout",
    },
    "message": {
        "payouts.Message": "pk",
        "payouts.Attempt": "message",
        "payouts.MessageAct": "message",
        "payouts.Receipt": "message",
        "applications.Letter": "message",
        "applications.CallTry": "message",
    },
    "coupon": {
        "coupons.Coupon": "pk",
        "coupons.Extension": "coupon",
        "coupons.Correction": "coupon",
        "coupons.Entry": "coupon",
        "coupons.SealedItem": "coupon",
        "coupons.LateMovement": "coupon",
    },
}
# What hangs on those tables and is not handed out, and why.
APART = {
    "payouts.Code": "a gift code is shown on the receiving page only",
    "coupons.Difference": "faults of an export, told to the coupon system",
    "coupons.LateMovementStep": "the office's signatures on a movement",
    "coupons.DoubleCharge": "what a caller said of a coupon; in the inquiry where it is theirs",
    "coupons.DoubleChargeStep": "as DoubleCharge",
    "coupons.DoubleChargeNote": "as DoubleCharge",
    "coupons.Debit": "as DoubleCharge",
}
INNER = ("lease", "lease_until", "search", "match_reasons")  # columns of the machinery


@dataclass(frozen=True)
class Table:
    """Rows of one kind, with the office's words for their columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def held(row: Application) -> list[Table]:
    """Every table that holds something on this application, in the order of HELD."""
    found = [_table(model, rows) for model, rows in _rows(row)]
    return [table for table in [*found, _accounts(row), _looked_at(row)] if table.rows]


def _rows(row: Application) -> Iterator[tuple[type[models.Model], models.QuerySet[Any]]]:
    payouts = set(row.claims.exclude(payout=None).values_list("payout", flat=True))
    coupons = set(row.claims.filter(state="approved").values_list("coupon", flat=True))
    subjects = [f"application:{row.pk}", *(f"payout:{pk}" for pk in payouts)]
    told = models.Q(subject__in=subjects) | models.Q(link__payout__in=payouts)
    keys = {
        "application": {row.pk},
        "payout": payouts,
        "message": set(Message.objects.filter(told).values_list("pk", flat=True)),
        "coupon": coupons,
    }
    for kind, tables in HELD.items():
        for name, path in tables.items():
            model = apps.get_model(name)
            yield model, model.objects.filter(**{f"{path}__in": keys[kind]}).order_by("pk")


def _table(model: type[models.Model], rows: models.QuerySet[Any]) -> Table:
    fields = [field for field in model._meta.concrete_fields if _told(field)]
    return Table(
        str(model._meta.verbose_name),
        tuple(str(field.verbose_name) for field in fields),
        tuple(tuple(_word(row, field) for field in fields) for row in rows),
    )


def _told(field: models.Field) -> bool:
    """Whether a column says something to a person: no bytes, no part of the machinery."""
    return not isinstance(field, models.BinaryField) and field.name not in INNER


def _word(row: models.Model, field: models.Field) -> str:
    """A value as people read it."""
    value = getattr(row, field.attname)
    if value is None or value in ("", [], {}):
        return ""
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        return ja_moment(value.astimezone(clock.JST))
    if isinstance(value, date):
        return ja_date(value)
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _accounts(row: Application) -> Table:
    """The accounts in clear: those of the application, and of what was transferred."""
    ids = {row.bank_account_id, *row.new_accounts.values_list("bank_account", flat=True)}
    columns = ("金融機関", "支店", "種目", "番号", "名義")
    return Table(
        str(BankAccount._meta.verbose_name),
        columns,
        tuple(_account(each) for each in BankAccount.objects.filter(pk__in=ids - {None})),
    )


def _account(row: BankAccount) -> tuple[str, ...]:
    try:
        read = accounts.read(row)
    except Refused:
        return ("（消去済み）", "", "", "", "")
    return (
        f"{read.bank_name} {read.bank_code}".strip(),
        f"{read.branch_name} {read.branch_code}".strip(),
        read.account_type,
        read.account_number,
        read.holder_kana,
    )


def _looked_at(row: Application) -> Table:
    """When somebody of the office opened it; by which act, not by whom."""
    rows = AccessLog.objects.filter(subject="application", subject_id=str(row.pk)).order_by("pk")
    return Table(
        str(AccessLog._meta.verbose_name),
        ("日時", "操作"),
        tuple((ja_moment(each.at.astimezone(clock.JST)), access.ACTS[each.act]) for each in rows),
    )
