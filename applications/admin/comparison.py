"""What was said beside what the ledger says, one coupon at a time, with the differences marked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from applications import matching
from applications.models import Application, Claim
from config.clock import JST
from config.notice import NOTICE
from config.templatetags.notice import ja_date, ja_moment, short_date, yen
from coupons.facts import Facts, facts_of
from coupons.models import Coupon
from payouts import clerks
from payouts.admin.listing import prefecture_name
from payouts.models import PayoutLine

NONE = "―"
USE = dict(Claim.Use.choices)


@dataclass(frozen=True)
class Line:
    """One item: said, known, and whether they differ (None: nothing to compare)."""

    label: str
    said: str
    known: str
    differs: bool | None = None


@dataclass(frozen=True)
class Card:
    """One coupon of the application, ready to be decided."""

    claim: Claim
    facts: Facts | None
    lines: list[Line]
    reasons: list[str]
    suggestions: list[Coupon] = field(default_factory=list)
    rivals: list[Application] = field(default_factory=list)
    standing: list[PayoutLine] = field(default_factory=list)


def cards(application: Application, user: Any) -> list[Card]:
    """All coupons of an application as they stand now."""
    claims = application.claims.select_related("coupon", "payout").order_by("position")
    return [card(application, claim, user) for claim in claims]


def card(application: Application, claim: Claim, user: Any) -> Card:
    """One coupon. Rivals of other prefectures are none of this clerk's business."""
    facts = facts_of(claim.coupon) if claim.coupon else None
    reasons = matching.labels(claim.match_reasons)
    missing = claim.match == Claim.Match.NOT_FOUND
    return Card(
        claim,
        facts,
        list(lines(application, claim, facts)),
        reasons,
        matching.suggestions(claim.inquiry_number) if missing else [],
        rivals(claim, user),
        standing(claim),
    )


def rivals(claim: Claim, user: Any) -> list[Application]:
    """Other applications for the same number, decided or not."""
    if not claim.inquiry_number:
        return []
    same = Claim.objects.filter(inquiry_number=claim.inquiry_number)
    rows = Application.objects.filter(pk__in=same.values("application"))
    return list(clerks.scoped(rows, user).exclude(pk=claim.application_id).order_by("arrived_at"))


def standing(claim: Claim) -> list[PayoutLine]:
    """Live payout lines of the coupon that are not this claim's own."""
    if claim.coupon_id is None:
        return []
    live = PayoutLine.objects.filter(coupon=claim.coupon_id, released_at=None)
    return list(live.exclude(payout=claim.payout_id).select_related("payout"))


def lines(application: Application, claim: Claim, facts: Facts | None) -> Iterable[Line]:
    """The items to compare, in the order of the form."""
    if facts is None:
        return
    coupon, found = facts.coupon, set(claim.match_reasons)
    yield Line(
        "都道府県",
        prefecture_name(claim.prefecture_code),
        prefecture_name(coupon.prefecture_code),
        "prefecture" in found,
    )
    yield Line(
        "旅行の種類",
        application.get_travel_type_display(),
        coupon.get_travel_type_display(),
        "travel_type" in found,
    )
    if application.travel_start:
        yield Line(
            "チェックイン日",
            ja_date(application.travel_start),
            ja_date(coupon.travel_start),
            "travel_start" in found,
        )
    yield Line(
        "旅行日・チェックアウト日",
        ja_date(application.travel_end),
        ja_date(coupon.travel_end),
        "travel_end" in found,
    )
    yield Line(
        f"有効期限は{short_date(NOTICE.dates.outage_day)}か",
        application.get_expires_on_outage_day_display(),
        expiry(facts),
        "expiry" in found,
    )
    app = {"in_app", "not_charged", "charged_left"}
    yield Line("アプリ", USE.get(claim.coupon_use, NONE), in_app(facts), bool(app & found))
    yield Line("発行店", application.issuer or NONE, coupon.issuer or NONE)
    yield Line("補償の区分", NONE, covered(facts), bool({"outside", "after_seal"} & found) or None)
    yield Line("残額", NONE, balance(facts), bool({"no_balance", "used_late"} & found) or None)


def expiry(facts: Facts) -> str:
    """The first expiry, and the one that holds."""
    first, now = facts.original_expires_at, facts.expires_at
    if first is None:
        return "期限なし"
    later = f"（延長後 {ja_moment(now.astimezone(JST))}）" if now and now != first else ""
    return ja_moment(first.astimezone(JST)) + later


def in_app(facts: Facts) -> str:
    """Where the coupon stands with the app."""
    coupon = facts.coupon
    if coupon.charged_at is None:
        return "紙のまま（チャージの記録なし）"
    charged = f"チャージ {ja_moment(coupon.charged_at.astimezone(JST))}"
    if coupon.app_left_at is None:
        return f"{charged}、利用中"
    return f"{charged}、退会 {ja_moment(coupon.app_left_at.astimezone(JST))}"


def covered(facts: Facts) -> str:
    """The category of the notice, and whether anything is owed by it."""
    if not facts.category:
        return "対象外"
    return f"{facts.category}（{'対象' if facts.eligible else '対象となる残額なし'}）"


def balance(facts: Facts) -> str:
    """Before the seal what the ledger says now, after it what is sealed (N16, N17)."""
    if facts.sealed is None:
        return f"現在 {yen(facts.balance)}（額面 {yen(facts.coupon.face_value)}）・未確定"
    extra = f"、追加確定 {yen(facts.supplement)}" if facts.supplement else ""
    return f"確定 {yen(facts.owed or 0)}{extra}（額面 {yen(facts.coupon.face_value)}）"
