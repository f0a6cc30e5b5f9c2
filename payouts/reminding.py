"""Reminders before the end of receiving, to those who have not received yet (N37).

As many days before the end as the notice names, once each for an end: an end that is postponed, or
one person's own, moves them along. Nobody gets one whose link did not arrive, or has just gone.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import translation

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.templatetags.notice import until, until_short
from payouts import messages, opening
from payouts.models import Link, Message

WAVE = 500  # reminders written in one transaction
FRESH = timedelta(days=1)  # a link younger than this is reminder enough

# Living links whose end is near: {after} and {before} bound the time that is left until it. A
# failed message of the same link means that another one would not arrive either.
NEAR = """
    SELECT l.id, greatest(%(common)s, p.receives_until) FROM payouts_payout p
    JOIN payouts_link l ON l.payout_id = p.id AND l.replaced_at IS NULL AND l.locked_at IS NULL
    WHERE p.state = 'ready' AND p.road = 'points' AND p.channel IN ('sms', 'email')
      AND p.id > %(last)s
      AND greatest(%(common)s, p.receives_until) BETWEEN %(after)s AND %(before)s
      AND l.made_at <= %(young)s
      AND NOT EXISTS (SELECT FROM payouts_message m WHERE m.link_id = l.id
                      AND m.state IN ('failed', 'given_up'))
      AND NOT EXISTS (SELECT FROM payouts_message m WHERE m.key =
              'remind:' || p.id || ':' || %(number)s || ':'
              || to_char(greatest(%(common)s, p.receives_until) AT TIME ZONE 'Asia/Tokyo',
                         'YYYYMMDDHH24MI'))
    ORDER BY p.id LIMIT %(wave)s
"""


def leads() -> list[timedelta]:
    """How long before the end each reminder goes, the last one first."""
    dates = NOTICE.dates
    return sorted(dates.receiving_closes - moment for moment in dates.reminders)


def remind() -> dict[str, int]:
    """Write the reminders that are due now; safe twice, and late. Returns the count.

    Who was missed by an earlier one gets the one that is due now, and not both.
    """
    at, extended = clock.now(), Postponement.approved()
    common = opening.common_end()
    written, nearest = 0, timedelta()
    for number, lead in enumerate(leads(), 1):
        bounds = {"common": common, "after": at + nearest, "before": at + lead}
        written += _remind(number, bounds, at, NOTICE.next_link_moment(at, extended))
        nearest = lead + timedelta(microseconds=1)
    return {"reminded": written}


def _remind(number: int, bounds: dict[str, datetime], at: datetime, due_at: datetime) -> int:
    """One reminder's messages, wave by wave; none that could not go before its end."""
    bounds |= {"after": max(bounds["after"], due_at + timedelta(microseconds=1))}
    written, last, found = 0, 0, [()]
    while found:
        with transaction.atomic():
            with connection.cursor() as cursor:
                values = {"number": str(number), "last": last, "wave": WAVE, "young": at - FRESH}
                cursor.execute(NEAR, bounds | values)
                found = cursor.fetchall()
            links = Link.objects.select_related("payout").in_bulk([row[0] for row in found])
            rows = [message(links[pk], end, number, at, due_at) for pk, end in found]
            messages.write_all(rows)
        written += len(rows)
        last = max((link.payout_id for link in links.values()), default=last)
    return written


def message(link: Link, end: datetime, number: int, at: datetime, due_at: datetime) -> Message:
    """One reminder, with the link that the person has already."""
    payout = link.payout
    with translation.override(payout.language):
        facts = {"until": until(end), "until_short": until_short(end)}
    return messages.compose(
        f"remind:{payout.pk}:{number}:{end.astimezone(clock.JST):%Y%m%d%H%M}",
        "reminder",
        messages.reach(payout),
        at,
        facts=facts,
        link=link,
        subject=f"payout:{payout.pk}",
        due_at=due_at,
    )
