"""The first page of the office: the work first, then where everything stands. No row is counted."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from applications import cases, tallies
from applications.admin import charts, page
from applications.models import Application
from applications.models.applications import OPEN
from config import clock
from config.clock import JST
from config.models import Alarm, JobRun, Postponement
from config.notice import NOTICE
from payouts import clerks
from payouts.models import Payout

CASES, MESSAGES = "admin:applications_application_changelist", "admin:payouts_message_changelist"
PAYOUTS, CODES = "admin:payouts_payout_changelist", "admin:payouts_code_changelist"
DATES = (
    ("cut_off", "残額の基準日時"),
    ("first_links", "ポイントの受取案内の開始"),
    ("applications_close", "申請の締切"),
    ("number_to_follow_until", "後日の番号の期限"),
    ("correction_latest", "補正の最終期限"),
    ("receiving_closes", "ポイント受取の締切"),
    ("bank_corrections_until", "振込の口座訂正の期限"),
)
UNDELIVERED = {"failed": "不達", "unconfirmed": "到達確認なし", "given_up": "送信できず"}
APPROVE, CHANGE = "applications.approve_application", "applications.change_application"
BATCH, NEW_ACCOUNT = "payouts.change_batch", "applications_newaccount"
OWN_ACCOUNT = "payouts_officechange?stage=waiting"
OTHERS = (  # right, what waits, its count, its list and how that is narrowed
    (APPROVE, "二次確認", "looks", "applications_secondlook"),
    (APPROVE, "承認を待つ一括承認", "bulks", "applications_bulk"),
    ("applications.view_inquiry", "今日までの折り返し", "calls", "applications_inquiry"),
    (BATCH, "確定を待つ振込データ", "batches_cut", "payouts_batch?state__exact=cut"),
    (BATCH, "銀行へ渡す前の振込データ", "batches_released", "payouts_batch?state__exact=released"),
    (CHANGE, "確認を待つ口座の訂正", "accounts_given", f"{NEW_ACCOUNT}?state__exact=given"),
    (APPROVE, "承認を待つ口座の訂正", "accounts_checked", f"{NEW_ACCOUNT}?state__exact=checked"),
    ("payouts.change_officechange", "承認を待つ事務局の口座", "own", OWN_ACCOUNT),
)
OF_THE_BANK = ("batches_cut", "batches_released", "accounts_given", "accounts_checked", "own")
POINTS = ("waiting", "ready", "issuing", "issued", "lapsed")
BANK = ("waiting", "ready", "listed", "handed_over", "paid", "returned", "given_up")
PAID = ("issued", "handed_over", "paid")


@dataclass(frozen=True)
class Figure:
    """A number, what it counts, where its rows are; a bar where it is one of several."""

    label: str
    count: int
    address: str
    bar: str = ""
    yen: int | None = None


@dataclass(frozen=True)
class Date:
    """A date of the notice and what is left until it."""

    label: str
    last: datetime
    left: str
    over: bool


@dataclass
class Shown:
    """What stands on the page for one clerk."""

    at: datetime
    mine: list[Application] = field(default_factory=list)
    oldest: Application | None = None
    due: list[Figure] = field(default_factory=list)
    funnel: list[Figure] = field(default_factory=list)
    days: str = ""
    queue: dict[str, Any] = field(default_factory=dict)
    undelivered: list[Figure] = field(default_factory=list)
    payouts: list[tuple[str, list[Figure]]] = field(default_factory=list)
    codes: list[Figure] = field(default_factory=list)
    books: list[tuple[str, int, str]] = field(default_factory=list)
    night: JobRun | None = None
    counted_at: datetime | None = None


@page.OWN_SCRIPT
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """The page, by what the clerk may see."""
    context = {
        **admin.site.each_context(request),
        "title": admin.site.index_title,
        "app_list": admin.site.get_app_list(request),
        "stages": page.stages(request.user),
        "dates": dates(clock.now()),
        "alarms": Alarm.objects.filter(cleared_at=None).order_by("raised_at")
        if request.user.has_perm("config.view_alarm")
        else [],
        "shown": shown(request.user),
    }
    return TemplateResponse(request, "admin/index.html", context)


def shown(user: Any) -> Shown | None:
    """The numbers of the clerk's prefectures; None for who sees no case."""
    if not user.has_perm("applications.view_application"):
        return None
    codes, made = clerks.prefectures_of(user), Shown(clock.now())
    work_of(made, user, codes)
    if user.has_perm("payouts.view_payout"):
        payouts_of(made, user, codes)
    return made


def work_of(made: Shown, user: Any, codes: list[str]) -> None:
    """Cases, messages, and what is due today."""
    tally = tallies.current("work")
    made.counted_at = tally.counted_at
    states = tallies.summed(tally, codes, "states")
    made.mine = list(cases.in_hands(user).order_by("taken_until")[:5])
    waiting = clerks.scoped(Application.objects.filter(state__in=OPEN), user)
    made.oldest = waiting.order_by("arrived_at", "id").first()
    most = max(states.values(), default=0)
    made.funnel = [
        Figure(
            label,
            states.get(state, 0),
            f"{reverse(CASES)}?state={state}",
            charts.share(states.get(state, 0), most),
        )
        for state, label in Application.State.choices
    ]
    made.days = by_day(tallies.summed(tally, codes, "days"), made.at)
    made.due = due_of(user, tallies.summed(tally, codes, "due"), states)
    queued = sum(tally.data.get(code, {}).get("queued", {}).get("count", 0) for code in codes)
    oldest = tallies.oldest_queued(tally, codes)
    late = oldest is not None and oldest < made.at - timedelta(minutes=3)
    made.queue = {
        "count": queued,
        "oldest": oldest,
        "late": late,
        "address": f"{reverse(MESSAGES)}?state=queued",
    }
    failed = tallies.summed(tally, codes, "undelivered")
    made.undelivered = [
        Figure(word, failed.get(state, 0), f"{reverse(MESSAGES)}?state={state}")
        for state, word in UNDELIVERED.items()
    ]


def due_of(user: Any, due: dict[str, int], states: dict[str, int]) -> list[Figure]:
    """What waits for this clerk today, by role."""
    listed = [
        ("check", "審査待ち", states.get("received", 0), "received"),
        ("approve", "承認待ち", states.get("checked", 0), "checked"),
        ("change", "保留中", states.get("held", 0), "held"),
        ("change", "今日が期限の補正", due.get("asked", 0), "asked"),
    ]
    found = [
        Figure(label, count, f"{reverse(CASES)}?state={state}")
        for right, label, count, state in listed
        if user.has_perm(f"applications.{right}_application")
    ]
    return found + [
        Figure(label, due.get(key, 0), listed_at(place))
        for right, label, key, place in OTHERS
        if user.has_perm(right) and (NOTICE.bank_road or key not in OF_THE_BANK)
    ]


def listed_at(place: str) -> str:
    """The address of a list and of its filters."""
    name, mark, query = place.partition("?")
    return reverse(f"admin:{name}_changelist") + mark + query


def by_day(counts: dict[str, int], at: datetime) -> str:
    """Applications a day, from the first one on, against the deadline."""
    close = NOTICE.end_of("applications_close", Postponement.approved())
    last = (close - timedelta(microseconds=1)).astimezone(JST).date()
    if not counts:
        return ""
    first = datetime.fromisoformat(min(counts)).date()
    today = min(at.astimezone(JST).date(), datetime.fromisoformat(max(counts)).date())
    bars = [
        charts.Bar(day, count, f"{reverse(CASES)}?state=all&day={day.isoformat()}")
        for day, count in charts.filled(counts, first, max(first, today))
    ]
    return charts.days(bars, last, "1日ごとの申請件数と締切")


def payouts_of(made: Shown, user: Any, codes: list[str]) -> None:
    """Payouts by road, the stock of codes, and the three books to who may see them."""
    tally = tallies.current("money")
    payouts = tallies.summed(tally, codes, "payouts")
    labels = dict(Payout.State.choices)
    made.payouts = [
        (
            title,
            [
                Figure(
                    labels[state],
                    payouts.get(f"{road}.{state}", [0, 0])[0],
                    f"{reverse(PAYOUTS)}?state__exact={state}&road__exact={road}",
                    yen=payouts.get(f"{road}.{state}", [0, 0])[1],
                )
                for state in states
            ],
        )
        for road, title, states in (("points", "ポイント", POINTS), ("bank", "口座振込", BANK))
        if road == "points" or NOTICE.bank_road
    ]
    if user.has_perm("payouts.view_code"):
        stock_of(made, tallies.summed(tally, codes, "codes"))
    if user.has_perm("coupons.view_seal"):
        books = tallies.summed(tally, codes, "books")
        paid = sum(payouts.get(f"{r}.{s}", [0, 0])[1] for r in ("points", "bank") for s in PAID)
        third = books.get("ordered", 0) + books.get("transferred", 0)
        address = reverse("admin:coupons_seal_reconcile")
        made.books = [
            ("1　確定残額（台帳）", books.get("sealed", 0), address),
            ("2　支払い済み（支払い）", paid, address),
            ("3　発行元・銀行への発行と振込", third, address),
        ]
        runs = JobRun.objects.filter(job="reconcile", finished_at__isnull=False)
        made.night = runs.order_by("-slot").first()


def stock_of(made: Shown, codes: dict[str, list[int]]) -> None:
    """Codes left by brand."""
    most = max((yen for _, yen in codes.values()), default=0)
    made.codes = [
        Figure(
            brand.name,
            codes[key][0],
            f"{reverse(CODES)}?brand={key}&taken=no",
            charts.share(codes[key][1], most),
            codes[key][1],
        )
        for key, brand in NOTICE.brands.items()
        if key in codes
    ]


def dates(at: datetime) -> list[Date]:
    """The dates of the notice, the nearest to come first, those that are over last."""
    extended = Postponement.approved()
    known = [(key, label) for key, label in DATES if NOTICE.has(key)]
    ends = [(NOTICE.end_of(key, extended).astimezone(JST), label) for key, label in known]
    shown = [Date(label, last_moment(end), left(end, at), end <= at) for end, label in ends]
    return sorted(shown, key=lambda date: (date.over, date.last))


def last_moment(end: datetime) -> datetime:
    """A half-open end as people write it: 23:59 of the day before, else the moment itself."""
    midnight = (end.hour, end.minute) == (0, 0)
    return end - timedelta(minutes=1) if midnight else end


def left(end: datetime, at: datetime) -> str:
    """How long it is until then."""
    if end <= at:
        return "終了"
    rest = end - at
    if rest < timedelta(hours=1):
        return f"あと{rest // timedelta(minutes=1)}分"
    if rest < timedelta(days=2):
        return f"あと{rest // timedelta(hours=1)}時間"
    return f"あと{rest.days}日"
