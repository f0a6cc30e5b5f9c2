"""Announcements of the office: one person prepares a text, another publishes it (N2)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from applications.models import Announcement
from config import clock
from config.notice import NOTICE
from config.states import OVERTAKEN, Refused

Kind = Announcement.Kind


def known_numbers() -> list[int]:
    """The numbers of all reports so far, those of the notice included."""
    own = Announcement.objects.filter(kind=Kind.REPORT, version__isnull=False)
    return sorted({*(report.number for report in NOTICE.reports), *_numbers(own)})


def next_number() -> int:
    """The number that the next report gets."""
    return max(known_numbers(), default=0) + 1


def prepare(*, number: int, kind: str, title: str, body: str, by: Any) -> Announcement:
    """Store a text for another person to publish. Raises Refused where the number does not fit."""
    at = clock.now()
    if kind == Kind.REPORT and number != next_number():
        raise Refused(f"新しいお知らせは、第{next_number()}報です。", "number")
    if kind != Kind.REPORT and number not in known_numbers():
        raise Refused(f"第{number}報は、まだ出していません。", "number")
    return Announcement.objects.create(
        number=number,
        kind=kind,
        title=title.strip(),
        body=body.replace("\r\n", "\n").strip(),
        prepared_at=at,
        prepared_by=by,
    )


def publish(row: Announcement, *, by: Any) -> Announcement:
    """Show the text to everybody from now on. Raises Refused for who prepared it."""
    at = clock.now()
    if row.prepared_by_id == by.pk:
        raise Refused("起案した人は公開できません。ほかの人が公開してください。", "same_person")
    try:
        with transaction.atomic():
            _sign(row, version=_next_version(row.number), published_at=at, published_by=by)
    except IntegrityError as error:
        raise Refused(OVERTAKEN, "moved") from error
    return row


def drop(row: Announcement, *, by: Any) -> Announcement:
    """Give up a text that was not published."""
    at = clock.now()
    return _sign(row, dropped_at=at, dropped_by=by)


def _sign(row: Announcement, **signature: Any) -> Announcement:
    """Set a signature on a row that has none yet. Raises Refused where somebody was faster."""
    still_open = Announcement.objects.filter(pk=row.pk, published_at=None, dropped_at=None)
    if not still_open.update(**signature):
        raise Refused(OVERTAKEN, "moved")
    row.refresh_from_db()
    return row


def _next_version(number: int) -> int:
    last = Announcement.objects.filter(number=number).aggregate(last=Max("version"))["last"]
    return (last or _versions_of_the_notice(number)) + 1


def _versions_of_the_notice(number: int) -> int:
    """How many texts of a report the notice brings itself: the first one and its addenda."""
    return sum(1 + len(report.addenda) for report in NOTICE.reports if report.number == number)


def _numbers(rows: Any) -> list[int]:
    return list(rows.values_list("number", flat=True))
