"""What slows or stops the sending: pause, pace, money, numbers, barred addresses, late links."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from config import clock
from config.notice import NOTICE
from config.states import Refused as NotDone
from payouts import brakes, dispatch, late_links, links, messages, opening
from payouts.models import Attempt, Barred, LateLink, Message, Pause, Spending
from payouts.outbound.messages import Accepted, Outcome, Refused, Text, Unknown
from tests.payouts import rows
from tests.payouts.sealed_rows import clerk

pytestmark = pytest.mark.django_db


class Taking:
    """A provider that answers by plan, and otherwise takes everything; it remembers when."""

    receipts = False

    def __init__(self, *plan: Outcome, rate: float = 0, side_by_side: int = 4) -> None:
        self.plan, self.rate, self.concurrency = list(plan), rate, side_by_side
        self.sent: list[str] = []
        self.moments: list[float] = []
        self.before = lambda: None

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        self.before()
        self.sent.append(reference)
        self.moments.append(time.monotonic())
        return self.plan.pop(0) if self.plan else Accepted(f"P-{reference}")

    def lookup(self, reference: str) -> Outcome | None:
        return None


def write(count: int, kind: str = "decision", address: str = "") -> None:
    """Messages by SMS that are due."""
    for n in range(count):
        to = messages.Reach("22", "sms", address or f"+8190{n:08d}")
        messages.write(f"{kind}:{n}:{address}", kind, to, facts={"receipt": "K7Q2-M9XA-3BCD"})


def deliver(sender: Taking, **more: int) -> None:
    with clock.at(rows.LINKS_GO + timedelta(hours=1)):
        dispatch.deliver("sms", sender=sender, **more)


def states() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("id").values_list("state", "failure"))


@pytest.fixture(autouse=True)
def at_the_moment() -> None:
    with clock.at(rows.LINKS_GO):
        yield


def test_a_paused_channel_sends_nothing_until_somebody_lets_it_go_on() -> None:
    write(2)
    brakes.pause("sms", by=rows.clerk("manager"), reason="文面の誤り")
    assert dispatch.due_channels() == []
    assert dispatch.claim("sms", 10)[1] == []  # asked inside the claim: a bell rung before is vain
    brakes.resume("sms", by=rows.clerk("approver"))
    deliver(sender := Taking())
    assert len(sender.sent) == 2
    kept = Pause.objects.get()
    assert (kept.by.username, kept.reason, kept.ended_by.username) == (
        "manager",
        "文面の誤り",
        "approver",
    )


def test_a_pause_is_of_one_channel_and_is_made_once() -> None:
    by = rows.clerk("manager")
    brakes.pause("email", by=by, reason="x")
    write(1)
    assert dispatch.due_channels() == ["sms"]
    for channel, reason, code in (
        ("email", "y", "paused"),
        ("sms", " ", "reason"),
        ("fax", "x", "channel"),
    ):
        with pytest.raises(NotDone) as refused:
            brakes.pause(channel, by=by, reason=reason)
        assert refused.value.code == code
    with pytest.raises(NotDone) as refused:
        brakes.resume("sms", by=by)
    assert refused.value.code == "running"


@pytest.mark.django_db(transaction=True)
def test_a_pause_stops_a_batch_that_is_under_way(settings: object) -> None:
    settings.PROVIDER_TIMEOUT_SECONDS = 1  # so that the first batches are large
    write(60)
    sender = Taking(rate=20, side_by_side=2)
    by = rows.clerk("manager")

    def pause() -> None:
        if len(sender.sent) == 2 and not Pause.objects.exists():
            brakes.pause("sms", by=by, reason="停止")
            connection.close()

    sender.before = pause
    deliver(sender)
    assert 2 < len(sender.sent) < 35  # a second's look, at 20 a second; 40 were claimed
    left = Message.objects.filter(state="queued")
    assert left.count() == 60 - len(sender.sent)
    assert set(left.values_list("lease", "attempts")) == {(None, 0)}  # no try is counted


def test_the_pace_of_a_provider_is_one_line_for_all_processes() -> None:
    assert [brakes.room("sms", 10, 500), brakes.room("sms", 0, 500)] == [10, 500]
    first = brakes.reserve("sms", 10, 10)
    second = brakes.reserve("sms", 10, 10)
    third = brakes.reserve("sms", 10, 10)
    assert (round(first), round(second), round(third)) == (0, 1, 2)
    assert brakes.room("sms", 10, 500) == 0  # enough of it is taken
    assert brakes.room("email", 10, 500) == 10


def test_calls_keep_their_places_in_the_line() -> None:
    write(12)
    deliver(sender := Taking(rate=20, side_by_side=8), rounds=2)
    assert len(sender.sent) == 12
    assert sender.moments[-1] - sender.moments[0] >= 11 / 20 - 0.06


def test_a_provider_that_is_down_is_left_alone_after_few_errors() -> None:
    write(100)
    down = Refused("unreachable", permanent=False, technical=True)
    deliver(sender := Taking(*[down] * 100))
    assert len(sender.sent) < 10 + sender.concurrency
    assert Message.objects.filter(state="queued").count() == 100
    assert brakes.room("sms", 0, 500) == 0  # for all processes
    deliver(again := Taking())
    assert again.sent == []
    causes = Message.objects.exclude(attempts=0).values_list("cause", flat=True)
    assert set(causes) == {"technical"}


def test_a_technical_fault_is_waited_out_and_never_blames_the_address() -> None:
    write(1)
    fault = Refused("401", permanent=False, technical=True)
    for _ in range(15):
        Message.objects.update(next_at=None)
        deliver(Taking(fault))
    assert states() == [("queued", "401")]
    with clock.at(rows.LINKS_GO + timedelta(hours=73)):
        Message.objects.update(next_at=None)
        dispatch.deliver("sms", sender=Taking(fault))
    assert states() == [("given_up", "401")]
    assert not Barred.objects.exists()


def test_the_next_try_stands_in_the_row() -> None:
    write(1)
    deliver(Taking(Refused("busy", permanent=False)))
    row = Message.objects.get()
    assert (row.state, row.cause, row.attempts) == ("queued", "temporary", 1)
    assert row.next_at > clock.real_now()


def test_a_bounce_bars_the_address_for_everything() -> None:
    write(1, address="+819011110550")
    deliver(Taking(Refused("no_such_number", permanent=True)))
    write(1, kind="changed", address="+819011110550")
    deliver(sender := Taking())
    assert sender.sent == []
    assert states() == [("given_up", "no_such_number"), ("given_up", "barred")]
    assert brakes.lift("sms", "+819011110550", by=rows.clerk("manager"))
    assert not brakes.is_barred("sms", "+819011110550")


@pytest.mark.parametrize(
    ("address", "goes"),
    [
        ("+816012345678", True),
        ("+817012345678", True),
        ("+818012345678", True),
        ("+819012345678", True),
        ("+815012345678", False),
        ("+81312345678", False),
        ("+8190123456789", False),
        ("+12025550123", False),
        ("09012345678", False),
        ("+819012345678\n", False),
    ],
)
def test_sms_go_to_japanese_mobiles_only(address: str, goes: bool) -> None:
    assert brakes.is_mobile(address) == goes


def test_a_foreign_number_costs_nothing() -> None:
    write(1, address="+12025550123")
    deliver(sender := Taking())
    assert (sender.sent, states()) == ([], [("given_up", "not_mobile")])
    assert sum(Spending.objects.values_list("yen", flat=True)) == 0


def test_a_number_gets_so_many_a_day_and_the_rest_waits(settings: object) -> None:
    settings.SMS_NUMBER_A_DAY = 2
    for kind in ("decision", "changed", "ask", "withdrawn"):
        write(1, kind=kind, address="+819011112222")
    write(1, kind="decision", address="+819011113333")
    deliver(sender := Taking())
    assert sorted(sender.sent) == [
        "changed:0:+819011112222",
        "decision:0:+819011112222",
        "decision:0:+819011113333",
    ]
    waiting = Message.objects.filter(failure="number_limit")
    assert list(waiting.values_list("state", "attempts")) == [("queued", 0)] * 2
    with clock.at(rows.LINKS_GO + timedelta(days=1)):
        Message.objects.update(next_at=None)
        dispatch.deliver("sms", sender=sender)
    assert len(sender.sent) == 5


def test_the_days_money_is_a_hard_stop_and_an_alarm(settings: object) -> None:
    settings.SMS_DAILY_BUDGET_YEN = 3 * settings.SMS_PRICE_YEN + 1
    write(5)
    write(2, kind="receipt", address="")
    deliver(sender := Taking())
    assert len([key for key in sender.sent if key.startswith("decision")]) == 3
    assert len([key for key in sender.sent if key.startswith("receipt")]) == 2  # another purse
    waiting = Message.objects.filter(failure="budget", state="queued")
    assert (waiting.count(), set(waiting.values_list("attempts", flat=True))) == (2, {0})
    spent = {row.budget: row for row in brakes.spent_today()}
    assert spent["others"].yen == 3 * settings.SMS_PRICE_YEN
    assert [bool(spent[each].stopped_at) for each in ("others", "receipts")] == [True, False]
    Message.objects.update(next_at=None)
    deliver(sender)
    assert len(sender.sent) == 5
    settings.SMS_DAILY_BUDGET_YEN *= 10
    Message.objects.update(next_at=None)
    deliver(sender)
    assert len(sender.sent) == 7


def test_what_the_provider_refuses_costs_nothing_and_no_answer_does(settings: object) -> None:
    write(3)
    deliver(Taking(Refused("bad", True), Unknown(), Accepted("x")))
    assert Spending.objects.get(budget="others").yen == 2 * settings.SMS_PRICE_YEN


def test_hostile_receipts_cost_their_small_budget_and_not_a_yen_more(settings: object) -> None:
    settings.SMS_RECEIPT_BUDGET_YEN = 10 * settings.SMS_PRICE_YEN
    write(300, kind="receipt")
    sender = Taking(side_by_side=8)
    for _ in range(5):
        Message.objects.update(next_at=None)
        deliver(sender)
    assert len(sender.sent) == 10
    assert Spending.objects.get(budget="receipts").yen == settings.SMS_RECEIPT_BUDGET_YEN
    write(1)
    deliver(sender)  # nobody else waits for it
    assert sender.sent[-1] == "decision:0:"
    assert Message.objects.filter(state="given_up", failure="budget").count() == 290


@pytest.mark.django_db(transaction=True)
def test_two_workers_spend_no_yen_twice(settings: object) -> None:
    settings.SMS_DAILY_BUDGET_YEN = 20 * settings.SMS_PRICE_YEN
    write(40)
    senders = [Taking(side_by_side=1) for _ in range(4)]

    def work(sender: Taking) -> None:
        with clock.at(rows.LINKS_GO):
            dispatch.deliver("sms", sender=sender, rounds=4)
        connection.close()

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = [key for sender in senders for key in sender.sent]
    assert (len(sent), len(set(sent))) == (20, 20)
    assert Spending.objects.get().yen == settings.SMS_DAILY_BUDGET_YEN


LATE = NOTICE.end_of("last_ordinary_link") + timedelta(hours=10)
END = NOTICE.end_of("receiving_closes") + timedelta(days=14)


def late_payout(seal: bool = True) -> object:
    coupon = rows.coupon()
    payout = rows.payout(coupon)
    if seal:
        rows.seal(coupon)
    return payout


def test_after_the_last_ordinary_day_a_first_link_waits_for_two_people() -> None:
    payout = late_payout()
    with clock.at(LATE):
        assert opening.release_due() == {"ready": 0, "nothing_due": 0}
        assert [row.pk for row in late_links.undecided()] == [payout.pk]
        late = late_links.propose(
            payout,
            END,
            by=clerk("reviewer"),
            reason="審査の遅れ",
        )
        with pytest.raises(NotDone) as refused:
            late_links.approve(late, by=clerk("reviewer"))
        assert refused.value.code == "two_people"
        late_links.approve(late, by=clerk("approver"))
        assert opening.release_due() == {"ready": 1, "nothing_due": 0}
        dispatch.deliver("sms", sender=(sender := Taking()))
    payout.refresh_from_db()
    assert (payout.receives_until, sender.sent) == (END, [f"link:{payout.pk}:1"])


def test_the_day_before_links_go_by_themselves_and_nothing_due_always_does() -> None:
    late_payout()
    empty = rows.coupon("000000000002", yen=0)
    nothing = rows.payout(empty)
    rows.seal(empty, yen=0)
    with clock.at(LATE - timedelta(days=1)):
        assert late_links.undecided().count() == 0
    with clock.at(LATE):
        assert opening.release_due() == {"ready": 0, "nothing_due": 1}
    nothing.refresh_from_db()
    assert nothing.state == "nothing_due"


def test_a_first_link_that_was_held_up_over_the_last_day_does_not_go() -> None:
    payout = late_payout()
    opening.release_due()
    with clock.at(LATE):
        dispatch.deliver("sms", sender=(sender := Taking()))
        assert (sender.sent, states()) == ([], [("given_up", "late_link")])
        assert [row.pk for row in late_links.undecided()] == [payout.pk]
        late = late_links.propose(payout, END, by=clerk("reviewer"), reason="停止していた")
        late_links.approve(late, by=clerk("approver"))
        dispatch.deliver("sms", sender=sender)
    assert sender.sent == [f"link:{payout.pk}:2"]


def test_a_link_sent_again_is_no_first_one() -> None:
    payout = late_payout()
    opening.release_due()
    with clock.at(LATE):
        payout.refresh_from_db()
        opening.send_link(payout, clock.now())
        dispatch.deliver("sms", sender=(sender := Taking()))
    assert sender.sent == [f"link:{payout.pk}:2"]
    assert links.find(links.token_of(payout.links.get(replaced_at=None))).generation == 2


@pytest.mark.parametrize(
    ("until", "reason", "code"),
    [
        (END, " ", "reason"),
        (NOTICE.end_of("receiving_closes") - timedelta(days=1), "x", "until"),
        (END + timedelta(days=100), "x", "until"),
    ],
)
def test_a_late_link_needs_a_reason_and_a_fair_end(until: datetime, reason: str, code: str) -> None:
    payout = late_payout()
    with clock.at(LATE), pytest.raises(NotDone) as refused:
        late_links.propose(payout, until, by=clerk("reviewer"), reason=reason)
    assert refused.value.code == code


def test_the_database_asks_for_two_people() -> None:
    payout, by = late_payout(), clerk("reviewer")
    with clock.at(LATE):
        late = late_links.propose(payout, END, by=by, reason="x")
    with pytest.raises(IntegrityError, match="latelink_two_people"), transaction.atomic():
        LateLink.objects.filter(pk=late.pk).update(approved_by=by, approved_at=LATE)


def test_a_message_that_waits_leaves_no_try() -> None:
    write(1)
    brakes.rest("sms", 30)
    deliver(Taking())
    assert (Attempt.objects.count(), Message.objects.get().attempts) == (0, 0)
