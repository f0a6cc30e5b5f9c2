"""Payouts that can't be made: what was tried, proposed by one, decided by another (N49, N65)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import giving_up, receipts, returns
from applications.models import Application
from config import clock
from config.states import Refused
from payouts import clerks, results
from payouts.admin.listing import (
    OfficeList,
    PayoutPrefectureFilter,
    StageFilter,
    person,
    prefecture_name,
    seen,
)
from payouts.models import GivingUp, Message, Payout, Transfer

VIEW, PROPOSE, DECIDE = (f"payouts.{verb}_givingup" for verb in ("view", "add", "change"))
WAITING = 100  # payouts on the work list at once


@dataclass(frozen=True)
class Returned:
    """A payout whose money came back, and how far its correction is."""

    payout: Payout
    prefecture: str
    why: str
    since: datetime | None
    stage: str


@admin.register(GivingUp)
class GivingUpAdmin(OfficeList):
    """All proposals; above them what waits for another account."""

    of_the_bank = True
    change_list_template = "admin/answers/giving_up_list.html"
    list_display = (
        "payout",
        "state",
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
    prepared, approved = person("prepared_by", "起案者"), person("approved_by", "承認者")

    def get_urls(self) -> list[URLPattern]:
        """The page of a payout, and the two acts."""
        view, name = self.admin_site.admin_view, "payouts_givingup"
        ours = [
            path("of/<int:payout>/", view(of), name=f"{name}_of"),
            path("<int:pk>/approve/", view(act), {"verb": "approve"}, f"{name}_approve"),
            path("<int:pk>/drop/", view(act), {"verb": "drop"}, f"{name}_drop"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        rows = clerks.scoped(Payout.objects.filter(state="returned"), request.user).order_by("id")
        context = {
            "waiting": [returned(row) for row in rows[:WAITING]],
            "waiting_count": rows.count(),
            "end": returns.end(),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """The page of the payout, where everything of it is done."""
        row = self.row_of(request, object_id)
        return redirect("admin:payouts_givingup_of", row.payout_id)

    @admin.display(description="状態")
    def state(self, row: GivingUp) -> str:
        return StageFilter.of(row)


def of(request: HttpRequest, payout: int) -> HttpResponse:
    """GET: what was tried, and the proposal or its form. POST: propose."""
    right = PROPOSE if request.method == "POST" else VIEW
    if not request.user.has_perm(right):
        raise PermissionDenied
    rows = clerks.scoped(Payout.objects.filter(road=Payout.Road.BANK), request.user)
    row = get_object_or_404(rows, pk=payout)
    fault = ""
    if request.method == "POST":
        try:
            giving_up.propose(row, reason=request.POST.get("reason", ""), by=request.user)
            messages.success(
                request, "支払不能の確定を起案しました。別の担当者が承認してください。"
            )
            return redirect("admin:payouts_givingup_of", payout)
        except Refused as refused:
            fault = refused.message
    seen(request, "payout", payout)
    return page(request, row, fault)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """The second person decides, or the proposal is dropped."""
    rights = (DECIDE,) if verb == "approve" else (PROPOSE, DECIDE)
    if not any(request.user.has_perm(right) for right in rights):
        raise PermissionDenied
    rows = GivingUp.objects.select_related("payout")
    row = get_object_or_404(clerks.scoped(rows, request.user, "payout__prefecture_code"), pk=pk)
    try:
        {"approve": giving_up.approve, "drop": giving_up.drop}[verb](row, by=request.user)
        done = "支払不能を確定しました。" if verb == "approve" else "起案を取りやめました。"
        messages.success(request, done)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_givingup_of", row.payout_id)


def page(request: HttpRequest, row: Payout, fault: str) -> HttpResponse:
    """The payout with its returns, its questions and the proposal."""
    user, open_row = request.user, row.giving_ups.filter(dropped_at=None).first()
    application = application_of(row)
    asked = application.corrections.order_by("-pk") if application else []
    why_not = giving_up.why_not(row, clock.now())
    context = {
        **admin.site.each_context(request),
        "title": f"支払不能の確定 {row}",
        "row": row,
        "prefecture": prefecture_name(row.prefecture_code),
        "application": application,
        "about": receipts.written(application.receipt_number) if application else "",
        "tries": [
            (each, results.REASONS.get(each.return_reason, each.return_reason))
            for each in row.transfers.select_related("batch").order_by("id")
        ],
        "asked": asked[:20],
        "messages_sent": message_words(application),
        "end": returns.end(),
        "proposal": open_row,
        "state": StageFilter.of(open_row) if open_row else "",
        "past": row.giving_ups.exclude(dropped_at=None).select_related("prepared_by"),
        "own": bool(open_row) and open_row.prepared_by_id == user.pk,
        "why_not": "" if open_row else why_not,
        "may_propose": not open_row and not why_not and user.has_perm(PROPOSE),
        "may_decide": bool(open_row) and not open_row.approved_at and user.has_perm(DECIDE),
        "may_drop": bool(open_row)
        and not open_row.approved_at
        and (user.has_perm(PROPOSE) or user.has_perm(DECIDE)),
        "fault": fault,
        "typed": request.POST.get("reason", ""),
    }
    status = 422 if fault else 200
    return TemplateResponse(request, "admin/answers/giving_up.html", context, status=status)


def application_of(row: Payout) -> Application | None:
    """Whose payout it is."""
    found = Application.objects.filter(claims__payout=row).order_by("-pk")
    return found.first()


def message_words(row: Application | None) -> list[tuple[Message, str]]:
    """What was written to the applicant about the account, and whether it arrived."""
    if row is None:
        return []
    asked = Message.objects.filter(subject=f"application:{row.pk}", kind="ask").order_by("-pk")
    return [(each, each.get_state_display()) for each in asked[:20]]


def returned(row: Payout) -> Returned:
    """A line of the work list."""
    last: Transfer | None = row.transfers.exclude(return_reason="").order_by("-pk").first()
    step = row.steps.filter(new="returned").order_by("-pk").first()
    return Returned(
        payout=row,
        prefecture=prefecture_name(row.prefecture_code),
        why=results.REASONS.get(last.return_reason, "") if last else "",
        since=step.at if step else None,
        stage=stage_of(row),
    )


def stage_of(row: Payout) -> str:
    """How far the way to another account is, in the office's words."""
    if row.giving_ups.filter(dropped_at=None).exists():
        return "支払不能の承認待ち"
    new = giving_up.waiting(row)
    if new:
        return f"訂正された口座：{new.get_state_display()}"
    if not giving_up.why_not(row, clock.now()):
        return "訂正の期限を過ぎました"
    application = application_of(row)
    asked = application and application.corrections.filter(answered_at=None, replaced_at=None)
    return "口座の訂正をお願い中" if asked and asked.exists() else "お願いの準備中"
