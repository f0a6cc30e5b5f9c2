"""The buttons of the application page: who may press which, in which state, and what it calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from applications import ownership, review, second_look, sentences
from applications.models import Application, SecondLook
from applications.models.applications import OPEN
from config.states import Refused

Run = Callable[[Application, Any, QueryDict], object]

CHECK, APPROVE = "applications.check_application", "applications.approve_application"
CHANGE, NOTE = "applications.change_application", "applications.add_note"
EVERY = tuple(Application.State.values)
ONWARD = ("check", "approve", "send_back", "hold", "ask", "withdraw", "agree", "disagree")
REVOKE = {code: why for code, why in sentences.WHY["revoke"].items() if code != "second_look"}


@dataclass(frozen=True)
class Verb:
    """One act of the office. `permissions`: any of them; `reasons`: what is chosen from."""

    code: str
    label: str
    done: str
    permissions: tuple[str, ...]
    states: tuple[str, ...]
    run: Run = field(repr=False)
    style: str = ""
    reasons: dict[str, str] | None = None

    def allowed(self, user: Any) -> bool:
        """Whether the account has the right at all."""
        return any(user.has_perm(permission) for permission in self.permissions)


def check(row: Application, by: Any, posted: QueryDict) -> None:
    """One choice a coupon: `decision_<claim id>`, and `reason_<claim id>` where not covered."""
    proposals = {}
    for pk in row.claims.filter(state="pending").values_list("pk", flat=True):
        chosen = posted.get(f"decision_{pk}", "")
        if chosen:
            proposals[pk] = (chosen, posted.get(f"reason_{pk}", ""))
    review.check(row, proposals, by=by)


def moved(act: Callable[..., object]) -> Run:
    """An act that takes a coded reason and a remark."""

    def run(row: Application, by: Any, posted: QueryDict) -> None:
        act(row, by=by, reason=posted.get("reason", ""), text=posted.get("text", ""))

    return run


def ask(row: Application, by: Any, posted: QueryDict) -> None:
    """Ask back for the ticked items."""
    review.ask(row, posted.getlist("what"), by=by, text=posted.get("text", ""))


def looked(act: Callable[..., object]) -> Run:
    """A verdict on the open second look of the application."""

    def run(row: Application, by: Any, posted: QueryDict) -> None:
        act(open_look(row), by=by, text=posted.get("text", ""))

    return run


def open_look(row: Application) -> SecondLook:
    """The second look that waits. Raises Refused where none does."""
    look = row.looks.filter(verdict=SecondLook.Verdict.OPEN).first()
    if look is None:
        raise Refused(second_look.OVER, "moved")
    return look


def note(row: Application, by: Any, posted: QueryDict) -> None:
    """A remark alone."""
    review.note(row, posted.get("text", ""), by=by)


VERBS = {
    verb.code: verb
    for verb in (
        Verb(
            "check", "審査済みにする", "審査済みにしました。", (CHECK,), ("received",), check, "go"
        ),
        Verb(
            "approve",
            "承認する",
            "承認しました。",
            (APPROVE,),
            ("checked",),
            lambda row, by, posted: review.approve(row, by=by),
            "go",
        ),
        Verb(
            "send_back",
            "差し戻す",
            "審査担当へ差し戻しました。",
            (APPROVE,),
            ("checked",),
            moved(review.send_back),
            reasons=sentences.WHY["send_back"],
        ),
        Verb(
            "revoke",
            "承認を取り消す（再審査）",
            "決定を取り消し、受付済みに戻しました。",
            (APPROVE,),
            ("decided",),
            moved(review.revoke),
            "stop",
            REVOKE,
        ),
        Verb(
            "hold",
            "保留にする",
            "保留にしました。",
            (CHANGE,),
            ("received",),
            moved(review.hold),
            reasons=sentences.WHY["hold"],
        ),
        Verb(
            "resume",
            "審査に戻す",
            "受付済みに戻しました。",
            (CHANGE,),
            ("held", "asked"),
            moved(review.resume),
            reasons=sentences.WHY["resume"],
        ),
        Verb(
            "ask",
            "補正をお願いする",
            "申請者への通知を用意しました。",
            (CHANGE,),
            ("received",),
            ask,
        ),
        Verb(
            "withdraw",
            "取下げにする",
            "取下げにしました。",
            (CHANGE,),
            ("received", "held", "asked"),
            moved(review.withdraw),
            "stop",
            sentences.WHY["withdraw"],
        ),
        Verb(
            "take",
            "担当する",
            "担当になりました。",
            (CHECK, APPROVE, CHANGE),
            OPEN,
            lambda row, by, posted: review.take(row, by=by),
        ),
        Verb(
            "release",
            "担当を外れる",
            "担当を外れました。",
            (CHECK, APPROVE, CHANGE),
            EVERY,
            lambda row, by, posted: review.release_case(row, by=by),
        ),
        Verb(
            "agree",
            "同意する（支払いへ進める）",
            "二次確認：同意しました。",
            (APPROVE,),
            ("decided",),
            looked(second_look.agree),
            "go",
        ),
        Verb(
            "disagree",
            "同意しない（再審査へ戻す）",
            "二次確認：決定を取り消し、受付済みに戻しました。",
            (APPROVE,),
            ("decided",),
            looked(second_look.disagree),
            "stop",
        ),
        Verb("note", "メモを残す", "メモを残しました。", (NOTE,), EVERY, note),
    )
}


DECIDING = ("check", "approve", "revoke", "agree", "disagree")
LOOKING = ("agree", "disagree")


def available(row: Application, user: Any) -> dict[str, Verb]:
    """What this account may do with this application now. Constraints guard the rest."""
    barred = set(DECIDING) if mine(row, user) else set()
    if user.pk == row.checked_by_id:
        barred.add("approve")
    look = row.looks.filter(verdict=SecondLook.Verdict.OPEN).first()
    if look is None or user.pk in second_look.people(look):
        barred |= set(LOOKING)
    return {
        code: verb
        for code, verb in VERBS.items()
        if verb.allowed(user) and row.state in verb.states and code not in barred
    }


def mine(row: Application, user: Any) -> bool:
    """Whether this account applied or entered it: others decide."""
    return row.entered_by_id == user.pk or ownership.is_own(row, user)
