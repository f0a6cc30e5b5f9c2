"""A restored database sends nothing by itself, and asks before it sends again (R18)."""

import pytest

from config import clock
from payouts import brakes, dispatch, messages, restoring
from payouts.models import Message, Pause
from tests.payouts import rows

pytestmark = pytest.mark.django_db


def queued(number: int) -> None:
    to = messages.Reach("22", "email", f"hanako{number}@mail.example")
    messages.write(f"decision:{number}", "decision", to, facts={"receipt": "K7Q2-M9XA-3BCD"})


def test_nothing_goes_out_until_somebody_lets_it() -> None:
    by = rows.clerk("manager")
    with clock.at(rows.LINKS_GO):
        queued(1)
        assert restoring.restored(by=by) == {"waiting": 1, "orders": 0}
        dispatch.deliver("email")
        assert Message.objects.get().state == "queued"

        brakes.resume("email", by=by)
        dispatch.deliver("email")
        assert Message.objects.get().state == "sent"


def test_what_waits_counts_as_tried_so_that_the_provider_is_asked_first() -> None:
    with clock.at(rows.LINKS_GO):
        queued(1)
        queued(2)
        Message.objects.filter(key="decision:2").update(attempts=3)
        restoring.restored(by=rows.clerk("manager"))
    assert list(Message.objects.order_by("key").values_list("attempts", flat=True)) == [1, 3]


def test_twice_is_once() -> None:
    for _ in range(2):
        restoring.restored(by=rows.clerk("manager"))
    assert sorted(Pause.objects.values_list("channel", flat=True)) == ["email", "sms"]
