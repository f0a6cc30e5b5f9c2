"""The page of one category B case: facts, movements, the shop's answer, its buttons (N40, N41)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from applications import desk
from applications.admin.desk_call import TAKE, Movement, movements
from config.clock import JST
from config.states import Refused
from coupons import double_charges
from coupons.facts import facts_of
from coupons.models import DoubleCharge, DoubleChargeNote
from payouts import clerks
from payouts.admin.listing import seen

CHANGE = "coupons.change_doublecharge"
TEMPLATE = "admin/desk/case.html"
EVERY = tuple(DoubleCharge.State.values)
Run = Callable[[DoubleCharge, Any, QueryDict], object]


@dataclass(frozen=True)
class Verb:
    """One button: its label, what is said afterwards, the states in which it stands, its act."""

    code: str
    label: str
    done: str
    states: tuple[str, ...]
    run: Run = field(repr=False)


def answer(row: DoubleCharge, by: Any, posted: QueryDict) -> None:
    """What the shop holds, in words."""
    double_charges.note(row, posted.get("text", ""), by, DoubleChargeNote.Kind.SHOP)


def call_back(row: DoubleCharge, by: Any, posted: QueryDict) -> None:
    """A new moment to call back, or none any more."""
    typed = posted.get("call_back_at", "").strip()
    at = parse_datetime(typed) if typed else None
    if typed and at is None:
        raise Refused("折り返しの日時をご確認ください。", "moment")
    double_charges.call_back(row, at.replace(tzinfo=at.tzinfo or JST) if at else None, by)


VERBS = {
    verb.code: verb
    for verb in (
        Verb(
            "ask_shop",
            "店舗へ確認する",
            "店舗へ確認中にしました。",
            ("taken",),
            lambda row, by, posted: double_charges.ask_shop(row, by),
        ),
        Verb("answer", "店舗の回答を記録する", "記録しました。", ("asked_shop",), answer),
        Verb(
            "confirm",
            "確認済みにする",
            "確認済みにしました。戻入依頼は、別の担当者が確定します。",
            ("asked_shop",),
            lambda row, by, posted: desk.confirm(row, posted.getlist("debit"), by=by),
        ),
        Verb(
            "deny",
            "確認できず（終了）",
            "終了しました。",
            ("asked_shop", "confirmed"),
            lambda row, by, posted: desk.deny(row, posted.get("reason", ""), by=by),
        ),
        Verb(
            "identify",
            "このクーポンに特定する",
            "クーポンを特定しました。",
            ("taken", "asked_shop"),
            lambda row, by, posted: desk.identify(row, posted.get("number", ""), by=by),
        ),
        Verb("call_back", "折り返し予定を変える", "折り返し予定を変えました。", EVERY, call_back),
        Verb(
            "note",
            "メモを残す",
            "メモを残しました。",
            EVERY,
            lambda row, by, posted: double_charges.note(row, posted.get("text", ""), by),
        ),
    )
}


def found(request: HttpRequest, pk: int) -> DoubleCharge:
    """The case, for who may see it; other prefectures' do not exist here (N25)."""
    if not request.user.has_perm("coupons.view_doublecharge"):
        raise PermissionDenied
    rows = DoubleCharge.objects.select_related(
        "coupon", "taken_by", "confirmed_by", "instructed_by", "give_back_list"
    )
    return get_object_or_404(clerks.scoped(rows, request.user), pk=pk)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, noted as seen."""
    row = found(request, pk)
    seen(request, "doublecharge", row.pk)
    return page(request, row)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One button. What is refused is told on the same page, with the choices still made."""
    row, chosen = found(request, pk), VERBS.get(verb)
    if chosen is None:
        raise Http404(verb)
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    try:
        if row.state not in chosen.states:
            raise Refused("この状態の受付では行えません。画面を開き直してください。", "moved")
        chosen.run(row, request.user, request.POST)
    except Refused as refused:
        messages.error(request, refused.message)
        return page(request, found(request, pk), status=409)
    messages.success(request, chosen.done)
    return redirect("admin:coupons_doublecharge_change", pk)


def page(request: HttpRequest, row: DoubleCharge, status: int = 200) -> HttpResponse:
    """Everything that is known of a case, and the buttons of this clerk."""
    may = request.user.has_perm(CHANGE)
    facts = facts_of(row.coupon) if row.coupon else None
    shown = movements(facts) if facts else []
    context = {
        **admin.site.each_context(request),
        **told(row),
        "title": f"B {desk.written(row.case_number)}",
        "opts": DoubleCharge._meta,
        "ledger": facts,
        "movements": shown,
        "chosen": request.POST.getlist("debit") or proposed(row, shown),
        "verbs": {code for code, verb in VERBS.items() if may and row.state in verb.states},
        "denied": desk.DENIED,
        "may_take": request.user.has_perm(TAKE),
        "asking": desk.asking_for(row.inquiry_number, request.user),
    }
    return TemplateResponse(request, TEMPLATE, context, status=status)


def told(row: DoubleCharge) -> dict[str, Any]:
    """What the case itself holds."""
    return {
        "case": row,
        "groups": desk.groups(row.case_number),
        "reading": desk.reading(row.case_number),
        "debits": dict(row.debits.values_list("transaction_id", "amount")),
        "application": desk.application_of(row),
        "notes": row.notes.select_related("by").order_by("-pk"),
        "answered": row.notes.filter(kind=DoubleChargeNote.Kind.SHOP).exists(),
        "steps": row.steps.select_related("by").order_by("-pk"),
    }


def proposed(row: DoubleCharge, shown: list[Movement]) -> list[str]:
    """The debits ticked beforehand: ② all repeated ones; ① the one that fits what was told."""
    band = [each for each in shown if each.in_band and each.payment]
    if row.case == DoubleCharge.Case.PRESSED_AGAIN:
        return [each.entry.transaction_id for each in band if each.doubled]
    fits = [each for each in band if row.told_yen in (None, each.entry.amount)]
    return [fits[0].entry.transaction_id] if len(fits) == 1 else []
