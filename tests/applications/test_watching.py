"""What stands still is found, told once, told again while it lasts, and told when it is over."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from applications import alarms, erasing, watching
from applications.watching import Stuck
from config import clock, jobs
from config.models import Alarm, Erasure, JobRun
from config.notice import NOTICE
from payouts import brakes, gifts, opening
from payouts.models import Message
from tests.applications import rows
from tests.payouts import rows as payout_rows

pytestmark = pytest.mark.django_db

AT = datetime(2023, 4, 10, 12, tzinfo=clock.JST)
MINUTE = timedelta(minutes=1)
STUCK = Stuck("jobs", "定時処理が遅れています", "sweep", "admin:config_jobrun_changelist")


class Heard:
    """An office that remembers what it was told; `takes` says whether the e-mail went out."""

    def __init__(self) -> None:
        self.takes = True
        self.calls: list[tuple[list[str], list[str]]] = []

    def __call__(self, found: list[Stuck], over: list[Alarm]) -> bool:
        self.calls.append(([each.key for each in found], [each.key for each in over]))
        return self.takes


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch, heard: Heard):
    """Look at a minute with exactly these things stuck."""

    def look(minute: int, *found: Stuck) -> int:
        monkeypatch.setattr(watching, "CHECKS", (lambda at: iter(found),))
        with clock.at(AT + minute * MINUTE):
            return watching.watch(heard)

    return look


def message(**values: object) -> Message:
    """An e-mail that is due at noon."""
    return Message.objects.create(
        **{
            "key": f"m{Message.objects.count()}",
            "kind": "receipt",
            "channel": "email",
            "address": "hanako@mail.example",
            "prefecture_code": "22",
            "written_at": AT,
            "due_at": AT,
        }
        | values
    )


def run(job: str, slot: datetime, *, lease_in: timedelta = jobs.LEASE, **values: object) -> JobRun:
    row = JobRun.objects.create(
        job=job, slot=slot, started_at=slot, lease_until=clock.now(), **values
    )
    JobRun.objects.filter(pk=row.pk).update(lease_until=Now() + lease_in)
    return row


def found(check, at: datetime) -> list[str]:
    return [each.detail or each.key for each in check(at)]


def test_a_state_of_seconds_wakes_nobody(heard: Heard, looked) -> None:
    assert [looked(0, STUCK), looked(1)] == [1, 0]
    assert heard.calls == []
    assert Alarm.objects.filter(cleared_at=AT + MINUTE).count() == 1


def test_an_alarm_is_told_once_again_after_hours_and_when_it_is_over(heard, looked) -> None:
    for minute in (0, 1, 2, 362, 363):
        looked(minute, STUCK)
    looked(364)

    assert heard.calls == [(["jobs"], []), (["jobs"], []), ([], ["jobs"])]
    assert Alarm.objects.get().cleared_at == AT + 364 * MINUTE


def test_a_telling_that_fails_is_tried_again(heard: Heard, looked) -> None:
    looked(0, STUCK)
    heard.takes = False
    looked(1, STUCK)
    heard.takes = True
    looked(2, STUCK)

    assert heard.calls == [(["jobs"], []), (["jobs"], [])]
    assert Alarm.objects.get().mailed_at == AT + 2 * MINUTE


def test_what_comes_back_is_an_alarm_of_its_own(looked) -> None:
    for minute, stuck in enumerate([[STUCK], [], [STUCK]]):
        looked(minute, *stuck)

    assert Alarm.objects.count() == 2


def test_due_messages_that_nobody_takes() -> None:
    message(channel="letter")
    message(state="sent")
    message(due_at=AT + watching.LATE)
    assert found(watching.late_messages, AT + watching.LATE) == []

    message()
    assert found(watching.late_messages, AT + watching.LATE) == ["最も古い予定 04/10 12:00"]


def test_a_day_s_money_that_is_used_up(settings: Settings) -> None:
    settings.SMS_PRICE_YEN, settings.SMS_DAILY_BUDGET_YEN = 12, 36
    assert brakes.spend(brakes.Budget.OTHERS, 3) == 3  # to the last yen, and nobody stands still
    assert brakes.spend(brakes.Budget.RECEIPTS, 1) == 1
    assert found(watching.spent_budgets, AT) == []

    assert brakes.spend(brakes.Budget.OTHERS, 1) == 0
    assert found(watching.spent_budgets, AT) == ["36円"]

    (stuck,) = watching.spent_budgets(AT)
    assert (stuck.key, stuck.screen) == ("sms_budget_others", "admin:payouts_message_monitor")


def test_a_pause_that_is_forgotten_while_messages_wait() -> None:
    message()
    with clock.at(AT):
        brakes.pause("email", by=payout_rows.clerk("operator"), reason="送信元の点検")
    late = AT + watching.PAUSED_FOR
    assert found(watching.forgotten_pauses, late - MINUTE) == []
    assert found(watching.forgotten_pauses, late) == ["04/10 12:00から"]

    Message.objects.update(channel="sms")  # nothing waits for the channel that stands still
    assert found(watching.forgotten_pauses, late) == []

    Message.objects.update(channel="email")
    with clock.at(late):
        brakes.resume("email", by=payout_rows.clerk("operator"))
    assert found(watching.forgotten_pauses, late) == []


def test_a_message_that_waits_for_its_next_try_is_not_stuck() -> None:
    message(next_at=clock.now() + timedelta(days=3650))
    assert found(watching.late_messages, AT + watching.LATE) == []


def test_jobs_that_are_overdue_or_fail_again_and_again() -> None:
    now = datetime(2023, 4, 10, 2, 30, tzinfo=clock.JST)
    for job, slot in jobs.due(now):
        run(job.name, slot, finished_at=slot)
    assert found(watching.broken_jobs, now) == []

    JobRun.objects.filter(job="reconcile").update(finished_at=None, lease_until=Now())
    assert found(watching.broken_jobs, now) == ["reconcile"]

    JobRun.objects.filter(job="reconcile").update(finished_at=now)
    ended = -timedelta(seconds=1)
    run("seal", now - MINUTE, lease_in=ended, tries=watching.FAILED_TRIES, error="DataError")
    assert found(watching.broken_jobs, now) == ["seal"]


def test_a_scheduler_that_no_longer_rings() -> None:
    assert found(watching.silent_scheduler, AT) == ["scheduler"]

    row = run("sweep", AT, lease_in=jobs.LEASE)
    assert found(watching.silent_scheduler, AT) == []

    JobRun.objects.filter(pk=row.pk).update(lease_until=Now() + jobs.LEASE - watching.LATE)
    assert found(watching.silent_scheduler, AT) == ["scheduler"]


def test_a_broker_that_does_not_answer(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert found(watching.silent_broker, AT) == ["broker"]


def test_an_order_without_an_answer(settings: Settings) -> None:
    settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {"amazon": "api+http://127.0.0.1:1"}
    coupon = payout_rows.coupon()
    payout_rows.seal(coupon)
    payout = payout_rows.payout(coupon)
    with clock.at(AT):
        opening.release_due()
        payout.refresh_from_db()
        gifts.choose(payout, "amazon")
    assert found(watching.unanswered_orders, AT + MINUTE) == []
    assert found(watching.unanswered_orders, AT + 3 * watching.LATE) == ["1件"]


def test_a_seal_that_does_not_come() -> None:
    late = NOTICE.dates.cut_off + watching.SEALED_BY
    assert found(watching.missing_seal, late - MINUTE) == []
    assert found(watching.missing_seal, late) == ["seal"]

    payout_rows.seal(payout_rows.coupon())
    assert found(watching.missing_seal, late) == []


def test_books_that_differ_or_were_not_compared() -> None:
    assert found(watching.differing_books, AT) == []

    night = run("reconcile", AT, finished_at=AT, outcome={"differences": 2})
    assert found(watching.differing_books, AT + MINUTE) == ["2件"]

    JobRun.objects.filter(pk=night.pk).update(outcome={"differences": 0})
    assert found(watching.differing_books, AT + MINUTE) == []
    assert found(watching.differing_books, AT + watching.NIGHTLY) == ["最後の照合 04/10"]


def test_erasing_that_was_due_and_did_not_run() -> None:
    begins = erasing.begins("bank")
    late = begins + watching.NIGHTLY
    assert found(watching.forgotten_erasing, late - MINUTE) == []
    assert found(watching.forgotten_erasing, late) == [Erasure.Stage.BANK.label]

    values = {"stage": "bank", "until": begins, "at": late}
    Erasure.objects.create(complete=False, **values)  # half of it is not enough
    assert found(watching.forgotten_erasing, late) == [Erasure.Stage.BANK.label]
    Erasure.objects.create(complete=True, **values)
    assert found(watching.forgotten_erasing, late + watching.NIGHTLY - MINUTE) == []
    assert found(watching.forgotten_erasing, late + watching.NIGHTLY) == [Erasure.Stage.BANK.label]


def test_each_stuck_state_leads_to_a_screen_that_a_manager_may_open(client: Client) -> None:
    message()
    run("seal", AT, lease_in=-MINUTE, tries=3, error="DataError")
    rows.signed_in(client, rows.clerk("manager"))
    with clock.at(NOTICE.retention.everything + timedelta(days=2)):
        stuck = watching.stuck()
        answers = {each.key: client.get(each.path()).status_code for each in stuck}
    assert {"jobs", "messages_email", "scheduler", "seal", "erase_all"} <= set(answers)
    assert set(answers.values()) == {200}


def test_the_office_reads_what_is_stuck_and_where_to_go(settings: Settings, tmp_path) -> None:
    settings.EMAIL_URL = f"filemail://{tmp_path}"
    settings.OFFICE_EMAIL = ["office@office.example"]
    with clock.at(AT):
        assert alarms.tell([STUCK], []) is True

    (letter,) = tmp_path.iterdir()
    text = letter.read_bytes().decode("utf-8", "replace")
    assert "office@office.example" in text
    assert f"{settings.SITE_URL}/admin/config/jobrun/" in text


def test_two_watches_at_once_tell_each_alarm_once(heard: Heard, looked) -> None:
    looked(0, STUCK)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM config_alarm WHERE cleared_at IS NULL")
        assert cursor.fetchone() == (1,)
    looked(1, STUCK)
    looked(1, STUCK)
    assert heard.calls == [(["jobs"], [])]
