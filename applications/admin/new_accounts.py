"""Accounts corrected after a return: one clerk checks, another lets the money go there."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import intake, receipts, returns, sentences
from applications.admin.verbs import APPROVE, CHANGE
from applications.models import NewAccount
from config.states import Refused, label
from payouts import accounts, results
from payouts.admin import listing
from payouts.admin.listing import OfficeList, PrefectureFilter, seen
from payouts.models import BankAccount, Transfer

VIEW = "applications.view_newaccount"
LABELS = {"check": "口座を確認した", "approve": "この口座へ振り込み直す", "dismiss": "差し戻す"}
DONE = {
    "check": "確認済みにしました。",
    "approve": "承認しました。次の振込データに入ります。",
    "dismiss": "差し戻し、申請者にもう一度お願いしました。",
}
MARKS = {"same_account": "振込不能になった口座と同じ口座です"}


@admin.register(NewAccount)
class NewAccountAdmin(OfficeList):
    """All corrections, the newest first."""

    of_the_bank = True
    list_display = ("__str__", "about", "state", "prefecture", "given_at")
    list_filter = ("state", PrefectureFilter)
    list_select_related = ("application",)
    ordering = ("-id",)

    @admin.display(description="申請")
    def about(self, row: NewAccount) -> str:
        return receipts.written(row.application.receipt_number)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        row = found(request, object_id)
        seen(request, "newaccount", row.pk)
        return page(request, row)

    def get_urls(self) -> list[URLPattern]:
        ours = self.admin_site.admin_view(act)
        own = [
            path(f"<int:pk>/{verb}/", ours, {"verb": verb}, f"applications_newaccount_{verb}")
            for verb in LABELS
        ]
        return [*own, *super().get_urls()]


def found(request: HttpRequest, pk: object) -> NewAccount:
    """A correction, for who may see it; other prefectures' do not exist here (N25)."""
    rows = NewAccount.objects.select_related("application", "checked_by", "approved_by")
    return listing.found(request, rows, pk, VIEW)


def available(row: NewAccount, user: Any) -> dict[str, str]:
    """The buttons of this clerk now; the constraint guards the rest."""
    verbs = {}
    others = user.pk not in (row.checked_by_id, row.entered_by_id)
    if row.state == NewAccount.State.GIVEN and user.has_perm(CHANGE):
        verbs["check"] = LABELS["check"]
    if row.state == NewAccount.State.CHECKED and user.has_perm(APPROVE) and others:
        verbs["approve"] = LABELS["approve"]
    if row.state in returns.OPEN and (user.has_perm(CHANGE) or user.has_perm(APPROVE)):
        verbs["dismiss"] = LABELS["dismiss"]
    return verbs


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One button; what is refused is told on the same page."""
    row = found(request, pk)
    if verb not in available(row, request.user):
        raise PermissionDenied
    try:
        if verb == "dismiss":
            returns.dismiss(row, by=request.user, reason=request.POST.get("reason", ""))
        else:
            {"check": returns.check, "approve": returns.approve}[verb](row, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return page(request, found(request, pk), 409)
    messages.success(request, DONE[verb])
    return redirect("admin:applications_newaccount_change", pk)


def page(request: HttpRequest, row: NewAccount, status: int = 200) -> HttpResponse:
    """What came back beside what was given instead, the history, and the buttons of this clerk."""
    rows = Transfer.objects.filter(
        payout__lines__coupon__in=row.application.claims.values("coupon")
    )
    back = rows.exclude(return_reason="").order_by("-pk").select_related("bank_account").first()
    context = {
        **admin.site.each_context(request),
        "opts": NewAccount._meta,
        "title": "振込不能後の口座の訂正",
        "row": row,
        "about": receipts.written(row.application.receipt_number),
        "why": results.REASONS.get(back.return_reason, back.return_reason) if back else "",
        "pairs": pairs(back.bank_account if back else None, row.bank_account),
        "marks": [{**intake.MARKS, **MARKS}[mark] for mark in row.marks],
        "verbs": available(row, request.user),
        "reasons": returns.DISMISSALS,
        "own": request.user.pk in (row.checked_by_id, row.entered_by_id)
        and row.state == NewAccount.State.CHECKED,
        "steps": [
            (
                step,
                label(row, step.new),
                returns.DISMISSALS.get(step.reason) or sentences.why(step.reason),
            )
            for step in row.steps.select_related("by").order_by("-id")
        ],
    }
    template = "admin/applications/newaccount/show.html"
    return TemplateResponse(request, template, context, status=status)


def pairs(old: BankAccount | None, new: BankAccount) -> list[tuple[str, str, str, bool]]:
    """Each figure of both accounts: its name, before, now, and whether it differs."""
    before, now = (_figures(each) for each in (old, new))
    return [(name, before.get(name, ""), now[name], before.get(name) != now[name]) for name in now]


def _figures(row: BankAccount | None) -> dict[str, str]:
    """An account as the office compares it; blanks where it can't be read any more."""
    try:
        account = accounts.read(row) if row else None
    except Refused:
        account = None
    kinds = {"1": "普通", "2": "当座", "4": "貯蓄"}
    return {
        "金融機関": f"{account.bank_name} {account.bank_code}".strip() if account else "",
        "支店": f"{account.branch_name} {account.branch_code}".strip() if account else "",
        "預金種目": kinds.get(account.account_type, "") if account else "",
        "口座番号": account.account_number if account else "",
        "口座名義": account.holder_kana if account else "",
    }
