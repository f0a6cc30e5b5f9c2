"""The last minute of the applications, lived through by the real processes."""

import hashlib
from datetime import datetime, timedelta

import pytest

from applications.models import Application, Closing
from config import clock
from config.models import JobRun
from config.notice import NOTICE
from payouts.models import Message
from tests.stories.conftest import Site
from tests.stories.traveller import Traveller, apply, receipt_number
from tests.stories.waiting import until

pytestmark = pytest.mark.story

DEADLINE = NOTICE.dates.applications_close
SLOT = DEADLINE + timedelta(minutes=5)


def runs() -> list[tuple[datetime, int, bool]]:
    """The closing job's runs: slot, tries, whether it ended."""
    rows = JobRun.objects.filter(job="close_applications").values_list(
        "slot", "tries", "finished_at"
    )
    return [(slot, tries, ended is not None) for slot, tries, ended in rows]


def test_the_list_is_sealed_once_and_who_comes_late_is_told(site: Site) -> None:
    site.go_to(DEADLINE - timedelta(minutes=1))
    in_time, late = Traveller(site.url), Traveller(site.url)
    apply(in_time, "123456784321")
    receipt = receipt_number(in_time.send(consent="on", submit="1"))
    assert "まだ申請は終わっていません" in apply(late, "123456784322", delivery_phone="08011112222")
    until(lambda: Message.objects.filter(state="sent").count() == 1, "the receipt, also at night")
    assert runs() == []

    site.go_to(SLOT)
    until(lambda: runs() == [(SLOT, 1, True)], "the list is sealed")
    page = late.send(consent="on", submit="1")
    assert "<title>申請の期限を過ぎました" in page
    assert "この申請は、受け付けられていません" in page
    assert receipt_number(in_time.get("/apply/done/")) == receipt

    row, application = Closing.objects.get(), Application.objects.get()
    arrived = application.arrived_at.astimezone(clock.JST).isoformat(timespec="microseconds")
    told = f"{application.receipt_number},{arrived}\n".encode()
    assert application.arrived_at < DEADLINE
    assert (row.deadline, row.count) == (DEADLINE, 1)
    assert row.sha256 == hashlib.sha256(told).hexdigest()
    assert row.tally["states"] == {"received": 1}

    site.go_to(SLOT + timedelta(days=1))
    until(lambda: JobRun.objects.filter(job="sweep", slot__gt=SLOT + timedelta(days=1)), "a tick")
    assert runs() == [(SLOT, 1, True)]
    assert Closing.objects.get() == row
