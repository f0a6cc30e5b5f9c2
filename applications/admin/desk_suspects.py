"""Likely double debits that nobody has called about, for the office to work through (N10)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from applications import desk
from applications.admin.desk_call import TAKE
from applications.admin.desk_case import CHANGE
from config.clock import JST
from config.notice import NOTICE
from config.states import Refused
from coupons.models import Coupon, DoubleCharge
from coupons.suspects import NEAR, Suspect, suspects
from payouts import clerks
from payouts.admin import exporting
from payouts.admin.listing import prefecture_name

TEMPLATE = "admin/suspects/list.html"
PAGE = 50
HEADS = (
    "お問合せ番号",
    "都道府県",
    "ご利用店舗",
    "はじめの決済",
    "1回の金額（円）",
    "回数",
    "戻入・取消済み",
    "過払いの疑い（円）",
    "取引番号",
)


def chosen(request: HttpRequest) -> list[Suspect]:
    """The runs of the clerk's prefectures, narrowed by what is asked for."""
    codes = clerks.prefectures_of(request.user)
    asked = request.GET.get("prefecture", "")
    least = request.GET.get("least", "")
    at_least = int(least) if least.isdecimal() else 1
    app = request.GET.get("app", "")
    found = suspects([asked] if asked in codes else codes)
    return [
        row for row in found if row.yen >= at_least and (not app or row.in_app == (app == "yes"))
    ]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The list, the largest sums first; as a file with `csv`."""
    if not request.user.has_perm("coupons.view_doublecharge"):
        raise PermissionDenied
    rows = chosen(request)
    if exporting.is_file(request):
        return exporting.taken_out(request, "suspects", HEADS, map(line, rows))
    pages = Paginator(rows, PAGE).get_page(request.GET.get("p"))
    query = request.GET.copy()
    query.pop("p", None)
    context = {
        **admin.site.each_context(request),
        "title": "二重引き落としの疑い",
        "opts": DoubleCharge._meta,
        "rows": pages,
        "count": len(rows),
        "total": sum(row.yen for row in rows),
        "prefectures": [(c, prefecture_name(c)) for c in clerks.prefectures_of(request.user)],
        "asked": request.GET,
        "query": query.urlencode(),
        "near": int(NEAR.total_seconds()),
        "may_take_up": may_take_up(request.user),
        "dates": NOTICE.dates,
    }
    return TemplateResponse(request, TEMPLATE, context)


def line(row: Suspect) -> tuple[object, ...]:
    """One row of the file; a number is text, so that no spreadsheet drops its zeros."""
    return (
        row.inquiry_number,
        prefecture_name(row.prefecture_code),
        row.store_name,
        f"{row.first_at.astimezone(JST):%Y/%m/%d %H:%M:%S}",
        row.amount,
        row.presses,
        row.back,
        row.yen,
        " ".join(row.transactions),
    )


def may_take_up(user: Any) -> bool:
    """Who works on cases may open one."""
    return user.has_perm(TAKE) or user.has_perm(CHANGE)


@require_POST
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a case for one coupon."""
    if not may_take_up(request.user):
        raise PermissionDenied
    coupon = get_object_or_404(clerks.scoped(Coupon.objects.all(), request.user), pk=pk)
    try:
        row = desk.take_up(coupon, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("admin:coupons_doublecharge_suspects")
    messages.success(request, "受付を作りました。店舗への確認を始めてください。")
    return redirect("admin:coupons_doublecharge_change", row.pk)
