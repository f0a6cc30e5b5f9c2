"""What did not arrive: the reason, what to do, and each way on."""

import pytest

from config import clock
from config.states import Refused
from payouts import brakes, dispatch, links, messages, opening, undelivered
from payouts.models import Message, MessageAct
from payouts.outbound.demo import Demo
from tests.payouts import rows
from tests.payouts.sealed_rows import clerk

pytestmark = pytest.mark.django_db
GONE = "+819011110550"  # the demo's number that does not exist


@pytest.fixture(autouse=True)
def at_the_moment() -> None:
    with clock.at(rows.LINKS_GO):
        yield


def failed(key: str = "decision:1", address: str = GONE, prefecture: str = "22") -> Message:
    """A message that the demo's provider refused for good."""
    to = messages.Reach(prefecture, "sms", address)
    message = rows.message(key, "decision", to, facts={"receipt": "K7Q2"}, subject="application:1")
    dispatch.deliver("sms", sender=Demo("sms"))
    message.refresh_from_db()
    assert message.state == "given_up"
    return message


def test_every_reason_has_words_and_something_to_do() -> None:
    for state in undelivered.UNDELIVERED:
        for cause in ("", *Message.Cause.values):
            for failure in ("", "E-4711", *undelivered.REASONS):
                found = undelivered.reason(state, failure, cause)
                assert found.label
                assert found.advice.endswith("。")


def test_what_failed_is_listed_until_somebody_has_seen_to_it() -> None:
    message = failed()
    assert list(undelivered.undelivered()) == [message]
    undelivered.handle(message, by=clerk("reviewer"))
    assert list(undelivered.undelivered()) == []
    act = MessageAct.objects.get()
    assert (act.act, act.by.username) == ("handled", "reviewer")
    with pytest.raises(Refused) as refused:
        undelivered.handle(message, by=clerk("reviewer"))
    assert refused.value.code == "handled"


def test_sending_again_waits_until_the_bar_is_lifted_and_goes_under_a_new_reference() -> None:
    message, by = failed(), clerk("reviewer")
    with pytest.raises(Refused) as refused:
        undelivered.again(message, by=by)
    assert refused.value.code == "barred"
    undelivered.lift(message, by=by)
    again = undelivered.again(message, by=by)
    assert (again.key, again.address, again.state) == ("decision:1:again", GONE, "queued")
    with pytest.raises(Refused) as refused:
        undelivered.again(message, by=by)
    assert refused.value.code == "again"
    acts = MessageAct.objects.order_by("id").values_list("act", flat=True)
    assert list(acts) == ["lift", "retry"]
    assert not brakes.is_barred("sms", GONE)


def test_a_message_under_way_or_with_a_dead_link_is_not_sent_again() -> None:
    to = messages.Reach("22", "sms", "+819012345678")
    queued = rows.message("decision:2", "decision", to, facts={})
    with pytest.raises(Refused) as refused:
        undelivered.again(queued, by=clerk("reviewer"))
    assert refused.value.code == "state"


def test_another_prefectures_message_is_not_ones_own() -> None:
    message = failed(prefecture="24")
    for act in (undelivered.again, undelivered.handle, undelivered.lift):
        with pytest.raises(Refused) as refused:
            act(message, by=clerk("here", "22"))
        assert refused.value.code == "prefecture"


def test_a_replaced_link_is_no_work() -> None:
    coupon = rows.coupon()
    rows.seal(coupon)
    rows.payout(coupon)
    opening.release_due()
    links.make(Message.objects.get().link.payout)
    dispatch.deliver("sms", sender=Demo("sms"))
    assert Message.objects.get().failure == "link_replaced"
    assert list(undelivered.undelivered()) == []
