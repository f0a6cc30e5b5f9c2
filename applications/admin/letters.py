"""郵送と電話連絡: letters to print and to post, calls to make, letters that came back (N29)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from applications import letters, receipts
from applications.admin.call_pages import DateForm, back, found, page, require, tried
from applications.models import Application, CallTry, Letter, LetterBatch
from applications.templatetags.office import short
from config import clock
from config.clock import JST
from config.states import Refused
from payouts import clerks
from payouts.admin import exporting
from payouts.admin.listing import OfficeList, PrefectureFilter, person, prefecture_name, seen
from payouts.models import Message

VIEW, PRINT = "applications.view_letterbatch", "applications.add_letterbatch"
RETURN, CALL = "applications.change_letter", "applications.add_calltry"
SHOWN = 100  # rows of the call list on a page
CALL_HEADS = ("電話", "お名前", "お名前（カナ）", "受付番号", "用件", "これまで（回）")


class ReturnForm(DateForm):
    """When a letter came back, and why."""

    letter = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(choices=Letter.Reason.choices)


@admin.register(LetterBatch)
class LetterBatchAdmin(OfficeList):
    """Batches, the newest first; above them what waits."""

    list_display = ("__str__", "prefecture", "count", "printed", "who", "posted_on", "returned")
    list_filter = (PrefectureFilter,)
    list_select_related = ("printed_by",)
    ordering = ("-id",)
    change_list_template = "admin/calls/letter_list.html"
    who = person("printed_by", "印刷した人")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "applications_letterbatch"
        ours = [
            path("calls/", view(calls), name=f"{name}_calls"),
            path("calls/<int:pk>/", view(called), name=f"{name}_called"),
            path("instead/<int:pk>/<slug:channel>/", view(instead), name=f"{name}_instead"),
            path("print/<str:code>/", view(print_batch), name=f"{name}_print"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/sheets/", view(sheets), name=f"{name}_sheets"),
            path("<int:pk>/post/", view(post), name=f"{name}_post"),
            path("<int:pk>/return/", view(came_back), name=f"{name}_return"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "waiting": waiting(request.user),
            "calls": letters.to_call(request.user).count(),
            "may_print": request.user.has_perm(PRINT),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @admin.display(description="通数")
    def count(self, row: LetterBatch) -> int:
        return row.letters.count()

    @admin.display(description="返送")
    def returned(self, row: LetterBatch) -> int:
        return row.letters.filter(returned_on__isnull=False).count()

    @admin.display(description="印刷", ordering="printed_at")
    def printed(self, row: LetterBatch) -> str:
        return short(row.printed_at)


def waiting(user: Any) -> list[tuple[str, str, int]]:
    """Letters to print by prefecture: code, name, how many."""
    counts: dict[str, int] = {}
    for code in letters.to_print(user).values_list("prefecture_code", flat=True):
        counts[code] = counts.get(code, 0) + 1
    return [(code, prefecture_name(code), count) for code, count in sorted(counts.items())]


@require_POST
def print_batch(request: HttpRequest, code: str) -> HttpResponse:
    """Take the waiting letters of a prefecture into a batch."""
    require(request, PRINT)
    try:
        batch = letters.print_batch(code, by=request.user)
    except Refused as why:
        messages.error(request, why.message)
        return back("applications_letterbatch_changelist")
    return back("applications_letterbatch_change", batch.pk)


def show(request: HttpRequest, pk: int, status: int = 200) -> HttpResponse:
    """A batch: print it, book its posting, book what came back."""
    row = found(request, LetterBatch, pk, VIEW)
    today = clock.now().astimezone(JST).date()
    context = {
        "title": f"郵送 {row}",
        "row": row,
        "letters": about(row.letters.select_related("message", "returned_by").order_by("place")),
        "today": today,
        "reasons": Letter.Reason.choices,
        "may_print": request.user.has_perm(PRINT),
        "may_return": request.user.has_perm(RETURN) and row.posted_on,
    }
    return page(request, "letters", LetterBatch, context, status)


def about(rows: Iterable[Letter]) -> list[tuple[Letter, str, str]]:
    """Each letter with the number that people know it by, and the address of that page."""
    found = [(row, *row.message.subject.partition(":")[::2]) for row in rows]
    ids = [pk for _, kind, pk in found if kind == "application"]
    numbers = dict(Application.objects.filter(pk__in=ids).values_list("pk", "receipt_number"))
    told = []
    for row, kind, pk in found:
        if kind == "application" and int(pk) in numbers:
            page = reverse("admin:applications_application_change", args=[pk])
            told.append((row, receipts.written(numbers[int(pk)]), page))
        elif kind == "payout":
            page = reverse("admin:payouts_payout_change", args=[pk])
            told.append((row, f"P{int(pk):08d}", page))
        else:
            told.append((row, row.message.subject, ""))
    return told


@require_safe
def sheets(request: HttpRequest, pk: int) -> HttpResponse:
    """The letters themselves, an A4 sheet each, for window envelopes. Noted as seen."""
    row = found(request, LetterBatch, pk, VIEW)
    require(request, PRINT)
    seen(request, "letterbatch", row.pk)
    shown = letters.addressed(row)
    context = {"title": f"印刷 {row}", "row": row, "sheets": shown, "day": row.printed_at}
    return page(request, "sheets", LetterBatch, context)


@require_POST
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Book the day of posting."""
    require(request, PRINT)
    form = DateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "投函日を入力してください。")
        return show(request, pk, 422)
    row = found(request, LetterBatch, pk, VIEW)
    day: date = form.cleaned_data["day"]
    tried(request, "投函を記録しました。", letters.post, row, day)
    return back("applications_letterbatch_change", pk)


@require_POST
def came_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a letter that came back."""
    require(request, RETURN)
    row, form = found(request, LetterBatch, pk, VIEW), ReturnForm(request.POST)
    if not form.is_valid():
        messages.error(request, "返送日と理由を入力してください。")
        return show(request, pk, 422)
    letter = get_object_or_404(row.letters, pk=form.cleaned_data["letter"])
    day, reason = form.cleaned_data["day"], form.cleaned_data["reason"]
    tried(request, "返送を記録しました。", letters.returned, letter, day, reason)
    return back("applications_letterbatch_change", pk)


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Who is to be called about what, and messages that found no way. Noted as seen."""
    require(request, CALL)
    rows = letters.to_call(request.user)
    lost = letters.without_way(request.user)
    seen(request, "call_list", "")
    if exporting.is_file(request):
        return exporting.taken_out(request, "call_list", CALL_HEADS, map(call_line, rows))
    context = {
        "title": "電話連絡",
        "calls": [(row, letters.described(row)) for row in rows[:SHOWN]],
        "count": rows.count(),
        "lost": [(row, letters.described(row)) for row in lost[:SHOWN]],
        "outcomes": CallTry.Outcome.choices,
    }
    return page(request, "call_list", LetterBatch, context)


def call_line(row: Message) -> tuple[object, ...]:
    """One call of the file."""
    who = letters.described(row)
    words = (who["phone"], who["name"], who["kana"], who["receipt"])
    return (*words, row.get_kind_display(), row.attempts)


@require_POST
def called(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a call."""
    require(request, CALL)
    row = message(request, pk)
    tried(request, "電話連絡を記録しました。", letters.told, row, request.POST.get("outcome", ""))
    return back("applications_letterbatch_calls")


@require_POST
def instead(request: HttpRequest, pk: int, channel: str) -> HttpResponse:
    """Send what did not arrive by letter or call."""
    require(request, CALL)
    if channel not in ("letter", "call"):
        raise Http404(channel)
    done = "郵送の待ちに加えました。" if channel == "letter" else "電話連絡に加えました。"
    tried(request, done, letters.instead, message(request, pk), channel)
    return back("applications_letterbatch_calls")


def message(request: HttpRequest, pk: int) -> Message:
    """A message of the clerk's prefectures."""
    return get_object_or_404(clerks.scoped(Message.objects.all(), request.user), pk=pk)
