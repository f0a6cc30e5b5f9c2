"""Changing what an application says, with the old and the new value kept beside it (N64).

The values are in stored form, as the forms make them. What follows from them (marks, match) is made
anew here; who may change what, and when, is judged by the callers.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from applications import matching, search
from applications.answers import AccountAnswer
from applications.models import Amendment, Application, Claim
from applications.validators.accounts import is_cut
from applications.validators.emails import has_odd_dots
from applications.validators.kana import same_reading
from config.states import Refused
from payouts import accounts
from payouts.models import BankAccount

FIELDS = (
    "prefecture_code",
    "travel_type",
    "travel_start",
    "travel_end",
    "expires_on_outage_day",
    "issuer",
    "name",
    "kana",
    "phone",
    "email",
    "method",
    "channel",
    "delivery",
    "bank_account",
    "holder_relation",
    "holder_consent",
    "postal_code",
    "address",
    "lodging",
    "booking_name",
    "agency",
    "app_contact",
)
CLAIM_FIELDS = ("inquiry_number", "typed_number", "coupon_use", "prefecture_code")
LABELS = {
    "prefecture_code": "ご利用の都道府県",
    "bank_account": "振込先口座",
    "inquiry_number": "お問合せ番号",
    "coupon_use": "クーポンの状況",
}
UNTOLD = ("typed_number",)  # kept beside the number, no answer of its own
OWN_NAMES = ("self", "former_name")
OF_THE_ACCOUNT = ("bank_unknown", "yucho_check", "holder_differs", "holder_long", "other_holder")

Values = Mapping[str, Any]


def amend(
    row: Application,
    values: Values,
    of_claims: Mapping[int, Values] | None = None,
    *,
    at: datetime,
    account: AccountAnswer | None = None,
    by: AbstractBaseUser | None = None,
    mark: str = "",
) -> list[Amendment]:
    """Set these answers of a locked application and of its pending claims (by id), and rematch.

    `account` is stored as a new row; `mark` is put among the office's marks. Returns what changed.
    """
    values = dict(values)
    if account is not None:
        values["bank_account"] = accounts.store(account.account())
    told = _set(row, {name: values[name] for name in FIELDS if name in values})
    row.marks = marks(row, account, mark)
    if {note.field for note in told} & {"channel", "delivery"}:
        row.channel_proved_at = None
    row.search = search.keys(row.name, row.kana)
    row.save(update_fields=[*FIELDS, "search", "marks", "channel_proved_at"])
    claims = list(row.claims.filter(state="pending").order_by("position"))
    for claim in claims:
        given = dict((of_claims or {}).get(claim.pk, {}))
        given = {name: given[name] for name in CLAIM_FIELDS if name in given}
        told += _set(claim, given | {"prefecture_code": row.prefecture_code})
        claim.application = row
    Claim.objects.bulk_update(claims, CLAIM_FIELDS)
    matching.match(claims, at)
    for note in told:
        note.application, note.at, note.by = row, at, by
    return Amendment.objects.bulk_create(note for note in told if note.field not in UNTOLD)


def marks(row: Application, account: AccountAnswer | None, mark: str = "") -> list[str]:
    """The office's marks after a change: those of the account and the address are judged anew."""
    holds = {"odd_dots": row.channel == "email" and has_odd_dots(row.delivery)}
    if row.method == Application.Method.POINTS:
        about = (*OF_THE_ACCOUNT, "no_app_contact")
        holds |= dict.fromkeys(about, False)
    else:
        own = row.holder_relation in OWN_NAMES
        holds |= {"holder_differs": own and _differs(row), "other_holder": not own}
    if account is not None:
        holds |= {"bank_unknown": not account.known, "yucho_check": not account.looks_right}
        holds |= {"holder_long": is_cut(account.holder_kana)}
    if mark:
        holds[mark] = True
    kept = [old for old in row.marks if old not in holds]
    return [*kept, *(name for name, found in holds.items() if found)]


def label(field: str) -> str:
    """The office's word for an answer."""
    return LABELS.get(field) or str(Application._meta.get_field(field).verbose_name)


def _differs(row: Application) -> bool:
    try:
        holder = accounts.read(row.bank_account).holder_kana if row.bank_account else ""
    except Refused:
        return False
    return same_reading(holder) != same_reading(row.kana)


def _set(thing: Application | Claim, values: Values) -> list[Amendment]:
    """Set values on a row at hand; a note for each that differs from before."""
    told = []
    for name, value in values.items():
        old = getattr(thing, name)
        if old != value:
            setattr(thing, name, value)
            claim = thing if isinstance(thing, Claim) else None
            told.append(Amendment(claim=claim, field=name, old=_text(old), new=_text(value)))
    return told


def _text(value: object) -> str:
    """A value as it is kept: an account by its row's id, a day by ISO 8601."""
    if value is None or value is False:
        return ""
    if isinstance(value, BankAccount):
        return str(value.pk)
    return value.isoformat() if isinstance(value, date) else str(value)
