"""Two people ask for one coupon (Q14): both beside each other, and the office decides.

Nobody is paid before: the matching marks such claims, and the review refuses to approve them. A
decision frees the chosen claim of the others known then; it still needs its two signatures, the
second by another person than who decided. Neither is told of the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Min, Q, QuerySet

from applications import matching, review
from applications.models import Claim, Contest
from config import clock
from config.states import Refused
from payouts import clerks

OPEN = ("received", "held", "asked")


@dataclass(frozen=True)
class Contested:
    """A number that more than one application asks for, and what was decided last."""

    inquiry_number: str
    prefecture_code: str
    count: int
    open: int
    first_at: datetime
    contest: Contest | None

    @property
    def decided(self) -> bool:
        """Whether the office decided between all that ask now."""
        return self.contest is not None and len(self.contest.over) + 1 >= self.count


def claims_for(number: str) -> QuerySet[Claim]:
    """All claims for a number that were not withdrawn, the first to arrive first."""
    rows = Claim.objects.filter(inquiry_number=number).exclude(state="withdrawn")
    rows = rows.exclude(application__state="withdrawn")
    return rows.select_related("application", "coupon", "payout").order_by(
        "application__arrived_at", "pk"
    )


def contested(user: Any, *, all_of_them: bool = False) -> list[Contested]:
    """Numbers with a contested claim in the clerk's prefectures; decided ones too if asked."""
    marked = clerks.scoped(Claim.objects.filter(match=Claim.Match.CONTESTED), user)
    waiting = marked if all_of_them else marked.filter(state="pending")
    numbers = waiting.exclude(inquiry_number="").values("inquiry_number")
    groups = (
        Claim.objects.filter(inquiry_number__in=numbers)
        .exclude(Q(state="withdrawn") | Q(application__state="withdrawn"))
        .values("inquiry_number")
        .annotate(
            count=Count("pk"),
            open=Count("pk", filter=Q(state="pending")),
            first_at=Min("application__arrived_at"),
            prefecture_code=Min("prefecture_code"),
        )
        .order_by("first_at")
    )
    decisions = decisions_on(group["inquiry_number"] for group in groups)
    return [
        Contested(contest=decisions.get(group["inquiry_number"]), **group)
        for group in groups
        if all_of_them or group["count"] > 1
    ]


def decisions_on(numbers: Iterable[str]) -> dict[str, Contest]:
    """The latest decision on each number."""
    rows = Contest.objects.filter(inquiry_number__in=list(numbers)).order_by("pk")
    return {row.inquiry_number: row for row in rows.select_related("chosen__application", "by")}


def decide(chosen: Claim, *, by: AbstractBaseUser, others_not_covered: bool, text: str) -> Contest:
    """Decide for one claim. The others are proposed as not covered (ALREADY), or stay open.

    Raises Refused without a reason in words, outside the clerk's prefectures, where one of them is
    past the review, and where only one is left.
    """
    at, number = clock.now(), chosen.inquiry_number
    if not text.strip():
        raise Refused("判断の理由を入力してください。", "empty")
    with review.promised():
        claims = list(claims_for(number).select_for_update(of=("self", "application")))
        others = [claim for claim in claims if claim.pk != chosen.pk]
        checked(claims, others, chosen, by)
        contest = Contest.objects.create(
            inquiry_number=number,
            prefecture_code=chosen.prefecture_code,
            chosen=chosen,
            over=[claim.application_id for claim in others],
            others_not_covered=others_not_covered,
            at=at,
            by=by,
            text=text.strip()[:2000],
        )
        for claim in claims:
            loses = others_not_covered and claim.pk != chosen.pk
            claim.proposal = "not_covered" if loses else ""
            claim.reason = Claim.Reason.ALREADY if loses else ""
            word = "この申請を認める" if claim.pk == chosen.pk else "この申請は認めない"
            said = f"重複申請の判断（{claim.position}枚目）：{word}\n{contest.text}"
            review.write_note(claim.application, by, said, at)
        open_ones = [claim for claim in claims if claim.state == "pending"]
        Claim.objects.bulk_update(open_ones, ["proposal", "reason"])
        matching.match(open_ones, at)
        return contest


def checked(claims: list[Claim], others: list[Claim], chosen: Claim, by: AbstractBaseUser) -> None:
    """Raises Refused where the office can't decide between these now."""
    for claim in claims:
        clerks.require(by, claim.prefecture_code)
    if len(others) == len(claims) or chosen.state != "pending":
        raise Refused("この申請は選べません。画面を開き直してください。", "moved")
    if not others:
        raise Refused("競合する申請は、もうありません。", "moved")
    for claim in claims:
        if claim.state == "approved":
            raise Refused(
                "すでに承認された申請があります。先に承認を取り消してください。", "approved"
            )
        if claim.state == "pending" and claim.application.state not in OPEN:
            raise Refused("審査済みの申請があります。先に差し戻してください。", "checked")
