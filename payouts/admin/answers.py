"""The bank's answers by file: chosen, shown line by line, then booked by who confirms (N74)."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from config.states import Refused, label
from payouts import account_checks, answer_files, bank_csv, clerks, foreseeing, results
from payouts.admin import listing
from payouts.admin.listing import (
    OfficeList,
    PrefectureFilter,
    StageFilter,
    person,
    prefecture_name,
    seen,
)
from payouts.bank_csv import Found
from payouts.models import AccountCheck, AnswerFile, Transfer

VIEW, BOOK = "payouts.view_answerfile", "payouts.add_answerfile"
SHOWN = 100  # lines on one page
FAULTS = 200  # lines that can't be booked, told at once
OUTCOMES = {
    "paid": "口座への入金を確認",
    "returned": "振込不能",
    "accepted": "受付済み（変わりません）",
    "fits": "口座が一致",
    "taken_out": "取り外し",
    "unchanged": "記帳済み（変わりません）",
}


class AnswerForm(forms.Form):
    """One file of one office."""

    kind = forms.ChoiceField(
        label="種類",
        choices=AnswerFile.Kind.choices,
        error_messages={"required": "種類を選んでください。"},
    )
    prefecture = forms.ChoiceField(
        label="都道府県", error_messages={"required": "都道府県を選んでください。"}
    )
    file = forms.FileField(
        label="ファイル",
        help_text="UTF-8かShift_JIS（CP932）のCSV、5MBまで。",
        error_messages={
            "required": "ファイルを選んでください。",
            "empty": "ファイルの中身がありません。",
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = clerks.prefectures_of(user)
        self.fields["prefecture"].choices = [(each, prefecture_name(each)) for each in codes]


@dataclass(frozen=True)
class Line:
    """A line as the page shows it. `became`: where booking it leads, "" where nothing changes."""

    number: int
    transfer_id: int
    transfer: Transfer | None
    account: str
    said: str
    why: str
    was: str
    became: str
    fault: str


class BookedFilter(StageFilter):
    """Files whose lines are booked, or not yet."""

    decided_at, waiting, decided = "booked_at", "読み取り済み（記帳待ち）", "記帳済み"


@admin.register(AnswerFile)
class AnswerFileAdmin(OfficeList):
    """All files, the newest first; each with the page where it is booked or dropped."""

    of_the_bank = True
    change_list_template = "admin/answers/change_list.html"
    list_display = (
        "id",
        "kind",
        "state",
        "prefecture",
        "file_name",
        "count",
        "read_at",
        "reader",
        "booked_at",
        "booker",
    )
    list_filter = ("kind", PrefectureFilter, BookedFilter)
    list_select_related = ("read_by", "booked_by")
    ordering = ("-id",)
    reader, booker = person("read_by", "読み取った人"), person("booked_by", "記帳した人")

    def get_urls(self) -> list[URLPattern]:
        """Our page and its acts instead of Django's form."""
        view, name = self.admin_site.admin_view, "payouts_answerfile"
        ours = [
            path("new/", view(new), name=f"{name}_new"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/book/", view(book), name=f"{name}_book"),
            path("<int:pk>/drop/", view(drop), name=f"{name}_drop"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_book": request.user.has_perm(BOOK)}
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description="状態")
    def state(self, row: AnswerFile) -> str:
        return BookedFilter.of(row)


def new(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: the file is read; without a fault its page shows every line."""
    if not request.user.has_perm(BOOK):
        raise PermissionDenied
    asked = {key: request.GET[key] for key in ("kind", "prefecture") if key in request.GET}
    form = AnswerForm(request.POST or None, request.FILES or None, user=request.user, initial=asked)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        file, kind = form.cleaned_data["file"], form.cleaned_data["kind"]
        raw = file.read(answer_files.LARGEST + 1)
        try:
            code = form.cleaned_data["prefecture"]
            row = answer_files.submit(raw, file.name, kind, code, by=request.user)
            return redirect("admin:payouts_answerfile_change", row.pk)
        except Refused as refused:
            twin = answer_files.twin(raw, kind) if refused.code == "again" else None
            if twin and clerks.scoped(AnswerFile.objects.filter(pk=twin.pk), request.user):
                messages.warning(request, refused.message)
                return redirect("admin:payouts_answerfile_change", twin.pk)
            faults = refused.message.splitlines()
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "faults": faults, "reasons": results.REASONS.values()}
    return page(request, "new", context, status=status)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line with its transfer, what booking would change, and what can't be booked."""
    row = found(request, pk, VIEW)
    seen(request, "answerfile", pk)
    is_open = not (row.booked_at or row.dropped_at)
    every = answer_files.preview(row, by=request.user)
    faults = [each for each in every if each.fault] if is_open else []
    here = Paginator(every, SHOWN).get_page(request.GET.get("p"))
    may = is_open and request.user.has_perm(BOOK)
    context = {
        "row": row,
        "state": BookedFilter.of(row),
        "prefecture": prefecture_name(row.prefecture_code),
        "open": is_open,
        "page": here,
        "lines": [line(each, is_open=is_open) for each in here.object_list],
        "sums": sums(every) if is_open else outcome(row),
        "faults": [bank_csv.told(each) for each in faults[:FAULTS]],
        "fault_count": len(faults),
        "may_book": may and not faults,
        "may_drop": may,
        "checks": row.kind == AnswerFile.Kind.CHECKS,
    }
    return page(request, "show", context)


def line(found: Found[answer_files.Line], *, is_open: bool) -> Line:
    """A line for the page."""
    transfer = found.transfer
    account = foreseeing.masked(foreseeing.opened(transfer)) if transfer else ""
    answer = found.answer
    if isinstance(answer, results.Result):
        said, new = results.LABELS[answer.result], answer.result
        why = results.REASONS.get(answer.reason, "")
    else:
        said, why = AccountCheck.Code(answer.code).label, ""
        new = "" if answer.code == account_checks.FITS else "removed"
    return Line(
        number=answer.line,
        transfer_id=answer.transfer_id,
        transfer=transfer,
        account=account,
        said=said,
        why=why,
        was=label(transfer, transfer.state) if transfer else "",
        became=label(transfer, new) if transfer and found.moves and new and is_open else "",
        fault=found.fault if is_open else "",
    )


def sums(every: Any) -> list[tuple[str, int, int]]:
    """What booking would do: label, count and yen."""
    counted: dict[str, tuple[int, int]] = {}
    for each in every:
        count, yen = counted.get(key := kind_of(each), (0, 0))
        counted[key] = count + 1, yen + (each.transfer.amount if each.transfer else 0)
    known = {**OUTCOMES, "fault": "記帳できない行"}
    return [(known[key], *counted[key]) for key in known if key in counted]


def kind_of(each: Found[answer_files.Line]) -> str:
    """Under which head of OUTCOMES a line would be counted."""
    if each.fault:
        return "fault"
    answer = each.answer
    if isinstance(answer, results.Result) and answer.result == results.ACCEPTED:
        return results.ACCEPTED
    if not each.moves:
        return "unchanged"
    if isinstance(answer, results.Result):
        return answer.result
    return "fits" if answer.code == account_checks.FITS else "taken_out"


def outcome(row: AnswerFile) -> list[tuple[str, int, None]]:
    """What booking did."""
    return [(OUTCOMES[key], count, None) for key, count in row.outcome.items() if count]


@require_POST
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book what was shown."""
    row = found(request, pk, BOOK)
    try:
        booked = answer_files.book(row, by=request.user)
        told = "、".join(f"{word} {count:,}件" for word, count, _ in outcome(booked))
        messages.success(request, f"記帳しました（{told}）。")
        if booked.outcome.get("returned") or booked.outcome.get("taken_out"):
            messages.info(
                request, "口座の訂正のお願いは、1分ほどのうちに申請者へ自動で送られます。"
            )
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_answerfile_change", pk)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is booked; the same file can be chosen again."""
    try:
        answer_files.drop(found(request, pk, BOOK), by=request.user)
        messages.success(request, "取りやめました。何も変えていません。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_answerfile_change", pk)


def found(request: HttpRequest, pk: int, right: str) -> AnswerFile:
    """A file of the clerk's own offices, for who has this right."""
    rows = AnswerFile.objects.select_related("read_by", "booked_by")
    return listing.found(request, rows, pk, right)


def page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the bank's answers."""
    context = {**admin.site.each_context(request), "title": "銀行の回答の取込", **context}
    return TemplateResponse(request, f"admin/answers/{name}.html", context, status=status)
