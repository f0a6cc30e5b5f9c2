"""Reminders before the end of receiving (N37)."""

from datetime import datetime, timedelta

import pytest

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from payouts import dispatch, gifts, links, opening, reminding, texts
from payouts.models import Link, Message, Payout
from tests.payouts import rows
from tests.payouts.test_gifts import ready

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEK_BEFORE, DAY_BEFORE = NOTICE.dates.reminders


def reminded(at: datetime) -> int:
    """How many reminders are written at a moment."""
    with clock.at(at):
        return reminding.remind()["reminded"]


def test_who_has_not_received_is_reminded_a_week_and_a_day_before_once_each() -> None:
    payout = ready(yen=500)
    assert reminded(WEEK_BEFORE - timedelta(seconds=1)) == 0
    assert reminded(WEEK_BEFORE) == 1
    assert reminded(WEEK_BEFORE + DAY) == 0
    assert reminded(DAY_BEFORE - timedelta(seconds=1)) == 0
    assert reminded(DAY_BEFORE) == 1
    assert reminded(DAY_BEFORE + timedelta(hours=1)) == 0
    found = Message.objects.filter(kind="reminder")
    assert {row.link_id for row in found} == {payout.links.get().pk}
    text = texts.render(found[0])
    assert links.token_of(payout.links.get()) in text.body
    assert "5/31" in text.body


def test_who_was_missed_gets_the_last_reminder_only() -> None:
    ready(yen=500)
    assert reminded(DAY_BEFORE + timedelta(hours=2)) == 1


def test_who_received_is_left_in_peace() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    with clock.at(rows.LINKS_GO):
        gifts.choose(payout, "ponta")
    assert reminded(WEEK_BEFORE) == 0


def test_a_reminder_that_waits_is_dropped_when_the_person_receives() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    assert reminded(WEEK_BEFORE) == 1
    with clock.at(WEEK_BEFORE):
        gifts.choose(payout, "ponta")
        batch = list(Message.objects.filter(kind="reminder").select_related("link__payout"))
        (refused,) = dispatch.refusals(batch).values()
    assert refused.code == "link_replaced"


@pytest.mark.parametrize("change", ["failed", "locked", "fresh", "letter", "bank"])
def test_nobody_is_reminded_whom_it_would_not_reach_or_help(change: str) -> None:
    payout = ready(yen=500)
    if change == "failed":
        Message.objects.filter(kind="link").update(state="failed")
    elif change == "locked":
        Link.objects.update(locked_at=rows.LINKS_GO)
    elif change == "fresh":
        with clock.at(WEEK_BEFORE - timedelta(hours=2)):
            links.make(payout)
    elif change == "letter":
        Payout.objects.update(channel="letter")
    else:
        Payout.objects.update(road="bank", bank_account=rows.account())
    assert reminded(WEEK_BEFORE) == 0


def test_a_postponed_end_moves_the_reminders() -> None:
    ready(yen=500)
    assert reminded(WEEK_BEFORE) == 1
    later = NOTICE.dates.receiving_closes + 7 * DAY
    Postponement.objects.create(
        key="receiving_closes",
        until=later,
        reason="x",
        prepared_at=WEEK_BEFORE,
        prepared_by=rows.clerk("reviewer"),
        approved_at=WEEK_BEFORE,
        approved_by=rows.clerk("approver"),
    )
    assert reminded(DAY_BEFORE) == 0
    assert reminded(WEEK_BEFORE + 7 * DAY) == 1
    assert reminded(DAY_BEFORE + 7 * DAY) == 1
    with clock.at(WEEK_BEFORE + 7 * DAY):
        assert opening.common_end() == later


def test_ones_own_later_end_has_reminders_of_its_own() -> None:
    payout = ready(yen=500)
    Payout.objects.update(receives_until=NOTICE.dates.receiving_closes + 14 * DAY)
    assert payout.links.count() == 1
    assert reminded(WEEK_BEFORE) == 0
    assert reminded(WEEK_BEFORE + 14 * DAY) == 1


def test_waves_reach_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "WAVE", 2)
    for number in range(5):
        ready(yen=500, number=f"{number:012d}")
    assert reminded(WEEK_BEFORE) == 5
    assert Message.objects.filter(kind="reminder").count() == 5
