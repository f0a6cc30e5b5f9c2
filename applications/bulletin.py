"""What everybody reads of the announcements: the notice's reports, the office's, postponements.

The look-up is kept for some seconds and stays alive without a database, like `periods`.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from time import monotonic

from django.db import DatabaseError

from applications.models import Announcement
from config.clock import JST
from config.models import Postponement
from config.notice import NOTICE
from config.templatetags.notice import ja_moment, until

KEPT_SECONDS = 5
REPORT, ADDENDUM, CORRECTION = Announcement.Kind.values

# What a moved date is called before the public; the office's own dates are not announced.
MOVED = {
    "site_opens": "申請の受付の開始",
    "applications_close": "申請の期限",
    "bank_applications_close": "口座への振込の申請の期限",
    "number_to_follow_until": "お問合せ番号をあとからお知らせいただく期限",
    "correction_latest": "申請の内容を直していただく期限",
    "receiving_closes": "ポイントの受け取りの期限",
    "bank_corrections_until": "振込先の口座を直していただく期限",
}


@dataclass(frozen=True)
class Text:
    """One dated text. `number` is 0 for a postponement, which joins the newest report of its day.

    The notice's own texts have neither title nor body: the whole site says what they say.
    """

    number: int
    version: int
    kind: str
    at: datetime
    title: str = ""
    body: str = ""

    @property
    def mark(self) -> str:
        """The name of its place on the page of its report."""
        return f"v{self.version}" if self.version else f"{self.at:m%Y%m%d%H%M%S}"


@dataclass(frozen=True)
class Report:
    """第n報 with everything that came to it, the oldest first."""

    number: int
    texts: tuple[Text, ...]

    @property
    def issued_on(self) -> date:
        """The day of its first text."""
        return self.texts[0].at.date()

    @property
    def updated_on(self) -> date | None:
        """The day of its last change; None for a report as it was issued."""
        return self.texts[-1].at.date() if len(self.texts) > 1 else None

    @property
    def current(self) -> Text:
        """The text that holds."""
        return self._whole()[-1]

    @property
    def older(self) -> list[Text]:
        """The texts that a correction has replaced, the newest first."""
        return self._whole()[-2::-1]

    @property
    def added(self) -> list[Text]:
        """The addenda, the oldest first."""
        return [text for text in self.texts if text.kind == ADDENDUM]

    @property
    def addenda(self) -> list[date]:
        """The days of the addenda (追記)."""
        return [text.at.date() for text in self.added]

    def _whole(self) -> list[Text]:
        return [text for text in self.texts if text.kind != ADDENDUM]


_kept: tuple[float, tuple[Text, ...]] = (-KEPT_SECONDS, ())


def reports(at: datetime) -> list[Report]:
    """The reports issued by `at`, the newest first."""
    texts = sorted((text for text in _texts() if text.at <= at), key=lambda text: text.at)
    found: dict[int, list[Text]] = {}
    for text in texts:
        number = text.number or max(found, default=0)
        if number in found or text.kind == REPORT:
            found.setdefault(number, []).append(text)
    return [Report(number, tuple(found[number])) for number in sorted(found, reverse=True)]


def texts(at: datetime) -> list[tuple[Report, Text]]:
    """Every text issued by `at` with its report, the newest first."""
    pairs = [(report, text) for report in reports(at) for text in report.texts]
    return sorted(pairs, key=lambda pair: pair[1].at, reverse=True)


def forget() -> None:
    """Read the rows anew at the next question."""
    global _kept
    _kept = (-KEPT_SECONDS, ())


def _texts() -> Iterator[Text]:
    yield from _of_the_notice()
    yield from _of_the_rows()


def _of_the_notice() -> Iterator[Text]:
    for report in NOTICE.reports:
        yield Text(report.number, 1, REPORT, _midnight(report.issued_on))
        for version, day in enumerate(report.addenda, 2):
            yield Text(report.number, version, ADDENDUM, _midnight(day))
    for known in NOTICE.extensions:
        yield from _moved(known.key, known.until, _midnight(known.decided_on))


def _of_the_rows() -> tuple[Text, ...]:
    global _kept
    read_at, found = _kept
    if monotonic() - read_at >= KEPT_SECONDS:
        if read_at >= 0:  # while one asks, the others go on with what is known
            _kept = (monotonic(), found)
        with suppress(DatabaseError):
            found = (*_published(), *_decided())
        _kept = (monotonic(), found)
    return found


def _published() -> Iterator[Text]:
    for row in Announcement.objects.filter(version__isnull=False).order_by("number", "version"):
        moment = row.published_at.astimezone(JST)
        yield Text(row.number, row.version, row.kind, moment, row.title, row.body)


def _decided() -> Iterator[Text]:
    for row in Postponement.objects.filter(approved_at__isnull=False).order_by("approved_at"):
        yield from _moved(row.key, row.until, row.approved_at)


def _moved(key: str, end: datetime, at: datetime) -> Iterator[Text]:
    """A decided postponement as an addendum by itself (N80)."""
    if name := MOVED.get(key):
        opening = key == "site_opens"
        title = f"{name}の変更" if opening else f"{name}の延長"
        said = f"{ja_moment(end)}に変更" if opening else f"{until(end)}まで延長"
        yield Text(0, 0, ADDENDUM, at.astimezone(JST), title, f"{name}を、{said}しました。")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JST)
