"""Calls, letters and visits written down (応対記録), and who is told something personal.

An application is told about only to who gave two facts that agree with it. The facts are compared
and forgotten; their kinds are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from applications.models import Application, Inquiry, InquiryNote
from applications.validators.kana import same_reading
from config import clock, limits
from config.clock import JST
from config.states import Refused
from payouts import clerks

Fact = Inquiry.Fact
NEEDED = 2
WRONG, WINDOW = 5, timedelta(hours=1)  # failed identifications of one application before a pause
TAIL = 4  # digits of a coupon's number that a caller reads out


@dataclass(frozen=True)
class Identified:
    """Which of the facts given agree with the application, and which do not."""

    agreed: tuple[str, ...]
    differed: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Two that agree, and none that differs."""
        return len(self.agreed) >= NEEDED and not self.differed


def compare(row: Application, given: Mapping[str, Any]) -> Identified:
    """Hold the facts that a caller gave, in stored forms, against an application.

    Raises Refused with fewer than two facts, and after WRONG failures within WINDOW.
    """
    facts = {kind: value for kind, value in given.items() if value}
    if len(facts) < NEEDED:
        raise Refused("2つ以上の事項をお聞きして、入力してください。", "facts")
    if len({str(value).casefold() for value in facts.values()}) < NEEDED:
        raise Refused("同じ内容は、1つの事項として数えます。別の事項もお聞きください。", "facts")
    judged = {kind: _agrees(row, kind, value) for kind, value in facts.items()}
    found = Identified(
        tuple(kind for kind, agrees in judged.items() if agrees),
        tuple(kind for kind, agrees in judged.items() if not agrees),
    )
    failed = limits.hit("identify", str(row.pk), WINDOW, 0 if found.enough else 1)
    if failed > WRONG:
        raise Refused(
            "この申請は、ご本人の確認に続けて失敗しています。責任者に引き継いでください。", "limit"
        )
    return found


def begin(
    told: Mapping[str, Any],
    *,
    by: AbstractBaseUser,
    application: Application | None = None,
    identified: Identified | None = None,
    notes: Mapping[str, str] | None = None,
) -> Inquiry:
    """Write an inquiry down. `told`: the fields of Inquiry; `notes`: text by InquiryNote.Kind.

    Raises Refused where an application is named and its caller was not identified by two facts.
    """
    at = clock.now()
    prefecture = application.prefecture_code if application else told["prefecture_code"]
    clerks.require(by, prefecture)
    if application and not (identified and identified.enough):
        raise Refused("ご本人の確認ができていません。2つの事項を確認してください。", "facts")
    facts = identified.agreed[:NEEDED] if application and identified else ("", "")
    with transaction.atomic():
        row = Inquiry.objects.create(
            **{**told, "prefecture_code": prefecture},
            at=at,
            by=by,
            application=application,
            first_fact=facts[0],
            second_fact=facts[1],
        )
        for kind, text in (notes or {}).items():
            note(row, kind, text, by=by, at=at)
    return row


def note(
    row: Inquiry, kind: str, text: str, *, by: AbstractBaseUser, at: datetime | None = None
) -> InquiryNote | None:
    """Add what was asked, answered or done later; nothing for an empty text."""
    clerks.require(by, row.prefecture_code)
    if kind not in InquiryNote.Kind.values:
        raise Refused("記録の種類を選んでください。", "kind")
    if not text.strip():
        return None
    return InquiryNote.objects.create(
        inquiry=row, kind=kind, at=at or clock.now(), by=by, text=text.strip()
    )


def revise(row: Inquiry, told: Mapping[str, Any], *, by: AbstractBaseUser) -> Inquiry:
    """Change what is still to be done: topic, call-back, hand-over. Raises Refused once settled."""
    clerks.require(by, row.prefecture_code)
    open_row = Inquiry.objects.filter(pk=row.pk, settled_at=None)
    if not open_row.update(**told):
        raise Refused("すでに完了した応対です。", "moved")
    row.refresh_from_db()
    return row


def called_back(row: Inquiry, *, by: AbstractBaseUser) -> Inquiry:
    """The call-back was made."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    waits = Inquiry.objects.filter(pk=row.pk, called_back_at=None, call_back_at__isnull=False)
    if not waits.update(called_back_at=at, called_back_by=by):
        raise Refused("折り返しの予定がないか、すでに折り返しています。", "moved")
    row.refresh_from_db()
    return row


def settle(row: Inquiry, *, by: AbstractBaseUser) -> Inquiry:
    """Nothing is left to do. Raises Refused while a call-back is still due."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    if row.call_back_at and not row.called_back_at:
        raise Refused("折り返しが済んでいません。先に折り返しを記録してください。", "call_back")
    if not Inquiry.objects.filter(pk=row.pk, settled_at=None).update(settled_at=at, settled_by=by):
        raise Refused("すでに完了した応対です。", "moved")
    row.refresh_from_db()
    return row


def due(user: Any, at: datetime) -> QuerySet[Inquiry]:
    """Call-backs whose time has come, the oldest first."""
    rows = Inquiry.objects.filter(call_back_at__lte=at, called_back_at=None)
    return clerks.scoped(rows, user).order_by("call_back_at")


def waiting(user: Any) -> QuerySet[Inquiry]:
    """What was handed to a role of this clerk and is not settled."""
    roles = [group.name for group in user.groups.all()]
    rows = Inquiry.objects.filter(settled_at=None, escalated_to__in=roles)
    return clerks.scoped(rows, user).order_by("at")


Line = tuple[str, list[int], int]


def figures(user: Any, first: date, last: date) -> tuple[list[date], list[Line]]:
    """Inquiries by topic (label, a count for each day, the sum) from `first` to `last`, JST."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    start = datetime.combine(first, datetime.min.time(), JST)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), JST)
    rows = clerks.scoped(Inquiry.objects.filter(at__gte=start, at__lt=end), user)
    daily = rows.values("topic", day=TruncDate("at", tzinfo=JST)).annotate(many=Count("pk"))
    counts = {(line["topic"], line["day"]): line["many"] for line in daily}
    table = []
    for topic, label in Inquiry.Topic.choices:
        line = [counts.get((topic, day), 0) for day in days]
        table.append((label, line, sum(line)))
    return days, table


def _agrees(row: Application, kind: str, value: Any) -> bool:
    """Whether one fact is the application's."""
    match kind:
        case Fact.KANA:
            return same_reading(value) == same_reading(row.kana)
        case Fact.PHONE:
            return value == row.phone or (row.channel == "sms" and value == row.delivery)
        case Fact.EMAIL:
            return str(value).casefold() == row.email.casefold()
        case Fact.COUPON:
            numbers = row.claims.exclude(inquiry_number="").values_list("inquiry_number", flat=True)
            return len(value) == TAIL and any(number.endswith(value) for number in numbers)
        case Fact.TRIP:
            return value == row.travel_end
        case Fact.DELIVERY:
            return bool(row.delivery) and str(value).casefold() == row.delivery.casefold()
        case Fact.POSTAL:
            return bool(row.postal_code) and value == row.postal_code
    return False
