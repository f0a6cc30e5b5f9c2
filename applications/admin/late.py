"""What the ledger says later than the seal: the list, each with its reasons, two signatures."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from config.states import Refused
from coupons.explained import explain
from coupons.models import Coupon, LateMovement, SealedItem
from payouts import clerks, supplements
from payouts.admin.listing import OfficeList, PrefectureFilter, seen
from payouts.models import PayoutLine

PROPOSE, DECIDE = "coupons.propose_latemovement", "coupons.decide_latemovement"


@admin.register(LateMovement)
class LateMovementAdmin(OfficeList):
    """Open ones first; the page of each shows the whole account of its coupon."""

    list_display = (
        "listed_at",
        "kind",
        "state",
        "coupon",
        "prefecture",
        "yen",
        "occurred_at",
        "transaction_id",
    )
    list_display_links = ("listed_at", "kind")
    list_filter = ("state", "kind", PrefectureFilter)
    list_select_related = ("coupon",)
    search_fields = ("coupon__inquiry_number__exact", "transaction_id__exact")
    search_help_text = "お問合せ番号（全けた）または取引番号"
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        """Our page and its acts instead of Django's form."""
        view, name = self.admin_site.admin_view, "coupons_latemovement"
        ours = [
            path("why/<int:pk>/", view(why), name=f"{name}_why"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/<str:verb>/", view(act), name=f"{name}_act"),
        ]
        return [*ours, *super().get_urls()]


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One late movement beside the account of its coupon."""
    row = found(request, pk)
    seen(request, "latemovement", pk)
    may = {
        "propose": row.state == "listed" and request.user.has_perm(PROPOSE),
        "decide": row.state == "proposed" and request.user.has_perm(DECIDE),
        "look": row.state == "drawn" and request.user.has_perm(DECIDE),
    }
    context = {
        "row": row,
        "may": may,
        "mine": request.user.pk in (row.prepared_by_id, row.approved_by_id),
        "refusals": LateMovement.Refusal.choices,
        "history": row.steps.select_related("by").order_by("id"),
    }
    return page(request, row.coupon, context)


def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this amount: the account of a coupon, by its id."""
    if not request.user.has_perm("coupons.view_coupon"):
        raise PermissionDenied
    coupon = get_object_or_404(clerks.scoped(Coupon.objects.all(), request.user), pk=pk)
    seen(request, "coupon", pk)
    return page(request, coupon, {})


def page(request: HttpRequest, coupon: Coupon, context: dict[str, Any]) -> HttpResponse:
    """The account of a coupon, with or without a movement to decide."""
    lines = PayoutLine.objects.filter(coupon=coupon).select_related("payout").order_by("id")
    context |= {
        **admin.site.each_context(request),
        "title": f"この金額の理由　{coupon}",
        "coupon": coupon,
        "explanation": explain(coupon),
        "payout_lines": lines,
    }
    return TemplateResponse(request, "admin/late/page.html", context)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """accept, refuse (first signature), decide, send_back (second), agree, disagree (third)."""
    row = found(request, pk)
    right = PROPOSE if verb in ("accept", "refuse") else DECIDE
    if not request.user.has_perm(right):
        raise PermissionDenied
    try:
        messages.success(request, done(row, verb, request))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:coupons_latemovement_change", pk)


def done(row: LateMovement, verb: str, request: HttpRequest) -> str:
    """Do one act; returns what to tell."""
    by = request.user
    if verb in ("accept", "refuse"):
        refusal = request.POST.get("refusal", "")
        supplements.propose(row, accepts=verb == "accept", refusal=refusal, by=by)
        return "起案しました。別の担当者の承認を待ちます。"
    if verb == "send_back":
        supplements.send_back(row, by=by)
        return "差し戻しました。"
    if verb == "decide":
        return f"承認しました。{changed(row, supplements.decide(row, by=by))}"
    if verb in ("agree", "disagree"):
        item = supplements.look(row, agrees=verb == "agree", by=by)
        said = changed(row, item) if verb == "agree" else "未処理に戻しました。"
        return f"二次確認を記録しました。{said}"
    raise Refused("この操作はありません。", "verb")


def changed(row: LateMovement, item: SealedItem | None) -> str:
    """What a decision did to what is owed, in words."""
    if row.state == LateMovement.State.DRAWN:
        return "二次確認に選ばれました。もう一人が確認すると反映されます。"
    return f"追加確定 {item.yen:,}円" if item else "金額は変わりません。"


def found(request: HttpRequest, pk: int) -> LateMovement:
    """The movement, if it is of the clerk's prefectures."""
    if not request.user.has_perm("coupons.view_latemovement"):
        raise PermissionDenied
    rows = clerks.scoped(LateMovement.objects.select_related("coupon", "item"), request.user)
    return get_object_or_404(rows, pk=pk)
