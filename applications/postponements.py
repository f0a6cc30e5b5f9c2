"""A date of the notice is moved on: prepared by one, approved by another, read by everybody (N80).

A date only ever moves on. What it moves is told before anybody approves it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from applications import bulletin, periods
from applications.bulletin import MOVED as PUBLIC
from applications.models import Application, Closing, Correction
from config import clock, jobs
from config.models import Postponement
from config.notice import NOTICE
from config.states import OVERTAKEN, Refused
from config.templatetags.notice import ja_moment, until
from payouts.models import Payout

OFFICE = {  # dates of the office alone, which nobody announces
    "first_links": "受取用URLの送信の開始",
    "last_ordinary_link": "受取用URLの通常の送信の最終日",
}
NAMES = {key: name for key, name in (PUBLIC | OFFICE).items() if NOTICE.has(key)}
BEGINNINGS = ("site_opens", "first_links")
SHORTER = "期日は延ばすことだけができます。いまの期日より後を入力してください。"


@dataclass(frozen=True)
class Effect:
    """One thing that a new end moves, before and after; `warns` where somebody must see to it."""

    what: str
    before: str
    after: str
    warns: bool = False


def end_of(key: str) -> datetime:
    """A date of the notice as it holds now, by the decided postponements."""
    return NOTICE.end_of(key, Postponement.approved())


def prepare(*, key: str, until: datetime, reason: str, by: AbstractBaseUser) -> Postponement:
    """Write a new end down for another person to approve. Raises Refused for an earlier one."""
    at = clock.now()
    _require_later(key, until, at)
    if not reason.strip():
        raise Refused("理由を入力してください。", "reason")
    return Postponement.objects.create(
        key=key, until=until, reason=reason.strip(), prepared_at=at, prepared_by=by
    )


def approve(row: Postponement, *, by: AbstractBaseUser) -> Postponement:
    """Let the new end hold from now on. Raises Refused for who prepared it, and for what came
    too late: an end that is past, or one that another decision went beyond meanwhile.
    """
    at = clock.now()
    if row.prepared_by_id == by.pk:
        raise Refused("起案した人は承認できません。ほかの人が承認してください。", "same_person")
    _require_later(row.key, row.until, at)
    try:
        with transaction.atomic():
            _sign(row, approved_at=at, approved_by=by)
    except IntegrityError as error:
        raise Refused(SHORTER, "until") from error
    periods.forget()
    bulletin.forget()
    return row


def drop(row: Postponement, *, by: AbstractBaseUser) -> Postponement:
    """Give up what nobody has approved."""
    at = clock.now()
    return _sign(row, dropped_at=at, dropped_by=by)


def effects(key: str, new: datetime) -> list[Effect]:
    """What moves with this date, told to who prepares and to who approves."""
    old = end_of(key)
    moved = Effect(NAMES[key], written(key, old), written(key, new))
    return [moved, *_doors(key, old, new), *_timetable(key, new), *_beyond(key, new)]


def announced(key: str, new: datetime) -> str:
    """The sentence that everybody will read, "" for a date of the office."""
    name = PUBLIC.get(key)
    if name is None:
        return ""
    return (
        f"{name}を、{ja_moment(new)}に変更"
        if key in BEGINNINGS
        else f"{name}を、{until(new)}まで延長"
    )


def _require_later(key: str, new: datetime, at: datetime) -> None:
    if key not in NAMES:
        raise Refused("延長する期日を選んでください。", "key")
    if new <= end_of(key):
        raise Refused(SHORTER, "until")
    if new <= at:
        raise Refused("新しい期日は、いまより後にしてください。", "until")


def _sign(row: Postponement, **signature: object) -> Postponement:
    waits = Postponement.objects.filter(pk=row.pk, approved_at=None, dropped_at=None)
    if not waits.update(**signature):
        raise Refused(OVERTAKEN, "moved")
    row.refresh_from_db()
    return row


def written(key: str, end: datetime) -> str:
    """An end as people read it: the last minute, or the first one of a beginning."""
    return ja_moment(end) if key in BEGINNINGS else until(end)


def told(key: str) -> str:
    """A date as it holds now, as people read it."""
    return written(key, end_of(key))


def _doors(key: str, old: datetime, new: datetime) -> Iterator[Effect]:
    """What people and clerks may do for longer, in numbers of today."""
    at = clock.now()
    if key in ("applications_close", "bank_applications_close"):
        road = "口座振込" if key.startswith("bank") else "ポイント"
        now = "受付中" if at < old else "受付終了"
        yield Effect(f"申請フォーム（{road}）", now, f"{until(new)}まで受付")
        if Closing.objects.filter(deadline=old).exists():
            yield Effect("締切後の一覧の確定", "実施済み", "新しい期限のあとに、もう一度確定")
    if key == "receiving_closes":
        live = Payout.objects.filter(road="points", state="ready").count()
        lapsed = Payout.objects.filter(road="points", state="lapsed").count()
        yield Effect("受け取れる人", f"{live:,}件", f"{live:,}件が{until(new)}まで")
        if lapsed:
            yield Effect("失効した受取", f"{lapsed:,}件", "失効したまま（個別に対応）", True)
    if key == "correction_latest":
        asked = Application.objects.filter(state="asked").count()
        links = Correction.objects.filter(replaced_at=None, answered_at=None).count()
        yield Effect("補正のお願い中", f"{asked:,}件", "これから出すお願いの期限だけが延びる")
        yield Effect("出してあるURLの期限", f"{links:,}件", "変わらない（出し直すと延びる）", True)
    if key == "number_to_follow_until":
        waiting = Application.objects.filter(state="received", number_unknown=True).count()
        yield Effect("番号を待っている申請", f"{waiting:,}件", f"{until(new)}まで入力できる")


def _timetable(key: str, new: datetime) -> Iterator[Effect]:
    """The jobs whose moments hang on this date."""
    words = {
        "remind_numbers": (
            "お問合せ番号のお願い（3日前・前日 10:00）",
            ("applications_close", "number_to_follow_until"),
        ),
        "close_applications": ("申請一覧の確定（5分後）", ("applications_close",)),
        "close_receiving": ("受取の失効の処理（翌日 0:05）", ("receiving_closes",)),
    }
    known = {job.name for job in jobs.TIMETABLE}
    for name, (label, keys) in words.items():
        if name in known and key in keys:
            yield Effect(
                f"自動処理：{label}", "いまの期日に合わせて実施", "新しい期日に合わせて実施"
            )
    if key == "receiving_closes":
        yield Effect("SMS・メールの期限の表示", "いまの期日", "これから送るものは新しい期日")
        yield Effect(
            "送信済みのSMS・メール", "いまの期日が書かれている", "一斉のお知らせが必要", True
        )


def _beyond(key: str, new: datetime) -> Iterator[Effect]:
    """Later dates that the new end overtakes: they do not move by themselves."""
    after = {
        "applications_close": ("correction_latest", "number_to_follow_until", "receiving_closes"),
        "bank_applications_close": ("correction_latest", "bank_corrections_until"),
        "correction_latest": ("last_ordinary_link",),
        "number_to_follow_until": ("last_ordinary_link",),
        "last_ordinary_link": ("receiving_closes",),
    }
    bank = "bank_applications_close"
    if key == "applications_close" and bank in NAMES and end_of(bank) < new:
        yield Effect(NAMES[bank], "", "変わらない（必要なら別に延長）", True)
    for other in after.get(key, ()):
        end = end_of(other)
        if other in NAMES and new + timedelta(days=1) > end:
            yield Effect(NAMES[other], written(other, end), "新しい期日のほうが後になる", True)
