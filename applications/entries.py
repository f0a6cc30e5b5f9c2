"""Entering an application for somebody: a draft of the clerk, then the one door (N89).

The call, or the day on which a paper arrived, decides whether it is in time; the postmark is noted
beside it. What a clerk entered takes two other signatures (constraints of Application).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from applications import intake, late_access
from applications.answers import Answers
from applications.models import Application, AssistedEntry, LateAccess
from config import cipher, clock
from config.clock import JST
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import clerks

LATE = "entered_late"
GONE = "この代行入力は、もう終わっています。"
Steps = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Arrival:
    """How and when it came in: the moment that is judged, and what the paper says (JST)."""

    way: str
    at: datetime
    postmarked_on: date | None = None
    paper: str = ""


@dataclass(frozen=True)
class Agreed:
    """What was read back to the person, by section, and how they agreed."""

    read_back: tuple[str, ...]
    consent: str


def begin(*, by: AbstractBaseUser) -> AssistedEntry:
    """An empty draft."""
    at = clock.now()
    return AssistedEntry.objects.create(submission_id=uuid4(), by=by, started_at=at, saved_at=at)


def drafts(by: AbstractBaseUser) -> Iterable[AssistedEntry]:
    """The open drafts of a clerk, the newest first."""
    return AssistedEntry.objects.filter(by=by, finished_at=None, dropped_at=None).order_by(
        "-saved_at"
    )


def save(row: AssistedEntry, steps: Steps, *, by: AbstractBaseUser) -> AssistedEntry:
    """Keep what was typed so far, encrypted. Raises Refused for another clerk's draft."""
    at = clock.now()
    blob = cipher.encrypt(json.dumps(steps, ensure_ascii=False).encode(), context(row))
    if not _open(row, by).update(typed=blob, saved_at=at):
        raise Refused(GONE, "moved")
    row.refresh_from_db()
    return row


def typed(row: AssistedEntry) -> Steps:
    """What was typed so far, by step."""
    return json.loads(cipher.decrypt(bytes(row.typed), context(row))) if row.typed else {}


def drop(row: AssistedEntry, *, by: AbstractBaseUser) -> None:
    """Throw a draft away, with everything in it."""
    if not _open(row, by).update(typed=b"", dropped_at=clock.now()):
        raise Refused(GONE, "moved")


def moment(way: str, day: date | None, hour: time | None) -> datetime:
    """The moment that decides: of a call or visit to the minute; of a paper its day of arrival.

    A paper counts at the last second of its day, or now if it came today. Raises Refused for a
    moment to come.
    """
    at = clock.now()
    today = at.astimezone(JST).date()
    day = day or today
    if day > today:
        raise Refused("受付日が、今日より後になっています。", "future")
    if way in AssistedEntry.PAPER or hour is None:
        end = datetime.combine(day, time(23, 59, 59), JST)
        return min(at, end)
    told = datetime.combine(day, hour, JST)
    if told > at:
        raise Refused("受付の時刻が、いまより後になっています。", "future")
    return told


def in_time(arrived: datetime, road: str) -> bool:
    """Whether what arrived then is in time by this road."""
    extended = Postponement.approved()
    opens = NOTICE.end_of("site_opens", extended)
    return NOTICE.accepts_applications(max(arrived, opens), extended, road=road)


def finish(
    row: AssistedEntry,
    answers: Answers,
    arrival: Arrival,
    agreed: Agreed,
    *,
    by: AbstractBaseUser,
    late: LateAccess | None = None,
) -> Application:
    """Make the application of a draft, through the same door as the public site's.

    The same draft again gives the application made first. `late`: the approved case of somebody who
    came after the deadline; then the moment of entering is judged, and the case is spent. Raises
    Refused as intake does, and where nothing was read back for somebody on the phone or at the
    counter, or nobody agreed.
    """
    clerks.require(by, answers.prefecture)
    _require_agreed(arrival, agreed)
    with transaction.atomic():
        locked = AssistedEntry.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if locked.application_id:
            return locked.application
        if not _open(locked, by).exists():
            raise Refused(GONE, "moved")
        made = _received(locked.submission_id, answers, arrival, by, late)
        _open(locked, by).update(
            typed=b"",
            way=arrival.way,
            arrived_at=arrival.at,
            postmarked_on=arrival.postmarked_on,
            paper=arrival.paper,
            read_back=list(agreed.read_back),
            consent=agreed.consent,
            finished_at=clock.now(),
            application=made,
        )
        return made


def _received(
    submission_id: UUID,
    answers: Answers,
    arrival: Arrival,
    by: AbstractBaseUser,
    late: LateAccess | None,
) -> Application:
    """Through the door; what is entered after the deadline is marked for the office to look at."""
    at, extended = clock.now(), Postponement.approved()
    if late:
        return intake.receive(
            answers,
            arrived_at=at,
            submission_id=submission_id,
            entered_by=by,
            late_token=late_access.token_of(late),
        )
    site = NOTICE.end_of("site_opens", extended)
    opens = min(arrival.at, site) if arrival.way in AssistedEntry.PAPER else site
    made = intake.receive(
        answers, arrived_at=arrival.at, submission_id=submission_id, entered_by=by, opens=opens
    )
    if at >= made.closes_at:
        made.marks.append(LATE)
        made.save(update_fields=["marks"])
    return made


def _require_agreed(arrival: Arrival, agreed: Agreed) -> None:
    if arrival.way not in AssistedEntry.Way.values:
        raise Refused("申し出の方法を選んでください。", "way")
    if agreed.consent not in AssistedEntry.Consent.values:
        raise Refused("同意の確認を選んでください。", "consent")
    if arrival.way not in AssistedEntry.PAPER and not agreed.read_back:
        raise Refused("読み上げて確認した項目に、印を付けてください。", "read_back")


def _open(row: AssistedEntry, by: AbstractBaseUser) -> Any:
    return AssistedEntry.objects.filter(pk=row.pk, by=by, finished_at=None, dropped_at=None)


def context(row: AssistedEntry) -> str:
    return f"entry:{row.pk}"
