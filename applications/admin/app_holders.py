"""The app-holder runs: previewed with counts and yen, prepared by one, approved by another."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import app_holders as ours
from config.states import Refused
from payouts import app_holders, clerks
from payouts.admin.listing import OfficeList, seen
from payouts.models import AppHolderRun

PREPARE, APPROVE = "payouts.add_appholderrun", "payouts.change_appholderrun"
COLUMNS = (
    *("payouts", "coupons", "yen", "by_sms", "by_email"),
    *("unreachable", "unreachable_yen"),
)
Act = Callable[[AppHolderRun, HttpRequest], object]


@admin.register(AppHolderRun)
class AppHolderRunAdmin(OfficeList):
    """The runs, newest first; the work is done on our page."""

    list_display = (
        "__str__",
        "state_label",
        "payouts",
        "yen",
        "prepared_by",
        "approved_by",
        "opened_payouts",
        "opened_yen",
    )
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)
    prefecture_field = ""
    change_list_template = "admin/app_holders/change_list.html"

    @admin.display(description="状態")
    def state_label(self, run: AppHolderRun) -> str:
        return run.state_label

    def get_queryset(self, request: HttpRequest) -> QuerySet[AppHolderRun]:
        """Runs that touch the clerk's prefectures."""
        codes = clerks.prefectures_of(request.user)
        return super().get_queryset(request).filter(prefectures__overlap=codes)

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "payouts_appholderrun"
        pages = [
            path("new/", view(new), name=f"{name}_new"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/approve/", view(approve), name=f"{name}_approve"),
            path("<int:pk>/cancel/", view(cancel), name=f"{name}_cancel"),
        ]
        return [*pages, *super().get_urls()]


def new(request: HttpRequest) -> HttpResponse:
    """GET: what a run would open now. POST: the first signature."""
    if not request.user.has_perm(PREPARE):
        raise PermissionDenied
    try:
        if request.method == "POST":
            run = ours.prepare(request.user)
            messages.success(request, "配信を作成しました。別の担当者の承認を待ちます。")
            return redirect("admin:payouts_appholderrun_change", run.pk)
        found = ours.preview(sorted(clerks.prefectures_of(request.user)))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("admin:payouts_appholderrun_changelist")
    return page(request, {"rows": found, "sums": sums(found), "title": "アプリ会員への配信の確認"})


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what was signed, what is opened, and what it would open now while it waits."""
    run = found(request, pk)
    seen(request, "appholderrun", pk)
    rows = ours.preview(run.prefectures) if run.state == "prepared" else []
    context = {
        "run": run,
        "rows": rows,
        "sums": sums(rows),
        "title": f"アプリ会員への配信　{run}",
        "may_approve": run.state == "prepared" and request.user.has_perm(APPROVE),
        "may_cancel": run.state == "prepared" and request.user.has_perm(PREPARE),
        "mine": run.prepared_by_id == request.user.pk,
        "changed": bool(rows) and sums(rows)["yen"] != run.yen,
    }
    return page(request, context)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Second signature."""
    done = "承認しました。支払いを順に作成し、送信できる時間に案内を送ります。"
    return act(request, pk, APPROVE, app_holders.approve, done)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a run that waits."""
    return act(request, pk, PREPARE, app_holders.cancel, "取り下げました。")


def act(request: HttpRequest, pk: int, right: str, do: Act, done: str) -> HttpResponse:
    """One act on a run, told on its page."""
    if not request.user.has_perm(right):
        raise PermissionDenied
    run = found(request, pk)
    try:
        do(run, request.user)
        messages.success(request, done)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_appholderrun_change", pk)


def found(request: HttpRequest, pk: int) -> AppHolderRun:
    """The run, where it touches the clerk's prefectures."""
    if not request.user.has_perm("payouts.view_appholderrun"):
        raise PermissionDenied
    codes = clerks.prefectures_of(request.user)
    return get_object_or_404(AppHolderRun.objects.filter(prefectures__overlap=codes), pk=pk)


def sums(rows: list[app_holders.Preview]) -> dict[str, int]:
    """The columns added up."""
    return {name: sum(getattr(row, name) for row in rows) for name in COLUMNS}


def page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, "admin/app_holders/page.html", context)
