"""One transfer: where it stands, a result booked by hand, and its recall by two people (N74)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from config import clock
from config.states import Refused, label
from payouts import arriving, by_hand, clerks, foreseeing, recalls, results
from payouts.admin import listing
from payouts.admin.batch_words import why
from payouts.admin.listing import (
    OfficeList,
    PrefectureFilter,
    StageFilter,
    person,
    prefecture_name,
    seen,
)
from payouts.models import BankWord, Recall, Transfer

VIEW, BOOK = "payouts.view_transfer", "payouts.add_bankword"
ASK, CONFIRM = "payouts.add_recall", "payouts.change_recall"
KEPT = ("result", "reason", "source", "told_by", "told_on", "told_time")  # typed, shown again


class TransferPrefectureFilter(PrefectureFilter):
    """The prefecture of the transfer."""

    field = "transfer__prefecture_code"


@admin.register(Transfer)
class TransferAdmin(OfficeList):
    of_the_bank = True
    list_display = ("id", "payout", "batch", "prefecture", "amount", "state", "why")
    list_filter = ("state", PrefectureFilter)
    list_select_related = ("payout", "batch")
    search_fields = ("=id", "=payout__id")
    search_help_text = "振込番号または支払い番号（数字）"
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        """Our page and its acts instead of Django's form."""
        view, name = self.admin_site.admin_view, "payouts_transfer"
        ours = [
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/word/", view(word), name=f"{name}_word"),
            path("<int:pk>/recall/", view(ask), name=f"{name}_recall"),
        ]
        return [*ours, *super().get_urls()]

    @admin.display(description="理由")
    def why(self, row: Transfer) -> str:
        return results.REASONS.get(row.return_reason, row.return_reason)


class RecallStageFilter(StageFilter):
    """Confirmed by a second person, or not yet."""

    decided_at, waiting, decided = "confirmed_at", "確認待ち", "確認済み"


@admin.register(Recall)
class RecallAdmin(OfficeList):
    """All recalls; the transfer's page has the buttons."""

    of_the_bank = True
    list_display = (
        "transfer_id",
        "state",
        "reason",
        "asked_at",
        "asker",
        "confirmed_at",
        "confirmer",
        "outcome_at",
    )
    list_filter = (
        TransferPrefectureFilter,
        "outcome",
        RecallStageFilter,
    )
    list_select_related = ("transfer", "asked_by", "confirmed_by")
    prefecture_field = "transfer__prefecture_code"
    ordering = ("-id",)
    asker, confirmer = person("asked_by", "起案者"), person("confirmed_by", "確認者")

    def get_urls(self) -> list[URLPattern]:
        """The acts."""
        view, name = self.admin_site.admin_view, "payouts_recall"
        ours = [
            path(f"<int:pk>/{verb}/", view(act), {"verb": verb}, f"{name}_{verb}") for verb in ACTS
        ]
        return [*ours, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """The page of the transfer, where everything of it is done."""
        row = self.row_of(request, object_id)
        return redirect("admin:payouts_transfer_change", row.transfer_id)

    @admin.display(description="状態")
    def state(self, row: Recall) -> str:
        return recalls.state_of(row)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, noted as seen."""
    row = found(request, pk, VIEW)
    seen(request, "transfer", pk)
    return page(request, row)


@require_POST
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """A result by hand; what is refused is told on the same page, with what was typed."""
    row, sent = found(request, pk, BOOK), request.POST
    try:
        by_hand.book(
            row,
            sent.get("result", ""),
            sent.get("reason", ""),
            source=sent.get("source", ""),
            told_by=sent.get("told_by", ""),
            told_at=moment(sent.get("told_on", ""), sent.get("told_time", "")),
            by=request.user,
        )
    except Refused as refused:
        return page(request, found(request, pk, BOOK), refused=refused)
    messages.success(request, "銀行からの連絡を記帳しました。")
    return redirect("admin:payouts_transfer_change", pk)


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to call the transfer back."""
    row = found(request, pk, ASK)
    try:
        recalls.ask(row, reason=request.POST.get("why", ""), by=request.user)
        messages.success(request, "組戻しを起案しました。別の担当者が確認してください。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_transfer_change", pk)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Confirm, drop, or write down the outcome of a recall."""
    rights, run, done = ACTS[verb]
    if not any(request.user.has_perm(right) for right in rights):
        raise PermissionDenied
    rows = Recall.objects.select_related("transfer")
    row = get_object_or_404(clerks.scoped(rows, request.user, "transfer__prefecture_code"), pk=pk)
    try:
        run(row, request.user)
        messages.success(request, done)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_transfer_change", row.transfer_id)


Act = tuple[tuple[str, ...], Callable[[Recall, Any], object], str]
ACTS: dict[str, Act] = {
    "confirm": (
        (CONFIRM,),
        lambda row, by: recalls.confirm(row, by=by),
        "確認しました。銀行へ組戻しを依頼してください。",
    ),
    "drop": ((ASK, CONFIRM), lambda row, by: recalls.drop(row, by=by), "取りやめました。"),
    "came_back": (
        (ASK, CONFIRM),
        lambda row, by: recalls.conclude(row, Recall.Outcome.CAME_BACK, by=by),
        "資金が戻ったことを記帳しました。未払いに戻りました。",
    ),
    "refused": (
        (ASK, CONFIRM),
        lambda row, by: recalls.conclude(row, Recall.Outcome.REFUSED, by=by),
        "組戻しできなかったことを記帳しました。",
    ),
}


def page(request: HttpRequest, row: Transfer, *, refused: Refused | None = None) -> HttpResponse:
    """Where the transfer stands, its history, and what this clerk can do."""
    user = request.user
    steps = row.steps.select_related("by").order_by("id")
    recall = row.recalls.filter(dropped_at=None, outcome_at=None).select_related("asked_by").first()
    sent = row.state in recalls.SENT
    context = {
        **admin.site.each_context(request),
        "title": f"振込 {row.pk}",
        "row": row,
        "prefecture": prefecture_name(row.prefecture_code),
        "account": foreseeing.masked(foreseeing.opened(row)),
        "reason": results.REASONS.get(row.return_reason, row.return_reason),
        "settled_on": arriving.settled_on(row.batch.pay_on) if row.state == "handed_over" else None,
        "steps": [(step, label(row, step.new), why(step.reason)) for step in steps],
        "checks": row.checks.select_related("by").order_by("id"),
        "words": [
            (each, results.REASONS.get(each.reason, ""))
            for each in row.words.select_related("by").order_by("id")
        ],
        "recall": recall,
        "recalled": [
            (each, recalls.state_of(each))
            for each in row.recalls.select_related("asked_by", "confirmed_by", "outcome_by")
            if each != recall
        ],
        "own_recall": bool(recall) and recall.asked_by_id == user.pk,
        "may_word": sent and user.has_perm(BOOK),
        "may_ask": sent and not recall and user.has_perm(ASK),
        "may_confirm": bool(recall) and user.has_perm(CONFIRM),
        "may_conclude": bool(recall) and (user.has_perm(ASK) or user.has_perm(CONFIRM)),
        "words_of_results": [
            each for each in BankWord.Result.choices if not by_hand.refusal(row, each[0])
        ],
        "reasons": by_hand.CHOSEN.items(),
        "sources": BankWord.Source.choices,
        "typed": {key: request.POST.get(key, "") for key in KEPT} if refused else {},
        "fault": refused,
    }
    status = 422 if refused else 200
    return TemplateResponse(request, "admin/answers/transfer.html", context, status=status)


def moment(day: str, hour: str) -> datetime:
    """A day (YYYY-MM-DD) and a time (HH:MM) in Japan. Raises Refused for anything else."""
    try:
        return datetime.fromisoformat(f"{day.strip()}T{hour.strip()}").replace(tzinfo=clock.JST)
    except ValueError:
        raise Refused("知った日と時刻を入れてください。", "told_at") from None


def found(request: HttpRequest, pk: int, right: str) -> Transfer:
    """A transfer of the clerk's own offices, for who has this right."""
    rows = Transfer.objects.select_related("payout", "batch", "bank_account")
    return listing.found(request, rows, pk, right)
