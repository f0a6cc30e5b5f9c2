"""A claim (one coupon of an application) held against the ledger: a result and its reasons (N60).

What comes out is for the office only: nothing of it is ever shown to the person who asks. Before
the seal the live facts count, after it the sealed ones. A result is a field, never a decision.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import SimpleNamespace

from django.db import connection, transaction
from django.db.models import Q

from applications.models import Application, Claim, Contest
from config import clock
from config.clock import JST
from config.notice import NOTICE
from coupons import outcome
from coupons.models import Coupon
from coupons.sealing import is_sealed
from payouts import app_holders

CHUNK = 1000  # claims compared and written in one transaction

REASONS = {
    "rival": "別の申請でも請求されています",
    "in_payout": "別の支払いの手続きに入っています",
    "in_app": "アプリにチャージ済みで、退会していません",
    "prefecture": "都道府県が台帳と異なります",
    "travel_type": "旅行の種類が台帳と異なります",
    "travel_start": "チェックイン日が台帳と異なります",
    "travel_end": "旅行日（チェックアウト日）が台帳と異なります",
    "expiry": "有効期限についてのお答えが台帳と異なります",
    "outside": "期限・旅行日がお知らせの対象に当たりません",
    "no_balance": "対象となる残額がありません",
    "not_charged": "チャージの記録がありません",
    "charged_left": "チャージ後に退会した記録があります",
    "app_contact": "アプリ登録の連絡先が台帳と異なります",
    "double_charge": "二重引き落とし（B）の確認が終わっていません",
    "used_late": "基準時刻より後に使われています（期限後利用）",
    "after_seal": "残額の確定後に台帳に現れました",
}

# The trip and the expiry as the coupon has them, the outcome by the notice, and what else runs.
LEDGER = """
    SELECT c.*, r.category, r.eligible, r.in_app, r.balance,
           coalesce(s.in_app, r.in_app) AS is_in_app,
           s.coupon_id IS NULL AND EXISTS (SELECT FROM coupons_seal) AS after_seal,
           EXISTS (SELECT FROM coupons_doublecharge d WHERE d.coupon_id = c.id
                   AND d.state NOT IN ('reflected', 'denied')) AS double_charge,
           coalesce((SELECT sum(e.yen) FROM coupons_entry e WHERE e.coupon_id = c.id
                     AND e.kind = 'payment' AND e.occurred_at >= %(cut_off)s), 0) < 0 AS used_late
    FROM coupons_coupon c
    JOIN ({rule}) r ON r.coupon_id = c.id
    LEFT JOIN coupons_sealeditem s ON s.coupon_id = c.id AND s.edition = 0
    WHERE c.id = ANY(%(ids)s)"""


@dataclass(frozen=True)
class Result:
    """What comparing one claim gave: the result, its reasons in order, the ledger's coupon."""

    match: str
    reasons: tuple[str, ...] = ()
    coupon_id: int | None = None


@dataclass(frozen=True)
class Ledger:
    """What a chunk of claims is compared with, by number and by coupon."""

    coupons: dict[str, SimpleNamespace]
    rivals: dict[str, set[int]]  # number -> applications that ask for it and are not decided
    payouts: dict[int, set[int]]  # coupon -> payouts in which it stands, live
    contests: dict[str, Contest]  # number -> what the office decided last (Q14)
    giving_way: frozenset[int]  # those of the payouts that a bank application replaces (N46)


def match(claims: Iterable[Claim], at: datetime | None = None) -> dict[str, int]:
    """Compare claims with the ledger and store what came out; returns counts by result.

    Only pending claims are written, and only where the result changed. The given objects carry the
    result afterwards.
    """
    at, counts = at or clock.now(), Counter()
    found = iter(claims)
    while chunk := list(islice(found, CHUNK)):
        results = compare(chunk)
        store(chunk, results, at)
        counts.update(str(result.match) for result in results)
    return dict(counts)


def rematch() -> dict[str, int]:
    """Compare every pending claim anew, a chunk a transaction; safe twice. Returns counts."""
    at, counts, last = clock.now(), Counter(), 0
    while True:
        with transaction.atomic():
            rows = Claim.objects.filter(state="pending", pk__gt=last).select_related("application")
            chunk = list(rows.order_by("pk")[:CHUNK])
            counts.update(match(chunk, at))
        if len(chunk) < CHUNK:
            return dict(counts)
        last = chunk[-1].pk


def compare(claims: list[Claim]) -> list[Result]:
    """The results for these claims, in their order, storing nothing."""
    ledger = look_up(claims)
    return [result(claim, ledger) for claim in claims]


def look_up(claims: list[Claim]) -> Ledger:
    """What the ledger, the other applications and the payouts say of these claims' numbers."""
    numbers = {claim.inquiry_number for claim in claims if claim.inquiry_number}
    if not numbers:
        return Ledger({}, {}, {}, {}, frozenset())
    # A number that nobody issued costs the same questions as one that exists: the time of an answer
    # tells a stranger nothing.
    found = Coupon.objects.filter(inquiry_number__in=numbers)
    rows = _rows(list(found.values_list("id", flat=True)))
    rivals: dict[str, set[int]] = {}
    asking = Claim.objects.filter(undecided(), inquiry_number__in=numbers)
    for number, application_id in asking.values_list("inquiry_number", "application_id"):
        rivals.setdefault(number, set()).add(application_id)
    contests = Contest.objects.filter(inquiry_number__in=numbers).order_by("pk")
    payouts = payouts_of([row.id for row in rows])
    return Ledger(
        {row.inquiry_number: row for row in rows},
        rivals,
        payouts,
        {contest.inquiry_number: contest for contest in contests},
        app_holders.giving_way(set().union(*payouts.values())),
    )


def undecided() -> Q:
    """Claims that still ask for their coupon: approved, or pending and not turned down yet."""
    pending = Q(state="pending") & ~Q(proposal="not_covered", application__state="checked")
    return (pending & ~Q(application__state="withdrawn")) | Q(state="approved")


def payouts_of(coupon_ids: list[int]) -> dict[int, set[int]]:
    """In which payouts these coupons stand, live: at most one each, once per edition."""
    standing: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coupon_id, payout_id FROM payouts_payoutline
               WHERE coupon_id = ANY(%s) AND released_at IS NULL""",
            [coupon_ids],
        )
        for coupon_id, payout_id in cursor.fetchall():
            standing.setdefault(coupon_id, set()).add(payout_id)
    return standing


def result(claim: Claim, ledger: Ledger) -> Result:
    """One claim against what was looked up. The gravest finding names the result."""
    if not claim.inquiry_number:
        return Result(Claim.Match.TO_FOLLOW)
    coupon = ledger.coupons.get(claim.inquiry_number)
    if coupon is None:
        return Result(Claim.Match.NOT_FOUND)
    contested = list(_contested(claim, coupon, ledger))
    in_app = claim.application.method == "points" and coupon.is_in_app
    differing = list(_differing(claim, coupon))
    reasons = (*contested, *(["in_app"] if in_app else []), *differing)
    kinds = (
        (contested, Claim.Match.CONTESTED),
        (in_app, Claim.Match.APP_ACTIVE),
        (differing, Claim.Match.DIFFERS),
        (True, Claim.Match.CLEAN),
    )
    return Result(next(kind for holds, kind in kinds if holds), reasons, coupon.id)


def _contested(claim: Claim, coupon: SimpleNamespace, ledger: Ledger) -> Iterator[str]:
    rivals = ledger.rivals.get(claim.inquiry_number, set()) - {claim.application_id}
    contest = ledger.contests.get(claim.inquiry_number)
    if contest and contest.chosen_id == claim.pk:
        rivals = rivals - set(contest.over)
    if rivals:
        yield "rival"
    payouts = ledger.payouts.get(coupon.id, set()) - {claim.payout_id}
    if claim.application.method == Application.Method.BANK:
        payouts = payouts - ledger.giving_way
    if payouts:
        yield "in_payout"


def _differing(claim: Claim, coupon: SimpleNamespace) -> Iterator[str]:
    application = claim.application
    said = (
        ("prefecture", claim.prefecture_code, coupon.prefecture_code),
        ("travel_type", application.travel_type, coupon.travel_type),
        ("travel_start", application.travel_start or coupon.travel_start, coupon.travel_start),
        ("travel_end", application.travel_end, coupon.travel_end),
        ("expiry", application.expires_on_outage_day, _expires(application, coupon)),
    )
    yield from (code for code, theirs, ours in said if theirs != ours)
    yield from _owed(coupon)
    yield from _charged(claim, coupon)
    if coupon.double_charge:
        yield "double_charge"
    if coupon.used_late:
        yield "used_late"


def _expires(application: Application, coupon: SimpleNamespace) -> str:
    """The ledger's answer to the question about the first expiry; unknown fits both (N12)."""
    if application.expires_on_outage_day == "unknown":
        return "unknown"
    expiry = coupon.original_expires_at
    on_the_day = expiry and expiry.astimezone(JST).date() == NOTICE.dates.outage_day
    return "yes" if on_the_day else "no"


def _owed(coupon: SimpleNamespace) -> Iterator[str]:
    if coupon.after_seal:
        yield "after_seal"
    elif not coupon.category:
        yield "outside"
    elif not coupon.eligible or coupon.balance < 1:
        yield "no_balance"


def _charged(claim: Claim, coupon: SimpleNamespace) -> Iterator[str]:
    """How the coupon is said to stand with the app, against the record (N23, N46)."""
    use, charged = claim.coupon_use, coupon.charged_at is not None
    if use in ("charged", "left") and not charged:
        yield "not_charged"
    if use == "paper" and charged and not coupon.is_in_app:
        yield "charged_left"
    said = contact_key(claim.application.app_contact)
    known = {contact_key(coupon.app_phone), contact_key(coupon.app_email)} - {""}
    if claim.application.method == "bank" and said and known and said not in known:
        yield "app_contact"


def contact_key(contact: str) -> str:
    """A phone number or e-mail address as it is compared: digits without +81, or small letters."""
    text = contact.strip().casefold()
    return text if "@" in text else re.sub(r"\D", "", re.sub(r"^\+81", "0", text))


def _rows(coupon_ids: list[int]) -> list[SimpleNamespace]:
    rule = outcome.rule(ids=True)
    if is_sealed():  # the sealed outcome tells no place in the app: the sealed item does
        rule = f"SELECT o.*, false AS in_app FROM ({outcome.owed(ids=True)}) o"
    with connection.cursor() as cursor:
        cursor.execute(LEDGER.format(rule=rule), outcome.moments() | {"ids": coupon_ids})
        names = [column.name for column in cursor.description]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def store(claims: list[Claim], results: list[Result], at: datetime) -> None:
    """Write results to pending claims where they changed, in one statement."""
    pairs = list(zip(claims, results, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH v AS (
                   SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
                                 AS v (id, match, reasons, coupon)
               ), changed AS (  -- locked in one order, whoever else matches the same claims
                   SELECT c.id FROM applications_claim c JOIN v ON v.id = c.id
                   WHERE c.state = 'pending'
                     AND (c.matched_at IS NULL OR c.match <> v.match
                          OR array_to_string(c.match_reasons, ',') <> v.reasons
                          OR c.coupon_id IS DISTINCT FROM v.coupon)
                   ORDER BY c.id FOR UPDATE OF c
               )
               UPDATE applications_claim c
               SET match = v.match, match_reasons = string_to_array(v.reasons, ','),
                   coupon_id = v.coupon, matched_at = %s
               FROM changed JOIN v ON v.id = changed.id
               WHERE c.id = changed.id""",
            [
                [claim.pk for claim in claims],
                [result.match for result in results],
                [",".join(result.reasons) for result in results],
                [result.coupon_id for result in results],
                at,
            ],
        )
    for claim, found in pairs:
        claim.match, claim.match_reasons = found.match, list(found.reasons)
        claim.coupon_id = found.coupon_id


def suggestions(number: str, limit: int = 10) -> list[Coupon]:
    """Coupons whose number is one digit off, or has two neighbours swapped: for the office only."""
    near = {
        number[:place] + digit + number[place + 1 :]
        for place in range(len(number))
        for digit in "0123456789"
    }
    near |= {
        number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        for place in range(len(number) - 1)
    }
    found = Coupon.objects.filter(inquiry_number__in=near - {number})
    return list(found.order_by("inquiry_number")[:limit])


def labels(reasons: Iterable[str]) -> list[str]:
    """The office's words for reason codes."""
    return [REASONS.get(code, code) for code in reasons]
