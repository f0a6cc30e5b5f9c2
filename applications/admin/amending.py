"""The office amends an application: which answers, old beside new, and why (N64)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from applications import amendments, office_amendments, receipts, sentences
from applications.admin import page
from applications.admin.verbs import CHANGE
from applications.forms.status_questions import Parts, asked_parts, stored
from applications.models import Application, Claim
from config import access, clock
from config.states import Refused
from config.templatetags.notice import ja_date
from config.written import contact
from payouts.admin.listing import prefecture_name

BANK_ONLY = ("account", "lodging")


@dataclass(frozen=True)
class Line:
    """One answer as it stands and as it would stand, in words."""

    label: str
    old: str
    new: str


def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Boxes with what is known; then old beside new; then it is done and the page shows it."""
    row = page.found(request, pk)
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    if row.state not in office_amendments.OPEN:
        messages.error(request, "審査済み・決定済みの申請は、差し戻すか取り消してから訂正します。")
        return redirect("admin:applications_application_change", pk)
    data = request.POST if request.method == "POST" else request.GET
    what = [code for code in choices(row) if code in data.getlist("what")]
    if not what:
        return shown(request, row, what, None)
    parts = parts_of(row, what, request)
    if request.method != "POST":
        access.revealed(request.user, "application", row.pk, "amend")
        return shown(request, row, what, untouched(parts))
    if not parts.is_valid():
        return shown(request, row, what, parts)
    if "change" in request.POST:
        return shown(request, row, what, untouched(parts))
    if "submit" in request.POST:
        return finish(request, row, what, parts)
    return compared(request, row, what, parts)


def finish(request: HttpRequest, row: Application, what: list[str], parts: Parts) -> HttpResponse:
    """Store it; what is refused is told beside the comparison."""
    reason, text = request.POST.get("reason", ""), request.POST.get("text", "")
    try:
        office_amendments.amend(row, parts.answer(), by=request.user, reason=reason, text=text)
    except Refused as refused:
        messages.error(request, refused.message)
        return compared(request, page.found(request, row.pk), what, parts, status=409)
    messages.success(request, "訂正しました。変更前と変更後は「変更・訂正」に残ります。")
    return redirect("admin:applications_application_change", row.pk)


def compared(
    request: HttpRequest, row: Application, what: list[str], parts: Parts, status: int = 200
) -> HttpResponse:
    """Old beside new, and the reason."""
    found = office_amendments.differences(row, parts.answer())
    context = {
        "lines": [line(row, each) for each in found],
        "carried": parts.carried(parts.all()),
        "reasons": sentences.WHY["amend"],
        "posted": request.POST,
    }
    return rendered(request, row, what, context, status)


def shown(
    request: HttpRequest, row: Application, what: list[str], parts: Parts | None
) -> HttpResponse:
    """Which answers to amend, and their boxes."""
    fields = [field for part in parts.parts for field in part] if parts else []
    faults = [(field.id_for_label, error) for field in fields for error in field.errors]
    faults += [("", error) for error in (parts.non_field_errors() if parts else [])]
    kept = {"reason": request.POST.get("reason", ""), "text": request.POST.get("text", "")}
    return rendered(request, row, what, {"parts": parts, "faults": faults, "kept": kept})


def rendered(
    request: HttpRequest,
    row: Application,
    what: list[str],
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"内容の訂正　{receipts.written(row.receipt_number)}",
        "application": row,
        "choices": choices(row),
        "what": what,
        **context,
    }
    template = "admin/applications/application/amend.html"
    return TemplateResponse(request, template, context, status=status)


def choices(row: Application) -> dict[str, str]:
    """What can be amended: what can be asked back, by the road of the application."""
    bank = row.method == Application.Method.BANK
    return {
        code: str(label) for code, label in sentences.ASKED.items() if bank or code not in BANK_ONLY
    }


def parts_of(row: Application, what: list[str], request: HttpRequest) -> Parts:
    """The boxes of the applicant's own pages, with what is stored where nothing is typed."""
    claims = list(row.claims.order_by("position"))
    data = request.POST if request.method == "POST" else stored(row, claims)
    return asked_parts(row, claims, what, data, clock.now())


def untouched(parts: Parts) -> Parts:
    """The boxes without a word about them."""
    for part in parts.all():
        part.unjudged()
    return parts


def line(row: Application, found: office_amendments.Difference) -> Line:
    """A difference in words."""
    label = amendments.label(found.field)
    if found.position:
        label = f"{found.position}枚目　{label}"
    if found.field == "bank_account":
        return Line(label, "いまの口座", "入力した口座")
    return Line(label, words(found.field, found.old), words(found.field, found.new))


def words(field: str, value: Any) -> str:
    """A stored value as people read it."""
    if field == "prefecture_code":
        return prefecture_name(value)
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return ja_date(value)
    model = (
        Claim if field in amendments.CLAIM_FIELDS and field != "prefecture_code" else Application
    )
    options = dict(model._meta.get_field(field).flatchoices)
    return str(options.get(value) or contact(str(value or "")) or "なし")
