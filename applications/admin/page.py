"""The page of one application, and its buttons. Opening it is written down (N83)."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from applications import cases, receipts, risks, sentences
from applications.admin import keys, previews
from applications.admin.dossier import dossier
from applications.admin.verbs import APPROVE, CHANGE, CHECK, ONWARD, VERBS, available, mine
from applications.intake import MARKS
from applications.models import Application, Claim, SecondLook
from applications.office_amendments import OPEN as AMENDABLE
from config import access
from config.states import Refused
from payouts import clerks
from payouts.admin.listing import seen

HIDDEN = ("contacts", "account")  # shown masked until they are asked for
OWN_SCRIPT = csp_replace({"script-src": [SELF]})  # shortcuts, in the working screens only
STAGES = {"check": ("次の審査", CHECK), "approve": ("次の承認", APPROVE)}


def stages(user: Any) -> dict[str, str]:
    """The hand-out buttons that an account has: stage and its label."""
    return {stage: label for stage, (label, right) in STAGES.items() if user.has_perm(right)}


def found(request: HttpRequest, pk: int) -> Application:
    """The application, for who may see it; other prefectures' do not exist here (N25)."""
    if not request.user.has_perm("applications.view_application"):
        raise PermissionDenied
    rows = Application.objects.select_related(
        "bank_account", "checked_by", "decided_by", "entered_by", "taken_by"
    )
    return get_object_or_404(clerks.scoped(rows, request.user), pk=pk)


@OWN_SCRIPT
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, noted as seen."""
    row = found(request, pk)
    seen(request, "application", row.pk)
    return page(request, row)


@OWN_SCRIPT
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One button. What is refused is told on the same page, with the choices still made.

    Who comes back to its address after a log-in, or by reloading, is led to the page.
    """
    if request.method != "POST":
        return redirect("admin:applications_application_change", pk)
    row, chosen = found(request, pk), VERBS.get(verb)
    if chosen is None:
        raise Http404(verb)
    if not chosen.allowed(request.user):
        raise PermissionDenied
    try:
        chosen.run(row, request.user, request.POST)
    except Refused as refused:
        messages.error(request, refused.message)
        return page(request, found(request, pk), status=409)
    done = f"{receipts.written(row.receipt_number)}　{chosen.done}"
    if verb == "approve" and row.looks.filter(verdict=SecondLook.Verdict.OPEN).exists():
        done += "二次確認に抽出されたため、別の担当者の確認のあとに支払いへ進みます。"
    messages.success(request, done)
    if verb in ONWARD and stages(request.user):
        return redirect("admin:applications_application_changelist")
    return redirect("admin:applications_application_change", pk)


@OWN_SCRIPT
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The page once more with what is masked in it, which is written down (N83)."""
    what = request.POST.get("what", "")
    if request.method != "POST":
        return redirect("admin:applications_application_change", pk)
    if what not in HIDDEN:
        raise Http404(what)
    row = found(request, pk)
    access.revealed(request.user, "application", row.pk, what)
    return page(request, row, revealed=(what,))


@OWN_SCRIPT
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The message that a decision or a question would write; nothing is stored or sent."""
    if request.method != "POST":
        return redirect("admin:applications_application_change", pk)
    row = found(request, pk)
    try:
        shown = previews.of(row, request.POST)
    except Refused as refused:
        messages.error(request, refused.message)
        return page(request, row, status=409)
    return page(request, row, preview=shown)


def hand_out(request: HttpRequest, stage: str) -> HttpResponse:
    """The next case of a stage; the one just put aside (`passed`) is given back.

    What was put aside in this sitting is kept in the session, until the queue has been gone through
    or the list is opened for a fresh start.
    """
    if request.method != "POST":
        return redirect("admin:applications_application_changelist")
    if stage not in stages(request.user):
        raise PermissionDenied
    passed = request.POST.get("passed", "")
    aside = Application.objects.filter(pk=passed).first() if passed.isdecimal() else None
    kept = request.session.get(f"passed_{stage}", [])
    case, kept = cases.go_on(request.user, stage=stage, aside=aside, passed=kept)
    request.session[f"passed_{stage}"] = kept
    if case is None:
        messages.info(request, "いま処理を待っている案件はありません。")
        return redirect("admin:applications_application_changelist")
    return redirect("admin:applications_application_change", case.pk)


def page(
    request: HttpRequest,
    row: Application,
    *,
    status: int = 200,
    revealed: tuple[str, ...] = (),
    preview: previews.Preview | None = None,
) -> HttpResponse:
    """Everything that is known, and the buttons of this clerk."""
    verbs, minutes = available(row, request.user), cases.minutes_left(row)
    shown = dossier(row, request.user)
    context = {
        **admin.site.each_context(request),
        **{key: getattr(shown, key) for key in shown.__dataclass_fields__},
        "title": f"申請 {receipts.written(row.receipt_number)}",
        "opts": Application._meta,
        "verbs": verbs,
        "buttons": [verb for verb in verbs.values() if verb.reasons or verb.code == "ask"],
        "stages": stages(request.user),
        "asked": sentences.ASKED,
        "not_covered": Claim.Reason.choices,
        "posted": request.POST,
        "ticked": request.POST.getlist("what"),
        "keys": keys.PAGE,
        "mine": row.taken_by_id == request.user.pk and minutes > 0,
        "minutes": minutes,
        "held": cases.held_by_another(row, request.user),
        "signed": request.user.pk in (row.checked_by_id, row.entered_by_id),
        "own": mine(row, request.user),
        "revealed": revealed,
        "preview": preview or previews.standing(row),
        "look": row.looks.filter(verdict=SecondLook.Verdict.OPEN).first(),
        "amendable": row.state in AMENDABLE and request.user.has_perm(CHANGE),
        "disclosable": request.user.has_perm("applications.disclose_application"),
        "risky": [(code, MARKS[code]) for code in row.marks if code in risks.WHY],
        "notes": row.notes.select_related("by").order_by("-pk"),
    }
    template = "admin/applications/application/page.html"
    return TemplateResponse(request, template, context, status=status)
