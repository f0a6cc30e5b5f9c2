"""電話を受けました: find the case, know the caller by two facts, write down what was said.

Until two facts agree the page names the application by its receipt number alone.
"""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from applications import inquiries, receipts, search
from applications.admin.call_pages import back, faults, found, page, posted, refused, require
from applications.admin.inquiry_forms import CallForm, FactsForm, TodoForm, searched_phone
from applications.inquiries import Identified
from applications.models import Application, Inquiry
from applications.validators.numbers import digits
from applications.validators.phones import national
from config import clock
from config.states import Refused
from coupons.models import DoubleCharge
from payouts import clerks
from payouts.admin.listing import seen

ADD, CHANGE, VIEW = (f"applications.{verb}_inquiry" for verb in ("add", "change", "view"))
SPEAKING = timedelta(hours=1)  # how long the one who identified the caller sees the case
MOST = 10
ACTS = {
    "called": (inquiries.called_back, "折り返しを記録しました。"),
    "settle": (inquiries.settle, "完了にしました。"),
}


def call(request: HttpRequest) -> HttpResponse:
    """GET: find the application, then the two facts. POST: hold them against it; write down."""
    require(request, ADD)
    application = named(request)
    call_form = CallForm(posted(request), user=request.user, initial=begins(application))
    facts = FactsForm(posted(request) if application else None)
    if request.method != "POST":
        return shown(request, application, call_form, facts)
    valid = [call_form.is_valid(), "unknown" in request.POST or not application or facts.is_valid()]
    if not all(valid):
        return shown(request, application, call_form, facts, status=422)
    try:
        row = written(request, application, call_form, facts)
    except Refused as why:
        refused(facts if application else call_form, why)
        return shown(request, application, call_form, facts, status=409)
    if row is None:
        return shown(request, application, call_form, facts, status=409)
    messages.success(request, "応対を記録しはじめました。")
    return back("applications_inquiry_change", row.pk)


def written(
    request: HttpRequest, application: Application | None, form: CallForm, facts: FactsForm
) -> Inquiry | None:
    """The new inquiry; None where facts differ, each told at its box. Raises Refused."""
    if application is None or "unknown" in request.POST:
        case = named_case(request)
        told = form.told() | ({"double_charge": case} if case else {})
        return inquiries.begin(told, by=request.user)
    identified = inquiries.compare(application, facts.given())
    if not identified.enough:
        differing(facts, identified)
        return None
    row = inquiries.begin(
        form.told(), by=request.user, application=application, identified=identified
    )
    seen(request, "application", application.pk)
    return row


def differing(facts: FactsForm, identified: Identified) -> None:
    """Say at its box which fact is not the application's."""
    for kind in identified.differed:
        facts.add_error(kind, "申請の内容と一致しません。")
    if not identified.differed:
        facts.add_error(None, "一致した事項が足りません。")


def named(request: HttpRequest) -> Application | None:
    """The application that the address names, for who may see it."""
    pk = request.GET.get("application", "")
    if not pk.isdecimal():
        return None
    return clerks.scoped(Application.objects.all(), request.user).filter(pk=pk).first()


def named_case(request: HttpRequest) -> DoubleCharge | None:
    """The case of category B that the address names."""
    pk = request.GET.get("case", "")
    if not pk.isdecimal():
        return None
    return clerks.scoped(DoubleCharge.objects.all(), request.user).filter(pk=pk).first()


def begins(application: Application | None) -> dict[str, Any]:
    """What the form is opened with."""
    return {"prefecture": application.prefecture_code} if application else {}


def candidates(request: HttpRequest) -> list[Application]:
    """Applications that a caller's words lead to: receipt, coupon, phone, mail, reading."""
    typed = request.GET.get("q", "").strip()[:100]
    rows = clerks.scoped(Application.objects.all(), request.user)
    return list(by_words(rows, typed).order_by("-pk")[:MOST]) if typed else []


def by_words(rows: QuerySet[Application], typed: str) -> QuerySet[Application]:
    """Those that one key stands for."""
    if receipt := receipts.parse(typed):
        return rows.filter(receipt_number=receipt)
    if "@" in typed:
        return rows.filter(email__iexact=typed)
    number = digits(typed)
    if len(number) == 12 and number.isdecimal():
        return rows.filter(pk__in=rows.filter(claims__inquiry_number=number).values("pk"))
    if known := searched_phone(typed):
        return rows.filter(phone=known)
    return rows.filter(pk__in=search.found(rows, typed))


def shown(
    request: HttpRequest,
    application: Application | None,
    call_form: CallForm,
    facts: FactsForm,
    status: int = 200,
) -> HttpResponse:
    """The page: nothing personal of the case stands on it."""
    context = {
        "title": "電話を受けました",
        "q": request.GET.get("q", ""),
        "candidates": [] if application else candidates(request),
        "application": application,
        "case": named_case(request),
        "call": call_form,
        "facts": facts,
        "faults": faults(call_form, facts),
    }
    return page(request, "call", Inquiry, context, status)


def show(request: HttpRequest, pk: int, form: TodoForm | None = None) -> HttpResponse:
    """GET: what is known. POST: what was said and what is to be done."""
    row = found(request, Inquiry, pk, VIEW)
    form = form or TodoForm(posted(request), initial=initial(row))
    if request.method == "POST":
        require(request, CHANGE)
        if form.is_valid() and stored(request, row, form):
            return redirect("admin:applications_inquiry_change", pk)
    seen(request, "inquiry", row.pk)
    speaking = is_speaking(row, request.user)
    if speaking:
        seen(request, "application", row.application_id)
    context = {
        "title": f"{row}　{row.get_topic_display()}",
        "row": row,
        "subject": subject(row),
        "facts": [row.get_first_fact_display(), row.get_second_fact_display()],
        "speaking": row.application if speaking else None,
        "notes": row.notes.select_related("by").order_by("id"),
        "form": form,
        "faults": faults(form),
        "may_change": request.user.has_perm(CHANGE) and row.settled_at is None,
        "waits": row.call_back_at and not row.called_back_at,
    }
    return page(request, "inquiry", Inquiry, context, 422 if form.errors else 200)


def is_speaking(row: Inquiry, user: Any) -> bool:
    """Whether this clerk identified the caller just now."""
    return bool(row.application_id and row.by_id == user.pk and clock.now() - row.at < SPEAKING)


def stored(request: HttpRequest, row: Inquiry, form: TodoForm) -> bool:
    """Write down what a valid form says. False where it was refused."""
    try:
        inquiries.revise(row, form.told(), by=request.user)
        for kind, text in form.notes().items():
            inquiries.note(row, kind, text, by=request.user)
    except Refused as why:
        refused(form, why)
        return False
    messages.success(request, "記録しました。")
    return True


def initial(row: Inquiry) -> dict[str, Any]:
    """What is to be done so far."""
    return {
        "topic": row.topic,
        "call_back_at": row.call_back_at,
        "caller_phone": national(row.caller_phone) if row.caller_phone else "",
        "escalated_to": row.escalated_to,
    }


def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """The call-back was made; nothing is left to do."""
    row = found(request, Inquiry, pk, VIEW)
    if request.method == "POST":
        require(request, CHANGE)
        if verb not in ACTS:
            raise Http404(verb)
        run, done = ACTS[verb]
        try:
            run(row, by=request.user)
        except Refused as why:
            messages.error(request, why.message)
        else:
            messages.success(request, done)
    return redirect("admin:applications_inquiry_change", pk)


def subject(row: Inquiry) -> str:
    """The number of the case that an inquiry is about."""
    if row.application:
        return receipts.written(row.application.receipt_number)
    return receipts.written(row.double_charge.case_number) if row.double_charge else ""
