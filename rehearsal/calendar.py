"""The calendar: every scene with its moment, out of the notice's own dates.

Days between two scenes are lived through as well: the clock stops each morning, after the nightly
jobs and in the hours in which links go out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from config.clock import JST
from config.notice import NOTICE
from rehearsal.acts import Players
from rehearsal.cast import DAYS

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MORNING = time(10, 10)
ENDS = timedelta(days=9, hours=12)  # the closing report, after the end of corrected accounts


@dataclass(frozen=True)
class Scene:
    """What happens at a moment, in words and as an act."""

    at: datetime
    words: str
    act: Callable[[], None]


def scenes(players: Players) -> list[Scene]:
    """All of them, in order."""
    return sorted(_scenes(players), key=lambda scene: scene.at)


def _scenes(p: Players) -> Iterator[Scene]:
    d = NOTICE.dates
    opens, cut_off, closes = d.site_opens, d.cut_off, d.applications_close
    over = d.receiving_closes
    yield Scene(d.outage_from + 3 * HOUR, "the first export of the ledger", p.take_in)
    yield Scene(d.first_extension_ends + 9 * HOUR, "the first extension", p.take_in)
    yield Scene(d.first_extension_ends + 4 * DAY + 9 * HOUR, "the second extension", p.take_in)
    for week in range(1, 9):  # the desk of category B works from the first week on
        yield Scene(d.outage_from + (7 * week - 1) * DAY - HOUR, "calls of category B", p.desk_work)
    yield Scene(opens - DAY - HOUR, "an export before the opening", p.take_in)
    yield Scene(opens - MINUTE, "a minute before the opening", p.before_opening)
    for day in DAYS:
        at = opens + day * DAY
        words = "the site opens" if not day else "applications"
        yield Scene(at, words, p.applications(day))
        yield Scene(at + 2 * HOUR, "answers to questions", p.corrections)
        yield Scene(at + 5 * HOUR, "the office at work", p.office_work)
    yield Scene(cut_off + 9 * HOUR + 20 * MINUTE, "the export of the seal", p.take_in_sealed)
    yield Scene(d.first_links + 2 * MINUTE, "links for app holders", p.app_holders)
    yield from receiving(p, [2, 9, 16, 23, 30, 37, 44], "soon")
    yield Scene(cut_off + 9 * DAY + 8 * HOUR, "an export", p.take_in)
    yield Scene(cut_off + 10 * DAY + 10 * HOUR, "late give-backs", p.late_movements)
    yield Scene(cut_off + 10 * DAY + 11 * HOUR, "links for app holders", p.app_holders)
    yield Scene(opens + 28 * DAY + 3 * HOUR, "people change their mind", p.changes)
    yield Scene(opens + 35 * DAY + 3 * HOUR, "lost numbers are found", p.numbers)
    yield Scene(closes - 20 * MINUTE, "the last minutes", p.last_second)
    yield Scene(closes, "the deadline", p.too_late)
    yield Scene(closes + 6 * MINUTE, "the list is closed", p.quiet)
    for day in (1, 7, 9):
        yield Scene(closes + day * DAY + 14 * HOUR, "the office at work", p.office_work)
    yield Scene(closes + 9 * DAY + 9 * HOUR, "the last export", p.take_in_last)
    yield Scene(closes + 10 * DAY + 10 * HOUR, "late give-backs", p.late_movements)
    yield Scene(closes + 10 * DAY + 14 * HOUR, "the office at work", p.office_work)
    yield Scene(closes + 10 * DAY + 15 * HOUR, "links for app holders", p.app_holders)
    yield Scene(closes + 11 * DAY + 13 * HOUR, "the first bank files", p.batches)
    yield Scene(closes + 15 * DAY + 14 * HOUR, "the last cases", p.office_work)
    yield Scene(closes + 16 * DAY + 11 * HOUR, "what the bank says", p.results)
    yield Scene(closes + 18 * DAY + 11 * HOUR, "corrected accounts", p.accounts)
    yield Scene(closes + 21 * DAY + 13 * HOUR, "bank files", p.batches)
    yield from reminders(p)
    yield Scene(closes + 28 * DAY + 11 * HOUR, "what the bank says", p.results)
    yield Scene(over - MINUTE, "the last minute of receiving", p.last_receivers)
    yield Scene(over, "the end of receiving", p.receive_too_late)
    yield Scene(over + 6 * MINUTE, "what nobody took lapses", p.quiet)
    yield Scene(d.bank_corrections_until + 2 * DAY + 11 * HOUR, "giving up", p.give_up)


def receiving(p: Players, days: list[int], *takes: str) -> Iterator[Scene]:
    """Days after the first links on which points are taken."""
    for day in days:
        at = NOTICE.dates.first_links + day * DAY + 2 * HOUR
        yield Scene(at - HOUR, "links in wrong hands", p.strangers)
        yield Scene(at, "points are taken", p.receive(*takes))


def reminders(p: Players) -> Iterator[Scene]:
    """Each reminder, and who remembers."""
    for moment in NOTICE.dates.reminders:
        yield Scene(moment + 10 * MINUTE, "reminders", p.quiet)
        yield Scene(moment + 9 * HOUR, "points are taken", p.receive("reminded"))


def mornings(last: datetime, until: datetime) -> Iterator[datetime]:
    """The mornings between two scenes."""
    day = last.astimezone(JST).date()
    while (morning := datetime.combine(day, MORNING, JST)) < until:
        if morning > last:
            yield morning
        day += DAY
