"""The outbox: promise 4, and what providers may answer."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from config import clock
from config.notice import NOTICE
from payouts import dispatch, links, messages, opening, outcomes, texts
from payouts.models import Attempt, Message
from payouts.outbound.messages import Accepted, Outcome, Refused, Text, Unknown
from tests.payouts import rows

pytestmark = pytest.mark.django_db

TO = messages.Reach("22", "sms", "+819012345678")


class Counting:
    """A sender that answers by plan and counts what it took, as a provider's book would."""

    concurrency, rate, receipts = 4, 0.0, False

    def __init__(self, *plan: Outcome, asks: bool = True) -> None:
        self.plan, self.asks = list(plan), asks
        self.sent: list[str] = []

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        self.sent.append(reference)
        return self.plan.pop(0) if self.plan else Accepted(f"ref-{reference}")

    def lookup(self, reference: str) -> Outcome | None:
        if not self.asks:
            return Unknown()
        return Accepted("found") if reference in self.sent else None


def one(key: str = "receipt:1", kind: str = "decision") -> Message:
    """A message to be sent now."""
    return rows.message(key, kind, TO, facts={"receipt": "K7Q2-M9XA-3BCD"})


def deliver(sender: Counting) -> None:
    """One round with this sender, whatever the back-off says."""
    Message.objects.update(next_at=None)
    dispatch.deliver("sms", rounds=1, sender=sender)


def test_one_key_is_one_message() -> None:
    assert one().pk == one().pk
    assert Message.objects.count() == 1


def test_a_sent_message_is_not_sent_again() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        sender = Counting()
        deliver(sender)
        deliver(sender)
    assert sender.sent == ["receipt:1"]
    message = Message.objects.get()
    assert (message.state, message.provider_ref, message.lease) == ("sent", "ref-receipt:1", None)
    assert list(Attempt.objects.values_list("number", "outcome")) == [(1, "accepted")]


def test_two_workers_never_hold_the_same_message() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        assert len(dispatch.claim("sms", 10)[1]) == 1
        assert dispatch.claim("sms", 10)[1] == []


def test_a_dead_workers_message_is_asked_for_before_it_goes_again() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        sender = Counting()
        _, batch = dispatch.claim("sms", 10)
        dispatch.attempt(sender, batch[0], False)  # sent, and then the worker died
        Message.objects.update(lease_until=None)
        deliver(sender)
    assert sender.sent == ["receipt:1"]
    assert Message.objects.get().provider_ref == "found"


def test_a_late_worker_writes_nothing() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        lease, batch = dispatch.claim("sms", 10)
        Message.objects.update(lease_until=None)
        newer, _ = dispatch.claim("sms", 10)
        dispatch.finish(lease, [dispatch.Result(batch[0], Accepted("late"))])
    message = Message.objects.get()
    assert (message.state, message.lease) == ("queued", newer)
    assert not Attempt.objects.exists()


def test_a_temporary_refusal_is_tried_again_later() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        sender = Counting(Refused("busy", permanent=False))
        deliver(sender)
        message = Message.objects.get()
        assert (message.state, message.failure) == ("queued", "busy")
        assert dispatch.due_channels() == []  # not before its back-off
        deliver(sender)
    assert Message.objects.get().state == "sent"


def test_a_permanent_refusal_is_given_up_at_once() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        deliver(Counting(Refused("no_such_address", permanent=True)))
    message = Message.objects.get()
    assert (message.state, message.failure) == ("given_up", "no_such_address")


def test_no_answer_is_given_up_after_the_last_try() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        sender = Counting(*[Unknown()] * outcomes.TRIES, asks=False)
        for _ in range(outcomes.TRIES):
            deliver(sender)
    message = Message.objects.get()
    assert (message.state, message.attempts) == ("given_up", outcomes.TRIES)
    assert Attempt.objects.count() == outcomes.TRIES


def test_attempts_are_append_only() -> None:
    with clock.at(rows.LINKS_GO):
        one()
        deliver(Counting())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Attempt.objects.update(outcome="refused")


def test_a_providers_odd_letters_spoil_no_batch() -> None:
    with clock.at(rows.LINKS_GO):
        one("decision:1")
        one("decision:2")
        deliver(Counting(Accepted("a\0\ud800b"), Refused("c\0d", permanent=True)))
    kept = Message.objects.order_by("-state").values_list("state", "provider_ref", "failure")
    assert list(kept) == [("sent", "ab", ""), ("given_up", "", "cd")]


def test_a_receipt_goes_once_a_day_to_a_number() -> None:
    first, second = one("receipt:1", "receipt"), one("receipt:2", "receipt")
    assert (first.state, second.state) == ("queued", "given_up")
    assert second.failure == "once_a_day"


def test_a_receipt_goes_once_a_day_to_a_mail_address() -> None:
    kept = []
    for number, address in enumerate(("hana@example.jp", "Hana@example.jp", "ko@example.jp")):
        to = messages.Reach("22", "email", address)
        kept.append(rows.message(f"receipt:{number}", "receipt", to))
    assert [row.failure for row in kept] == ["", "once_a_day", ""]


def test_a_receipt_that_is_held_uses_no_turn() -> None:
    held = rows.message("receipt:1", "receipt", TO, held="busy_address")
    sent = rows.message("receipt:2", "receipt", TO)
    assert (held.state, held.failure) == ("given_up", "busy_address")
    assert (sent.state, sent.failure) == ("queued", "")


def test_receipts_stop_at_their_budget(settings: object) -> None:
    settings.SMS_RECEIPT_BUDGET_YEN = settings.SMS_PRICE_YEN * 2
    settings.SMS_PROVIDER = "demo"
    with clock.at(rows.LINKS_GO):
        for i in range(3):
            to = messages.Reach("22", "sms", f"+8190000000{i:02d}")
            messages.write(f"receipt:{i}", "receipt", to, facts={})
        assert dispatch.deliver("sms") == 3
        assert dispatch.deliver("sms") == 0
    kept = Message.objects.order_by("id").values_list("state", "failure")
    assert list(kept) == [("sent", ""), ("sent", ""), ("given_up", "budget")]


def link_message() -> Message:
    """The message of a payout just released."""
    coupon = rows.coupon()
    rows.seal(coupon)
    rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    return Message.objects.get()


def test_links_rest_at_night_and_receipts_do_not() -> None:
    link_message()
    with clock.at(rows.LINKS_GO + timedelta(hours=12)):
        assert dispatch.due_channels() == []
        one()
        assert dispatch.due_channels() == ["sms"]


def test_a_replaced_link_is_not_sent() -> None:
    message = link_message()
    with clock.at(rows.LINKS_GO + timedelta(minutes=1)):
        links.make(message.link.payout)
        sender = Counting()
        deliver(sender)
    assert sender.sent == []
    message.refresh_from_db()
    assert (message.state, message.failure) == ("given_up", "link_replaced")


def test_the_text_carries_the_link_and_no_amount() -> None:
    message = link_message()
    body = texts.render(message).body
    assert body.endswith(links.address_of(message.link))
    assert body.startswith(f"【{NOTICE.prefectures['22'].short_name}】")
    assert "円" not in body


def test_every_sms_fits_with_a_real_host(settings: object) -> None:
    settings.SITE_URL = "https://" + "h" * 18
    settings.TRYING_OUT = False
    assert texts.sms_fit(None) == []


def test_a_host_too_long_is_told_by_name(settings: object) -> None:
    settings.SITE_URL = "https://" + "h" * 60
    settings.TRYING_OUT = False
    assert all(error.msg.startswith("SITE_URL: the SMS") for error in texts.sms_fit(None))
    assert len(texts.sms_fit(None)) >= len(NOTICE.prefectures)


def test_the_lease_runs_by_the_databases_clock() -> None:
    """A jump of the rehearsal clock frees nothing."""
    with clock.at(rows.LINKS_GO):
        one()
        dispatch.claim("sms", 10)
    with clock.at(rows.LINKS_GO + timedelta(days=30)):
        assert dispatch.claim("sms", 10)[1] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT lease_until > clock_timestamp() FROM payouts_message")
        assert cursor.fetchone() == (True,)
    assert isinstance(Message.objects.get().lease, uuid.UUID)
