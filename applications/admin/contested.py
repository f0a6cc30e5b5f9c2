"""Contested coupons: two applications side by side, and the office's decision (Q14)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from applications import contests
from applications.admin.comparison import card
from applications.admin.dossier import marks_of
from applications.models import Application, Claim, Contest
from config.states import Refused
from coupons.facts import facts_of
from coupons.models import Coupon
from payouts import clerks
from payouts.admin import exporting
from payouts.admin.listing import prefecture_name, seen

VIEW, DECIDE = "applications.view_application", "applications.add_contest"
HEADS = (
    *("お問合せ番号", "都道府県", "申請（件）", "審査前（件）", "はじめの受付"),
    *("判断", "判断した人", "判断日時"),
)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Every number that more than one application asks for; `all` shows the ended ones too."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    rows = contests.contested(request.user, all_of_them="all" in request.GET)
    if exporting.is_file(request):
        return exporting.taken_out(request, "contested", HEADS, map(line, rows))
    context = {
        **admin.site.each_context(request),
        "title": "重複申請（競合）",
        "opts": Application._meta,
        "rows": rows,
        "all_of_them": "all" in request.GET,
    }
    return TemplateResponse(request, "admin/contested/list.html", context)


def line(row: contests.Contested) -> tuple[object, ...]:
    """One row of the file."""
    done = "判断済み" if row.decided else "新しい申請あり" if row.contest else "未判断"
    who = (row.contest.by.get_username(), row.contest.at) if row.contest else ("", "")
    return (
        row.inquiry_number,
        prefecture_name(row.prefecture_code),
        row.count,
        row.open,
        row.first_at,
        done,
        *who,
    )


@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """All that ask for one coupon, beside each other; each counts as seen."""
    claims = found(request, number)
    for claim in claims:
        seen(request, "application", claim.application_id)
    return page(request, number, claims)


@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Decide for one of them."""
    claims = found(request, number)
    if not request.user.has_perm(DECIDE):
        raise PermissionDenied
    chosen = next((each for each in claims if str(each.pk) == request.POST.get("chosen")), None)
    try:
        if chosen is None:
            raise Refused("認める申請を選んでください。", "chosen")
        contests.decide(
            chosen,
            by=request.user,
            others_not_covered=request.POST.get("others") == "not_covered",
            text=request.POST.get("text", ""),
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return page(request, number, found(request, number), status=409)
    messages.success(request, "判断を記録しました。審査と承認は、これまでどおり二人で行います。")
    return redirect("admin:coupons_coupon_contested_one", number)


def found(request: HttpRequest, number: str) -> list[Claim]:
    """The claims for a number that this clerk may see; 404 where there is none."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    claims = list(clerks.scoped(contests.claims_for(number), request.user))
    if not claims:
        raise Http404(number)
    return claims


def page(request: HttpRequest, number: str, claims: list[Claim], status: int = 200) -> HttpResponse:
    """Both sides, what the ledger says, what was decided."""
    coupon = Coupon.objects.filter(inquiry_number=number).first()
    visible = coupon and coupon.prefecture_code in clerks.prefectures_of(request.user)
    hidden = contests.claims_for(number).count() - len(claims)
    decisions = Contest.objects.filter(inquiry_number=number).select_related("by", "chosen")
    context = {
        **admin.site.each_context(request),
        "title": f"重複申請 {number}",
        "opts": Application._meta,
        "number": number,
        "ledger": facts_of(coupon) if coupon and visible else None,
        "place": prefecture_name(claims[0].prefecture_code),
        "sides": [side(claim, request.user) for claim in claims],
        "hidden": hidden,
        "decisions": decisions.order_by("-pk"),
        "may_decide": request.user.has_perm(DECIDE) and not hidden and len(claims) > 1,
        "posted": request.POST,
    }
    return TemplateResponse(request, "admin/contested/one.html", context, status=status)


def side(claim: Claim, user: Any) -> dict[str, Any]:
    """One of those who ask."""
    application = claim.application
    return {
        "claim": claim,
        "application": application,
        "card": card(application, claim, user),
        "marks": marks_of(application),
        "others": application.claims.exclude(pk=claim.pk).count(),
        "notes": application.notes.select_related("by").order_by("-pk")[:3],
    }
