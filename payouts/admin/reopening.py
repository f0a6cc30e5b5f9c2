"""Lapsed payouts opened again: prepared by one person on the payout's page, decided by another."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from config import clock
from config.states import Refused
from payouts import clerks, reopening
from payouts.admin.listing import OfficeList, PayoutPrefectureFilter, StageFilter, person
from payouts.models import Payout, Reopening

PREPARE, DECIDE = "payouts.add_reopening", "payouts.change_reopening"


@admin.register(Reopening)
class ReopeningAdmin(OfficeList):
    """All of them; the payout's page has the buttons."""

    list_display = (
        "payout",
        "state",
        "until",
        "reason",
        "prepared_at",
        "prepared",
        "approved_at",
        "approved",
    )
    list_filter = (PayoutPrefectureFilter, StageFilter)
    list_select_related = ("payout", "prepared_by", "approved_by")
    prefecture_field = "payout__prefecture_code"
    ordering = ("-id",)
    fields = list_display
    readonly_fields = ("state", "prepared", "approved")
    prepared, approved = person("prepared_by", "起案者"), person("approved_by", "承認者")

    def get_urls(self) -> list[URLPattern]:
        """The three acts."""
        view, name = self.admin_site.admin_view, "payouts_reopening"
        ours = [
            path("of/<int:payout>/", view(prepare), name=f"{name}_prepare"),
            path("<int:pk>/approve/", view(approve), name=f"{name}_approve"),
            path("<int:pk>/drop/", view(drop), name=f"{name}_drop"),
        ]
        return [*ours, *super().get_urls()]

    @admin.display(description="状態")
    def state(self, row: Reopening) -> str:
        return StageFilter.of(row)


def shown(payout: Payout, user: Any) -> dict[str, Any]:
    """What the payout's page offers: the form, or the open proposal with its buttons."""
    if payout.state != Payout.State.LAPSED:
        return {}
    waiting = payout.reopenings.filter(approved_at=None, dropped_at=None)
    row = waiting.select_related("prepared_by").first()
    return {
        "reopening": row,
        "may_reopen": not row and user.has_perm(PREPARE),
        "may_decide": bool(row) and user.has_perm(DECIDE),
        "own_reopening": bool(row) and row.prepared_by_id == user.pk,
        "longest": reopening.LONGEST.days,
    }


@require_POST
def prepare(request: HttpRequest, payout: int) -> HttpResponse:
    """Propose a new last day, with the reason."""
    if not request.user.has_perm(PREPARE):
        raise PermissionDenied
    row = get_object_or_404(clerks.scoped(Payout.objects.all(), request.user), pk=payout)
    try:
        until = end_of_day(request.POST.get("last_day", ""))
        reason = request.POST.get("reason", "")
        reopening.prepare(row, until=until, reason=reason, by=request.user)
        messages.success(request, "再開を起案しました。別の担当者が承認してください。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_payout_change", payout)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person opens it."""
    row = held(request, pk)
    try:
        reopening.approve(row, by=request.user)
        messages.success(request, "受取を再開しました。新しい受取用URLをお送りします。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_payout_change", row.payout_id)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """The payout stays lapsed."""
    row = held(request, pk, PREPARE)
    try:
        reopening.drop(row, by=request.user)
        messages.success(request, "再開の起案を取りやめました。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_payout_change", row.payout_id)


def held(request: HttpRequest, pk: int, other: str = DECIDE) -> Reopening:
    """A proposal of the clerk's own offices, for who may decide (or has the `other` right)."""
    if not (request.user.has_perm(DECIDE) or request.user.has_perm(other)):
        raise PermissionDenied
    rows = Reopening.objects.select_related("payout")
    return get_object_or_404(clerks.scoped(rows, request.user, "payout__prefecture_code"), pk=pk)


def end_of_day(text: str) -> datetime:
    """The first moment after a last day (YYYY-MM-DD). Raises Refused for anything else."""
    try:
        day = date.fromisoformat(text.strip())
        return datetime.combine(day + timedelta(days=1), datetime.min.time(), clock.JST)
    except (ValueError, OverflowError):
        raise Refused("新しい受取期限の日を入力してください。", "until") from None
