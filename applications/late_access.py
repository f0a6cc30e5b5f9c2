"""A way in after the deadline for a proven case: two people, one link, one application (N79)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from applications.models import Application, LateAccess
from applications.validators.deadline import why_not
from config import cipher, clock, languages
from config.models import Postponement
from config.notice import NOTICE
from config.states import OVERTAKEN, Refused
from config.templatetags.notice import ja_moment
from payouts import clerks, messages

CLOSES = ("applications_close", "bank_applications_close")
MARK = "late_access"
GENERATION = 1  # a link that went astray is dropped, and another one prepared


def prepare(told: Mapping[str, Any], *, by: AbstractBaseUser) -> LateAccess:
    """Write a case down for another person to approve. `told`: the fields of LateAccess.

    Raises Refused while applications are open to everybody, and for an end that is past or lies
    after the end of receiving.
    """
    at, extended = clock.now(), Postponement.approved()
    clerks.require(by, told["prefecture_code"])
    if at < NOTICE.end_of("applications_close", extended):
        raise Refused("いまは申請の期間内です。ふつうの申請のページをご案内ください。", "open")
    if told["expires_at"] <= at:
        raise Refused("有効期限には、いまより後の日を入力してください。", "expires_at")
    last = NOTICE.end_of("bank_corrections_until", extended)
    if told["expires_at"] > last:
        raise Refused(f"有効期限は、{ja_moment(last)}より前にしてください。", "expires_at")
    return LateAccess.objects.create(**told, prepared_at=at, prepared_by=by)


def approve(row: LateAccess, *, by: AbstractBaseUser) -> LateAccess:
    """Make the link and send it. Raises Refused for who prepared it, and once its time is over."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    if row.prepared_by_id == by.pk:
        raise Refused("起案した人は承認できません。ほかの人が承認してください。", "same_person")
    if at >= row.expires_at:
        raise Refused("有効期限を過ぎています。取り消して、起案し直してください。", "expired")
    number, token = cipher.link_token(row.PURPOSE, row.pk, GENERATION, row.LENGTH)
    with transaction.atomic():
        _sign(
            row,
            approved_at=at,
            approved_by=by,
            key_number=number,
            token_hash=cipher.token_hash(token),
        )
        _tell(row)
    return row


def drop(row: LateAccess, *, by: AbstractBaseUser) -> LateAccess:
    """Take a case or its link back, as long as nobody applied by it."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    rows = LateAccess.objects.filter(pk=row.pk, used_at=None, dropped_at=None)
    if not rows.update(dropped_at=at, dropped_by=by):
        raise Refused(OVERTAKEN, "moved")
    row.refresh_from_db()
    return row


def token_of(row: LateAccess) -> str:
    """The token of an approved link."""
    return cipher.link_token_by(row.key_number, row.PURPOSE, row.pk, GENERATION, row.LENGTH)


def address_of(row: LateAccess) -> str:
    """The whole address, for who reads it out or prints it."""
    return f"{settings.SITE_URL}{languages.prefix(row.language)}{row.PATH}{token_of(row)}"


def find(token: str) -> LateAccess | None:
    """The approved link of a token, alive or not; None for an unknown one."""
    return LateAccess.objects.filter(token_hash=cipher.token_hash(token)).first() if token else None


def alive(row: LateAccess | None, at: datetime) -> bool:
    """Whether an application that arrives at `at` may use this link."""
    return bool(
        row
        and row.approved_at
        and row.approved_at <= at < row.expires_at
        and row.used_at is None
        and row.dropped_at is None
    )


def living(prefecture_code: str) -> QuerySet[LateAccess]:
    """The approved cases of a prefecture that nobody applied by yet."""
    at = clock.now()
    return LateAccess.objects.filter(
        prefecture_code=prefecture_code,
        approved_at__lte=at,
        expires_at__gt=at,
        used_at=None,
        dropped_at=None,
    ).order_by("pk")


def extended(row: LateAccess, known: Mapping[str, datetime]) -> dict[str, datetime]:
    """The ends as they hold for who has this link: both roads are open until it runs out."""
    later = {key: max(row.expires_at, NOTICE.end_of(key, known)) for key in CLOSES}
    return {**known, **later}


def claim(token: str, at: datetime) -> LateAccess:
    """Lock a link for the application that is being stored in this transaction.

    Raises Refused where it is unknown, used, taken back or over: two that come at once are one.
    """
    rows = LateAccess.objects.select_for_update(of=("self",))
    row = rows.filter(token_hash=cipher.token_hash(token)).first()
    if not alive(row, at):
        raise Refused(*why_not(at, Postponement.approved(), "points"))
    return row


def spend(row: LateAccess, application: Application, at: datetime) -> None:
    """Bind the link to its application, and mark the application."""
    LateAccess.objects.filter(pk=row.pk).update(used_at=at, application=application)
    application.marks.append(MARK)
    application.save(update_fields=["marks"])


def _sign(row: LateAccess, **signature: Any) -> None:
    waits = LateAccess.objects.filter(pk=row.pk, approved_at=None, dropped_at=None)
    if not waits.update(**signature):
        raise Refused(OVERTAKEN, "moved")
    row.refresh_from_db()


def _tell(row: LateAccess) -> None:
    made = {
        "path": row.PATH,
        "number": row.key_number,
        "purpose": row.PURPOSE,
        "subject": row.pk,
        "generation": GENERATION,
        "length": row.LENGTH,
    }
    with_end = {"ends": row.expires_at.astimezone(clock.JST).strftime("%-m/%-d")}
    messages.write(
        f"late:{row.pk}",
        "late",
        messages.Reach(row.prefecture_code, row.channel, row.contact, row.language),
        facts={"token": made, **with_end},
        subject=f"late_access:{row.pk}",
    )
