"""What is stuck, found by looking at the rows (R19): for the office and for programs.

The watch is a process of its own (`manage.py watch`), since it must see that workers, beat or the
broker are dead. It keeps one open Alarm row a stuck state and tells the office by e-mail: at once,
again after REMIND while it lasts, and once it is over. Alarms hold numbers and ids only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from applications import erasing
from config import clock, jobs
from config.models import Alarm, Erasure, JobRun, Postponement
from config.notice import NOTICE
from config.tasks import broker_answers
from coupons.models import Seal
from payouts import brakes
from payouts.models import Message, Order, Pause, Payout

LATE = timedelta(minutes=3)  # the watch looks each minute: the office knows within five
SEALED_BY = timedelta(hours=6)  # after the cut-off; the seal waits for an export younger than it
NIGHTLY = timedelta(hours=26)
PAUSED_FOR = timedelta(hours=1)
REMIND = timedelta(hours=6)
FAILED_TRIES = 3


@dataclass(frozen=True)
class Stuck:
    """A stuck state: its key, what the office reads, numbers, and the screen where it is mended."""

    key: str
    label: str
    detail: str
    screen: str
    query: str = ""

    def path(self) -> str:
        """The address of the screen, without the host."""
        return reverse(self.screen) + (f"?{self.query}" if self.query else "")


def late_messages(at: datetime) -> Iterator[Stuck]:
    """Messages whose time has come and that nobody takes, by channel."""
    due = Message.objects.filter(state="queued", due_at__lte=at - LATE)
    waiting = due.filter(Q(next_at=None) | Q(next_at__lte=Now() - LATE), lease_until=None)
    for channel, label in (("sms", "SMS"), ("email", "メール")):
        oldest = waiting.filter(channel=channel).order_by("due_at").values_list("due_at", flat=True)
        if found := oldest.first():
            yield Stuck(
                f"messages_{channel}",
                f"{label}の送信が止まっています",
                f"最も古い予定 {found.astimezone(clock.JST):%m/%d %H:%M}",
                "admin:payouts_message_changelist",
                f"state=queued&channel={channel}",
            )


def spent_budgets(at: datetime) -> Iterator[Stuck]:
    """The day's money for SMS is used up: what is paid out of it stands still."""
    for row in brakes.spent_today():
        if row.stopped_at:
            yield Stuck(
                f"sms_budget_{row.budget}",
                f"SMSの1日の予算（{row.get_budget_display()}）に達しました",
                f"{row.yen:,}円",
                "admin:payouts_message_monitor",
            )


def forgotten_pauses(at: datetime) -> Iterator[Stuck]:
    """A channel that the office stopped, while messages wait for it."""
    for pause in Pause.objects.filter(ended_at=None, at__lte=at - PAUSED_FOR):
        due = Message.objects.filter(state="queued", channel=pause.channel, due_at__lte=at)
        if due.exists():
            label = f"{pause.get_channel_display()}の送信が停止されたままです"
            since = f"{pause.at.astimezone(clock.JST):%m/%d %H:%M}から"
            yield Stuck(f"paused_{pause.channel}", label, since, "admin:payouts_message_monitor")


def broken_jobs(at: datetime) -> Iterator[Stuck]:
    """Scheduled jobs that are overdue or fail again and again."""
    overdue = [job.name for job, slot in jobs.due(at) if slot <= at - LATE]
    failing = JobRun.objects.filter(
        finished_at=None, tries__gte=FAILED_TRIES, lease_until__lte=Now()
    ).exclude(error="")
    names = sorted({*overdue, *failing.values_list("job", flat=True)})
    if names:
        shown = ", ".join(names)[:200]
        yield Stuck("jobs", "定時処理が遅れています", shown, "admin:config_jobrun_changelist")


def silent_scheduler(at: datetime) -> Iterator[Stuck]:
    """No job has begun for minutes: beat or the workers stand still."""
    begun = JobRun.objects.filter(job="sweep", lease_until__gt=Now() + jobs.LEASE - LATE)
    if not begun.exists():  # a lease begins with the job, by the database's clock
        label = "定時処理を動かすプログラムが止まっています"
        yield Stuck("scheduler", label, "", "admin:config_jobrun_changelist")


def silent_broker(at: datetime) -> Iterator[Stuck]:
    """The broker does not answer; applications are taken all the same."""
    if not broker_answers():
        label = "Redisが応答しません（申請の受付には影響ありません）"
        yield Stuck("broker", label, "", "admin:config_jobrun_changelist")


def unanswered_orders(at: datetime) -> Iterator[Stuck]:
    """Gifts that a provider neither gives nor refuses."""
    count = Order.objects.filter(state="placed", placed_at__lte=at - 3 * LATE).count()
    if count:
        label = "ポイントの発行元から回答がありません"
        yield Stuck("orders", label, f"{count}件", "admin:payouts_order_changelist", "state=placed")


def unreleased_payouts(at: datetime) -> Iterator[Stuck]:
    """Approved payouts that stay waiting although the balances are sealed."""
    if not Seal.objects.exists():
        return
    late = {"state": "waiting", "second_look": False, "opened_at__lte": at - 10 * LATE}
    waiting = Payout.objects.filter(**late)
    if waiting.exists():
        label = "承認済みの支払いが進んでいません"
        yield Stuck("payouts", label, "", "admin:payouts_payout_changelist", "state=waiting")


def missing_seal(at: datetime) -> Iterator[Stuck]:
    """The cut-off has passed and no export younger than it has come: nothing can be paid."""
    cut_off = NOTICE.end_of("cut_off", Postponement.approved())
    if at >= cut_off + SEALED_BY and not Seal.objects.exists():
        label = "基準日時の残額が確定していません（締切後のデータが未着です）"
        yield Stuck("seal", label, "", "admin:coupons_import_changelist")


def differing_books(at: datetime) -> Iterator[Stuck]:
    """The nightly comparison of the three books found a yen too much, or did not run."""
    last = JobRun.objects.filter(job="reconcile", finished_at__isnull=False).order_by("-slot")
    run = last.first()
    if run and (count := run.outcome.get("differences")):
        label = "残額照合に差異があります"
        yield Stuck("books", label, f"{count}件", "admin:coupons_seal_reconcile")
    if run and run.slot <= at - NIGHTLY:
        night = f"{run.slot.astimezone(clock.JST):%m/%d}"
        label = "残額照合が実行されていません"
        yield Stuck("reconcile", label, f"最後の照合 {night}", "admin:coupons_seal_reconcile")


def short_stock(at: datetime) -> Iterator[Stuck]:
    """Gift codes, or prepaid yen at a provider, that the forecast will use up."""
    run = JobRun.objects.filter(job="look_at_stock", finished_at__isnull=False).order_by("-slot")
    told = run.values_list("outcome", flat=True).first() or {}
    if low := told.get("low_stock"):
        label = "ギフトコードの在庫が足りなくなります"
        first = "、".join(
            f"{NOTICE.prefectures[code].name} {NOTICE.brands[brand].name}"
            for code, brand, *_ in low[:2]
            if code in NOTICE.prefectures and brand in NOTICE.brands
        )
        yield Stuck("stock", label, f"{len(low)}件（{first}）", "admin:payouts_code_levels")
    if low := told.get("low_funds"):
        label = "ポイントの発行元に預けた資金が足りなくなります"
        lacking = max(forecast - yen for _, yen, forecast in low)
        yield Stuck("funds", label, f"不足の見込み {lacking:,}円", "admin:payouts_code_levels")


def forgotten_erasing(at: datetime) -> Iterator[Stuck]:
    """A stage of erasing that is due did not run to its end for more than a day (N81)."""
    for stage in erasing.due(at - NIGHTLY):
        if not Erasure.objects.filter(stage=stage, complete=True, at__gt=at - NIGHTLY).exists():
            name = Erasure.Stage(stage).label
            label = "個人情報の消去が実行されていません"
            yield Stuck(f"erase_{stage}", label, name, "admin:config_erasure_changelist")


# Each yields nothing, or what is stuck; a new kind of trouble gets its function here.
CHECKS: tuple[Callable[[datetime], Iterator[Stuck]], ...] = (
    silent_broker,
    silent_scheduler,
    broken_jobs,
    late_messages,
    spent_budgets,
    forgotten_pauses,
    unanswered_orders,
    unreleased_payouts,
    missing_seal,
    differing_books,
    short_stock,
    forgotten_erasing,
)


def stuck() -> list[Stuck]:
    """Everything that stands still at this moment. Raises DatabaseError where the database does."""
    at = clock.now()
    return [found for check in CHECKS for found in check(at)]


def watch(tell: Callable[[list[Stuck], list[Alarm]], bool]) -> int:
    """Bring the open alarms in line with what is stuck and `tell` what is new, old or over.

    Returns the number of open alarms. What the first look finds is told by the second, so that a
    state of seconds wakes nobody. A telling that fails is tried again at the next look; two watches
    at once tell each alarm once, since each takes the rows that it tells.
    """
    at, found = clock.now(), {each.key: each for each in stuck()}
    with transaction.atomic():
        rows = Alarm.objects.select_for_update(of=("self",), skip_locked=True)
        known = {alarm.key: alarm for alarm in rows.filter(cleared_at=None)}
        gone = [alarm for key, alarm in known.items() if key not in found]
        due = [
            alarm
            for key, alarm in known.items()
            if key in found and (alarm.mailed_at is None or alarm.mailed_at <= at - REMIND)
        ]
        over = [alarm for alarm in gone if alarm.mailed_at]
        told = not (due or over) or tell([found[alarm.key] for alarm in due], over)
        if told:
            Alarm.objects.filter(pk__in=[alarm.pk for alarm in gone]).update(cleared_at=at)
            Alarm.objects.filter(pk__in=[alarm.pk for alarm in due]).update(mailed_at=at)
        for each in found.values():
            note(each, at)
    return len(found)


def note(each: Stuck, at: datetime) -> None:
    """Open an alarm, or bring the open one of this key up to date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO config_alarm (key, label, path, detail, raised_at)
               VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT (key) WHERE cleared_at IS NULL
               DO UPDATE SET detail = excluded.detail""",
            [each.key, each.label, each.path(), each.detail[:200], at],
        )


def last_runs() -> dict[str, dict[str, Any]]:
    """Each job of the timetable: the slot that it last finished, and the last failure's kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT job, max(slot) FILTER (WHERE finished_at IS NOT NULL),
                      max(error) FILTER (WHERE finished_at IS NULL AND error <> '')
               FROM config_jobrun GROUP BY job"""
        )
        known = {job: (slot, error) for job, slot, error in cursor.fetchall()}
    return {
        job.name: {
            "last": slot.isoformat() if (slot := known.get(job.name, (None, ""))[0]) else None,
            "error": known.get(job.name, (None, ""))[1] or "",
        }
        for job in jobs.TIMETABLE
    }
