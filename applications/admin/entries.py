"""代行入力: the clerk's drafts, one page to type, one to read back, and the receipt (N89)."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from applications import desk, entries, late_access, receipts
from applications.admin.call_pages import back, faults, page, posted, require
from applications.admin.entry_forms import AgreedForm, Entry
from applications.models import AssistedEntry
from applications.templatetags.office import short
from config import clock
from config.states import Refused
from payouts import clerks
from payouts.admin.listing import OfficeList, person

ENTER = "applications.enter_application"
VIEW = "applications.view_assistedentry"


@admin.register(AssistedEntry)
class EntryAdmin(OfficeList):
    """Finished entries of the clerk's prefectures, and the clerk's own drafts."""

    list_display = ("number", "way", "arrived", "receipt", "who", "finished")
    list_filter = ("way",)
    list_select_related = ("by", "application")
    prefecture_field = ""
    ordering = ("-id",)
    change_list_template = "admin/calls/entry_list.html"
    who = person("by", "入力者")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).filter(application__isnull=False)
        return clerks.scoped(rows, request.user, "application__prefecture_code")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "applications_assistedentry"
        ours = [
            path("begin/", view(begin), name=f"{name}_begin"),
            path("<int:pk>/type/", view(write), name=f"{name}_type"),
            path("<int:pk>/read/", view(read), name=f"{name}_read"),
            path("<int:pk>/drop/", view(drop), name=f"{name}_drop"),
            path("<int:pk>/change/", view(done), name=f"{name}_change"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "may_enter": request.user.has_perm(ENTER),
            "drafts": list(entries.drafts(request.user)),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @admin.display(description="番号", ordering="id")
    def number(self, row: AssistedEntry) -> str:
        return str(row)

    @admin.display(description="受付", ordering="arrived_at")
    def arrived(self, row: AssistedEntry) -> str:
        return short(row.arrived_at)

    @admin.display(description="受付番号")
    def receipt(self, row: AssistedEntry) -> str:
        return receipts.written(row.application.receipt_number)

    @admin.display(description="申請にした日時", ordering="finished_at")
    def finished(self, row: AssistedEntry) -> str:
        return short(row.finished_at)


def own(request: HttpRequest, pk: int) -> AssistedEntry:
    """A clerk's own entry; other clerks' drafts do not exist here."""
    require(request, ENTER)
    return get_object_or_404(AssistedEntry, pk=pk, by=request.user)


def begin(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    require(request, ENTER)
    if request.method != "POST":
        return back("applications_assistedentry_changelist")
    return back("applications_assistedentry_type", entries.begin(by=request.user).pk)


def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on one page. POST keeps the draft; with no mistake it goes on to reading back."""
    row = own(request, pk)
    if row.finished_at or row.dropped_at:
        return ended(row)
    typed = posted(request)
    entry = Entry(row, typed, user=request.user, at=clock.now())
    if typed is not None:
        if "add" in typed:
            entry.more()
        entries.save(row, entry.typed(), by=request.user)
        if "add" in typed or "keep" in typed:
            messages.success(request, "下書きを保存しました。")
            return back("applications_assistedentry_type", pk)
        if entry.is_valid():
            return back("applications_assistedentry_read", pk)
    return form_page(request, row, entry)


def form_page(request: HttpRequest, row: AssistedEntry, entry: Entry) -> HttpResponse:
    """The page with all forms; a draft that is opened again says nothing yet."""
    found = entry.forms()
    if not entry.posted:
        found = [form.unjudged() for form in found]
    coupons, person_form, receive, bank = found
    judged = [entry.arrival, *found] if entry.posted else []
    context = {
        "title": str(row),
        "row": row,
        "arrival": entry.arrival,
        "coupons": coupons,
        "person": person_form,
        "receive": receive,
        "bank": bank,
        "by_bank": "bank" in entry.journey.route(),
        "faults": faults(*judged),
    }
    return page(request, "entry", AssistedEntry, context, 422 if context["faults"] else 200)


def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read everything back, take the consent, send it through the one door."""
    row = own(request, pk)
    if row.finished_at or row.dropped_at:
        return ended(row)
    entry = Entry(row, None, user=request.user, at=clock.now())
    if not entry.is_valid():
        messages.error(request, "入力に足りないところがあります。")
        return back("applications_assistedentry_type", pk)
    answers, arrival = entry.journey.answers(), entry.arrival.arrival()
    in_time = entries.in_time(arrival.at, answers.method)
    form = AgreedForm(
        posted(request),
        steps=[(section.step, section.title) for section in entry.sections()],
        spoken=arrival.way not in AssistedEntry.PAPER,
        late=None if in_time else late_access.living(answers.prefecture),
    )
    if request.method == "POST" and form.is_valid() and sent(request, row, entry, form):
        return back("applications_assistedentry_change", pk)
    return read_page(request, row, entry, form)


def sent(request: HttpRequest, row: AssistedEntry, entry: Entry, form: AgreedForm) -> bool:
    """Through the door. False where it was refused, told on the form."""
    answers, arrival = entry.journey.answers(), entry.arrival.arrival()
    late = form.cleaned_data.get("late")
    try:
        entries.finish(row, answers, arrival, form.agreed(), by=request.user, late=late)
    except Refused as why:
        form.add_error(None, why.message)
        return False
    messages.success(request, "申請を受け付けました。")
    return True


def read_page(
    request: HttpRequest, row: AssistedEntry, entry: Entry, form: AgreedForm
) -> HttpResponse:
    """What is read out, and what to tick."""
    arrival = entry.arrival.arrival()
    context = {
        "title": f"{row}　読み上げて確認",
        "row": row,
        "sections": entry.sections(),
        "arrival": arrival,
        "way": AssistedEntry.Way(arrival.way).label,
        "in_time": "late" not in form.fields,
        "spoken": form.spoken,
        "form": form,
        "faults": faults(form),
    }
    return page(request, "entry_read", AssistedEntry, context, 422 if form.errors else 200)


def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    row = own(request, pk)
    if request.method == "POST":
        try:
            entries.drop(row, by=request.user)
        except Refused as why:
            messages.error(request, why.message)
        else:
            messages.success(request, "下書きを取りやめました。入力した内容は消しました。")
    return back("applications_assistedentry_changelist")


def ended(row: AssistedEntry) -> HttpResponse:
    """Where a finished or dropped draft leads."""
    if row.application_id:
        return redirect("admin:applications_assistedentry_change", row.pk)
    return redirect("admin:applications_assistedentry_changelist")


@require_safe
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt to read out or to print."""
    require(request, VIEW)
    row = get_object_or_404(AssistedEntry.objects.select_related("application", "by"), pk=pk)
    made = row.application
    visible = clerks.visible(request.user)
    if made is None or (visible is not None and made.prefecture_code not in visible):
        raise Http404(pk)
    context = {
        "title": f"{row}　受付票",
        "row": row,
        "made": made,
        "aloud": list(
            zip(desk.groups(made.receipt_number), readings(made.receipt_number), strict=True)
        ),
        "read_back": row.read_back,
    }
    return page(request, "entry_done", AssistedEntry, context)


def readings(number: str) -> list[str]:
    """Each group of a receipt number as it is read out."""
    return desk.reading(number).split("　")
