"""Batches of bank transfers: the list, the page of one, its acts and its control sheet (N73)."""

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from config.states import Refused, label
from payouts import arriving, bank_files, banks, foreseeing, results, transfers
from payouts.admin import batch_cut, batch_files, listing, offices
from payouts.admin.batch_words import TAKEN_OUT, why
from payouts.admin.listing import OfficeList, PrefectureFilter, person, prefecture_name, seen
from payouts.models import Batch, BatchStep, Transfer
from payouts.offices import OwnAccount

VIEW, CHANGE = "payouts.view_batch", batch_files.CHANGE
SHOWN = 100  # lines on one page
COPIES = (transfers.COPY, transfers.COPY_CSV)


@admin.register(Batch)
class BatchAdmin(OfficeList):
    of_the_bank = True
    list_display = (
        "id",
        "prefecture",
        "pay_on",
        "state",
        "count",
        "total_yen",
        "prepared",
        "approved",
        "handed_over_at",
    )
    list_filter = ("state", PrefectureFilter, "pay_on")
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)
    change_list_template = "admin/batches/change_list.html"
    prepared, approved = person("prepared_by", "作成者"), person("approved_by", "確定者")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "payouts_batch"
        ours = [
            path("new/", view(batch_cut.new), name=f"{name}_new"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/act/<slug:verb>/", view(act), name=f"{name}_act"),
            path("<int:pk>/file/<slug:verb>/", view(file), name=f"{name}_file"),
            path("<int:pk>/out/<int:transfer>/", view(take_out), name=f"{name}_take_out"),
            path("<int:pk>/sheet/", view(sheet), name=f"{name}_sheet"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_cut": request.user.has_perm(batch_cut.CUT)}
        return super().changelist_view(request, context | (extra_context or {}))


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch with its lines, its steps, and what can be done now."""
    row = found(request, pk, VIEW)
    seen(request, "batch", pk)
    rows = row.transfers.select_related("payout", "bank_account").prefetch_related("checks")
    rows = rows.order_by("id")
    page = Paginator(rows, SHOWN).get_page(request.GET.get("p"))
    steps = row.steps.select_related("by").order_by("id")
    context = {
        "title": f"振込データ {row.pk}",
        "row": row,
        "prefecture": prefecture_name(row.prefecture_code),
        "payer": payer_rows(row),
        "page": page,
        "lines": lines(page.object_list, check=row.state in ("cut", "released")),
        "steps": [(step, step_label(row, step), why(step.reason)) for step in steps],
        "reasons": TAKEN_OUT.items(),
        "encodings": batch_files.ENCODINGS.items(),
        "mine": row.prepared_by_id == request.user.pk,
        "may_change": request.user.has_perm(CHANGE),
        "copies": sum(step.reason in COPIES for step in steps),
        "settled_on": arriving.settled_on(row.pay_on),
    }
    return rendered(request, "batch", context)


def lines(rows: Any, *, check: bool) -> list[tuple[Transfer, str, bool, str, str]]:
    """Each transfer, its masked account, whether the newest master lacks its place, what the bank
    answered about the account, and why it could not be paid."""
    opened = [(row, foreseeing.opened(row)) for row in rows]
    places = [foreseeing.place(account) for _, account in opened if account]
    gone = banks.gone(places) if check else set()
    return [
        (
            row,
            foreseeing.masked(account),
            bool(account) and foreseeing.place(account) in gone,
            "、".join(each.get_code_display() for each in row.checks.all()),
            results.REASONS.get(row.return_reason, row.return_reason),
        )
        for row, account in opened
    ]


def step_label(row: Batch, step: BatchStep) -> str:
    """What a step did, in words."""
    return "控" if step.old == step.new else label(row, step.new)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Release by a second person, or dissolve with a reason."""
    row = found(request, pk, CHANGE)
    try:
        if verb == "release":
            transfers.release(row, by=request.user)
            messages.success(request, "確定しました。ファイルは、これから変わりません。")
        elif verb == "dissolve":
            transfers.dissolve(row, by=request.user, reason=reason_of(request))
            messages.success(request, "解散しました。支払いは、次の振込データに入れられます。")
        else:
            raise Http404(verb)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_batch_change", pk)


@require_POST
def take_out(request: HttpRequest, pk: int, transfer: int) -> HttpResponse:
    """One line out of a batch that nobody has released yet."""
    row = found(request, pk, CHANGE)
    line = get_object_or_404(row.transfers.select_related("payout"), pk=transfer)
    try:
        transfers.take_out(line, by=request.user, reason=reason_of(request))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"{line.payout}を取り外しました。")
    return redirect("admin:payouts_batch_change", pk)


def reason_of(request: HttpRequest) -> str:
    """The code of the reason that was chosen. Raises Refused."""
    reason = request.POST.get("reason", "")
    if reason not in TAKEN_OUT:
        raise Refused("理由を選んでください。", "reason")
    return reason


@require_POST
def file(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Hand over (once), a copy, or the CSV; a refusal is told on the page of the batch."""
    row = found(request, pk, CHANGE)
    if verb not in batch_files.VERBS:
        raise Http404(verb)
    try:
        return batch_files.give(request, row, verb)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("admin:payouts_batch_change", pk)


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The control sheet to sign, one A4 page: nobody's account is on it."""
    row = found(request, pk, VIEW)
    if row.state not in ("released", "handed_over"):
        messages.error(request, "確定した振込データだけが印刷できます。")
        return redirect("admin:payouts_batch_change", pk)
    seen(request, "batch", pk)
    context = {
        "title": f"振込データ送付票 {row.pk}",
        "row": row,
        "prefecture": prefecture_name(row.prefecture_code),
        "payer": payer_rows(row),
        "file_name": transfers.file_name(row),
        "copies": row.steps.filter(reason__in=COPIES).count(),
    }
    return rendered(request, "sheet", context)


def payer_rows(row: Batch) -> list[tuple[str, str]]:
    """The paying account of a batch, label and value; nothing where it is not known any more."""
    try:
        payer = bank_files.payer(row)
    except Refused:
        return []
    account = OwnAccount(
        payer.remitter_code,
        payer.remitter_name,
        payer.bank_code,
        payer.branch_code,
        payer.account_type,
        payer.account_number,
    )
    return offices.rows_of(account)


def found(request: HttpRequest, pk: int, right: str) -> Batch:
    """The batch, for who has this right."""
    rows = Batch.objects.select_related("prepared_by", "approved_by", "handed_over_by")
    return listing.found(request, rows, pk, right)


def rendered(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/batches/{name}.html", context)
