"""Approving many clean cases together: preview, release by another person, progress, results."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from applications import bulk, risks
from applications.admin.verbs import APPROVE, CHECK
from applications.models import Bulk, BulkItem
from config.states import Refused
from payouts import clerks
from payouts.admin.listing import OfficeList, PrefectureFilter, person, prefecture_name, seen

VIEW = "applications.view_bulk"
SHOWN = 100  # results on one page
ACTS = {
    "approve": (bulk.approve, "承認しました。処理を始めます。"),
    "drop": (bulk.drop, "取りやめました。"),
}


@admin.register(Bulk)
class BulkAdmin(OfficeList):
    """The lists that were put forward, and what became of them."""

    list_display = (
        "__str__",
        "stands",
        "prefecture",
        "count",
        "yen",
        "preparer",
        "prepared_at",
        "approver",
        "approved_at",
    )
    list_filter = (PrefectureFilter,)
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)
    change_list_template = "admin/applications/bulk/change_list.html"
    preparer, approver = person("prepared_by", "起案者"), person("approved_by", "承認者")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view = self.admin_site.admin_view
        ours = [
            path("new/", view(new), name="applications_bulk_new"),
            path("<int:pk>/change/", view(show), name="applications_bulk_change"),
            path("<int:pk>/act/<slug:verb>/", view(act), name="applications_bulk_act"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"may_prepare": may_prepare(request.user)})

    @admin.display(description="状態")
    def stands(self, row: Bulk) -> str:
        return stands(row)


def stands(row: Bulk) -> str:
    """Where a list is, in words."""
    if row.dropped_at:
        return "取りやめ"
    if row.finished_at:
        return "完了"
    return "処理中" if row.approved_at else "承認待ち"


def may_prepare(user: Any) -> bool:
    """Who checks or approves may put a list forward."""
    return user.has_perm(CHECK) or user.has_perm(APPROVE)


def new(request: HttpRequest) -> HttpResponse:
    """What could be approved together now, by count and yen; POST fixes the list."""
    if not may_prepare(request.user):
        raise PermissionDenied
    codes = clerks.prefectures_of(request.user)
    data = request.POST if request.method == "POST" else request.GET
    code = data.get("prefecture", "") or bulk.home(codes)
    if code not in codes:
        raise PermissionDenied
    most = int(typed) if (typed := data.get("most", "")).isdecimal() else bulk.MOST
    if request.method == "POST":
        try:
            made = bulk.prepare(code, by=request.user, most=max(1, most))
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "起案しました。別の担当者の承認を待ちます。")
            return redirect("admin:applications_bulk_change", made.pk)
    else:
        risks.mark()
    ids = bulk.candidates(code, max(1, min(most, bulk.MOST)))
    yen = bulk.yen_of(ids)
    context = {
        "title": "一括承認の起案",
        "prefectures": [(each, prefecture_name(each)) for each in codes],
        "code": code,
        "count": len(ids),
        "yen": sum(yen.values()),
        "most": min(most, bulk.MOST),
        "limit": bulk.MOST,
    }
    return rendered(request, "new", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A list: before the approval its numbers and a sample, after it how far it is and each case.

    While it is in work the page asks to be loaded anew.
    """
    row = found(request, pk)
    seen(request, "bulk", row.pk)
    counts = dict(row.items.values_list("result").annotate(Count("id")).order_by())
    results = dict(BulkItem.Result.choices)
    wanted = request.GET.get("result", "")
    items = row.items.select_related("application").order_by("id")
    if wanted in results and wanted:
        items = items.filter(result=wanted)
    done = row.count - counts.get("", 0)
    context = {
        "title": f"一括承認　{row}",
        "bulk": row,
        "stands": stands(row),
        "counts": [(code, word, counts.get(code, 0)) for code, word in results.items() if code],
        "done": done,
        "percent": 100 * done // row.count,
        "sample": bulk.sample(row),
        "items": Paginator(items, SHOWN).get_page(request.GET.get("p")),
        "wanted": wanted,
        "may_approve": request.user.has_perm(APPROVE) and row.prepared_by_id != request.user.pk,
        "may_drop": may_prepare(request.user),
        "waits": not (row.approved_at or row.dropped_at),
        "running": bool(row.approved_at and not row.finished_at),
    }
    return rendered(request, "page", context)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Approve the list, or take it back."""
    row = found(request, pk)
    if verb not in ACTS:
        raise Http404(verb)
    allowed = request.user.has_perm(APPROVE) if verb == "approve" else may_prepare(request.user)
    if not allowed:
        raise PermissionDenied
    run, done = ACTS[verb]
    try:
        run(row, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, done)
    return redirect("admin:applications_bulk_change", pk)


def found(request: HttpRequest, pk: int) -> Bulk:
    """The list, for who may see it."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    rows = Bulk.objects.select_related("prepared_by", "approved_by", "dropped_by")
    return get_object_or_404(clerks.scoped(rows, request.user), pk=pk)


def rendered(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/applications/bulk/{name}.html", context)
