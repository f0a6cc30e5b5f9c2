"""Everything about one application on one page: check list, relations, messages, history, money."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from applications import amendments, risks, sentences
from applications.admin.comparison import Card, cards
from applications.intake import MARKS
from applications.models import Application, ChangeRequest, Claim
from applications.validators.kana import same_reading
from config.clock import JST
from config.states import Refused, Stateful, label
from config.templatetags.notice import ja_moment
from payouts import accounts, clerks
from payouts.links import kana_key
from payouts.models import Message, Payout

MOST, NEAR = 20, 8  # messages, related applications of one kind on the page
LOOKED_AT = 200  # of the same name or postal code


@dataclass(frozen=True)
class Check:
    """One item of the check list: passed (True, False, None: not known) and why."""

    label: str
    passed: bool | None
    why: str


@dataclass(frozen=True)
class Event:
    """One step of the history: when, what, by whom."""

    at: datetime
    thing: str
    old: str
    new: str
    by: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One answer that was changed: which, from what to what, when and by whom."""

    field: str
    thing: str
    old: str
    new: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Dossier:
    """What the page shows."""

    application: Application
    cards: list[Card]
    account: accounts.Account | None
    checks: list[Check]
    related: list[tuple[Application, list[str]]]
    payouts: list[Payout]
    messages_written: list[Message]
    history: list[Event]
    marks: list[str]
    changed: list[Change]
    wishes: list[ChangeRequest]


def dossier(application: Application, user: Any) -> Dossier:
    """Read it all; about forty queries for ten coupons."""
    found = cards(application, user)
    payouts = payouts_of(application)
    account = account_of(application)
    return Dossier(
        application,
        found,
        account,
        checks(application, found, account),
        related(application, user),
        payouts,
        messages(application, payouts),
        history(application, payouts),
        marks_of(application),
        changes(application),
        list(application.change_requests.order_by("-pk")),
    )


def changes(application: Application) -> list[Change]:
    """What the applicant or the office changed, the newest first; an account is not told."""
    rows = application.amendments.select_related("claim", "by").order_by("-id")[:MOST]
    return [
        Change(
            row.field,
            (f"{row.claim.position}枚目 " if row.claim else "") + amendments.label(row.field),
            *(("", "") if row.field == "bank_account" else (row.old, row.new)),
            row.at,
            row.by.get_username() if row.by else "申請者",
        )
        for row in rows
    ]


def marks_of(application: Application) -> list[str]:
    """What intake found worth a look, in words."""
    return [MARKS.get(mark, mark) for mark in application.marks]


def account_of(application: Application) -> accounts.Account | None:
    """The account in clear, where there is one that still can be read."""
    try:
        return accounts.read(application.bank_account) if application.bank_account else None
    except Refused:
        return None


def checks(
    application: Application, found: list[Card], account: accounts.Account | None
) -> list[Check]:
    """What a reviewer would look up one by one."""
    claims = [card.claim for card in found]
    wrong = [claim.position for claim in claims if claim.match == Claim.Match.NOT_FOUND]
    follow = [claim.position for claim in claims if claim.match == Claim.Match.TO_FOLLOW]
    unmatched = [claim.position for claim in claims if not claim.coupon_id]
    differing = [card.claim.position for card in found if card.reasons]
    contested = [card.claim.position for card in found if card.rivals or card.standing]
    arrived = ja_moment(application.arrived_at.astimezone(JST))
    listed = [
        Check("期限内の受付", True, f"{arrived} 到着"),
        Check("お問合せ番号", _verdict(wrong, follow), _places(wrong or follow, "台帳にあります")),
        _agreement(differing, unmatched),
        _owed(found),
        Check("重複", not contested, _places(contested, "ほかの申請・支払いはありません")),
        Check("要確認の印", not application.marks, "、".join(marks_of(application)) or "なし"),
    ]
    if application.channel:
        proved = application.channel_proved_at
        why = ja_moment(proved.astimezone(JST)) if proved else "まだ届いたと確かめられていません"
        listed.append(Check("配信先の到達確認", bool(proved) or None, why))
    if application.entered_by:
        listed.append(Check("代行入力", None, f"{application.entered_by}が入力。承認は別の担当者"))
    if application.bank_account:
        listed.append(_holder(application, account))
    return listed


def _agreement(differing: list[int], unmatched: list[int]) -> Check:
    """What nobody could compare does not agree."""
    if differing:
        return Check("台帳との一致", False, _places(differing, ""))
    if unmatched:
        return Check("台帳との一致", None, f"{_places(unmatched, '')}は台帳と照合できていません")
    return Check("台帳との一致", True, "すべて一致しています")


def _owed(found: list[Card]) -> Check:
    """Whether the notice owes something for each coupon that the ledger knows."""
    known = [card for card in found if card.facts]
    nothing = [card.claim.position for card in known if not card.facts.eligible]
    if nothing:
        return Check("補償の対象", False, f"{_places(nothing, '')}は対象となる残額がありません")
    if len(known) < len(found):
        return Check("補償の対象", None, "台帳で特定できていないクーポンがあります")
    sealed = all(card.facts.sealed is not None for card in known)
    return Check("補償の対象", True, "残額は確定しています" if sealed else "残額は未確定です")


def _verdict(wrong: list[int], follow: list[int]) -> bool | None:
    return False if wrong else (None if follow else True)


def _places(positions: list[int], otherwise: str) -> str:
    return "・".join(f"{position}枚目" for position in positions) if positions else otherwise


def _holder(application: Application, account: accounts.Account | None) -> Check:
    if account is None:
        return Check("口座名義", None, "口座を読み取れません")
    same = same_reading(account.holder_kana) == same_reading(application.kana)
    return Check("口座名義", same, account.holder_kana)


def related(application: Application, user: Any) -> list[tuple[Application, list[str]]]:
    """Other applications with the same contact, name, address, account or coupon; what they share.

    A name alone brings few, since many people share one.
    """
    found: dict[int, tuple[Application, list[str]]] = {}
    rows: QuerySet[Application] = clerks.scoped(Application.objects.all(), user)
    for word, condition in alike(application):
        for row in rows.filter(condition).exclude(pk=application.pk).order_by("-pk")[:NEAR]:
            found.setdefault(row.pk, (row, []))[1].append(word)
    return list(found.values())


def alike(application: Application) -> list[tuple[str, Q]]:
    """What may be shared, each with its condition; every one is looked up in an index."""
    same: list[tuple[str, Q]] = []
    if application.phone:
        same.append(("電話", Q(phone=application.phone) | Q(delivery=application.phone)))
    if application.email:
        same.append(("メール", Q(email=application.email) | Q(delivery=application.email)))
    if application.delivery and application.delivery not in (application.phone, application.email):
        same.append(("配信先", Q(delivery=application.delivery)))
    if application.bank_account and application.bank_account.account_hash:
        same.append(("口座", Q(bank_account__account_hash=application.bank_account.account_hash)))
    if application.postal_code:
        same.append(("住所", Q(pk__in=neighbours(application))))
    same.append(("名前", Q(pk__in=namesakes(application))))
    numbers = application.claims.exclude(inquiry_number="").values("inquiry_number")
    asking = Claim.objects.filter(inquiry_number__in=numbers).values("application")
    same.append(("クーポン", Q(pk__in=asking)))
    return same


def namesakes(application: Application) -> list[int]:
    """Who has the same reading, however it was typed."""
    wanted = kana_key(application.kana)
    near = Application.objects.filter(search__contains=application.search).order_by("-pk")
    rows = near.values_list("pk", "kana")[:LOOKED_AT]
    return [pk for pk, kana in rows if kana_key(kana) == wanted][: NEAR + 1]


def neighbours(application: Application) -> list[int]:
    """Who lives at the same address, however it was typed."""
    wanted = risks.folded_address(application)
    near = Application.objects.filter(postal_code=application.postal_code).order_by("-pk")
    rows = near.only("postal_code", "address")[:LOOKED_AT]
    return [row.pk for row in rows if risks.folded_address(row) == wanted]


def payouts_of(application: Application) -> list[Payout]:
    """The payouts behind the application's approved coupons."""
    rows = Payout.objects.filter(pk__in=application.claims.values("payout"))
    return list(rows.select_related("approved_by").order_by("pk"))


def messages(application: Application, payouts: list[Payout]) -> list[Message]:
    """What was written to the applicant, the newest first, with every try."""
    subjects = [f"application:{application.pk}", *(f"payout:{payout.pk}" for payout in payouts)]
    rows = Message.objects.filter(subject__in=subjects).prefetch_related("tries")
    return list(rows.order_by("-pk")[:MOST])


def history(application: Application, payouts: list[Payout]) -> list[Event]:
    """Every step of the application, its coupons and its payouts, the newest first."""
    things: list[tuple[str, Stateful]] = [("申請", application)]
    things += [
        (f"{claim.position}枚目", claim) for claim in application.claims.order_by("position")
    ]
    things += [(str(payout), payout) for payout in payouts]
    events = [
        Event(
            step.at.astimezone(JST),
            thing,
            label(row, step.old) if step.old else "",
            label(row, step.new),
            step.by.get_username() if step.by else "",
            sentences.why(step.reason),
        )
        for thing, row in things
        for step in row.steps.select_related("by").order_by("id")
    ]
    return sorted(events, key=attrgetter("at"), reverse=True)
