"""残額照合: the three books side by side; each number leads to its rows, a yen too much is red."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from applications import reconcile
from config.models import JobRun
from coupons.admin import SealAdmin
from coupons.models import Seal
from payouts import clerks
from payouts.admin import exporting
from payouts.admin.exporting import Exported
from payouts.admin.listing import prefecture_name

ASKED = ("prefecture", "road", "category", "bucket")
SUBJECTS = {"total": "合計", "no_answer": "発行元の応答なし"}
BUCKETS = reconcile.BUCKETS
HEADS = ("都道府県", "経路", "区分", "確定残額", *BUCKETS.values(), "差異")
ROW_HEADS = (
    *("都道府県", "お問合せ番号", "版", "確定残額（円）"),
    *("支払いの内訳（円）", "支払い", "扱い"),
)
NIGHTS = 14  # results shown of the nightly job

admin.site.unregister(Seal)


@admin.register(Seal)
class SealPagesAdmin(Exported, SealAdmin):
    """The seal, and the books that follow from it."""

    change_list_template = "admin/reconcile/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view = self.admin_site.admin_view
        ours = [
            path("reconcile/", view(show), name="coupons_seal_reconcile"),
            path("reconcile/rows/", view(rows), name="coupons_seal_reconcile_rows"),
        ]
        return [*ours, *super().get_urls()]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The equation of now, of the clerk's prefectures, and what the nights found."""
    require(request)
    visible, books = clerks.visible(request.user), reconcile.reconcile()
    lines = [row for row in books.rows if visible is None or row.prefecture_code in visible]
    if exporting.is_file(request):
        return exporting.taken_out(request, "reconcile", HEADS, map(written, map(line, lines)))
    context = {
        "at": books.at,
        "lines": [line(row) for row in lines],
        "totals": totals(lines),
        "buckets": BUCKETS,
        "paid": [p for p in books.paid if visible is None or p.prefecture_code in visible],
        "differences": [told(found) for found in books.differences] if visible is None else [],
        "found": len(books.differences),
        "nights": JobRun.objects.filter(job="reconcile").order_by("-slot")[:NIGHTS],
        "title": "残額照合",
    }
    return page(request, "page", context)


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The entitlements behind one number."""
    require(request)
    asked = {name: request.GET.get(name, "") for name in ASKED}
    prefecture, *rest = asked.values()
    own = clerks.prefectures_of(request.user)
    if prefecture and prefecture not in own:
        raise PermissionDenied
    own = [prefecture] if prefecture else own
    if exporting.is_file(request):
        every = reconcile.every_row_of(own, *rest)
        return exporting.taken_out(request, "reconcile_rows", ROW_HEADS, map(row_written, every))
    coupon, _, edition = request.GET.get("after", "0.0").partition(".")
    after = (int(coupon), int(edition)) if coupon.isdigit() and edition.isdigit() else (0, 0)
    found = reconcile.rows_of(own, *rest, after=after)
    more = ""
    if len(found) == reconcile.SHOWN:
        last = found[-1]
        more = urlencode(asked | {"after": f"{last['coupon_id']}.{last['edition']}"})
    context = {
        "rows": [row | {"word": BUCKETS[row["bucket"]]} for row in found],
        "more": more,
        "where": where(asked),
        "title": "残額照合の明細",
    }
    return page(request, "rows", context)


def written(told: dict[str, Any]) -> list[object]:
    """One line of the equation as the file has it."""
    yen = [yen for _, yen, _ in told["cells"]]
    words = [told["prefecture"], told["road"], told["category"]]
    return [*words, told["sealed"], *yen, told["difference"]]


def row_written(row: dict[str, Any]) -> list[object]:
    """One entitlement as the file has it."""
    payout = f"P{row['payout_id']:08d}" if row["payout_id"] else ""
    edition = f"追加確定 第{row['edition']}版" if row["edition"] else "確定"
    place = [prefecture_name(row["prefecture_code"]), row["inquiry_number"], edition]
    return [*place, row["sealed"], row["booked"], payout, BUCKETS[row["bucket"]]]


def require(request: HttpRequest) -> None:
    """The right to see the seal is the right to see the books."""
    if not request.user.has_perm("coupons.view_seal"):
        raise PermissionDenied


def line(row: reconcile.Row) -> dict[str, Any]:
    """One line of the table, its numbers with their addresses."""
    asked = {"prefecture": row.prefecture_code, "road": row.road, "category": row.category}
    return {
        "prefecture": prefecture_name(row.prefecture_code),
        "road": reconcile.ROADS.get(row.road, row.road),
        "category": row.category,
        "sealed": row.sealed,
        "sealed_at": address(asked),
        "cells": [
            (*row.buckets.get(bucket, (0, 0)), address(asked | {"bucket": bucket}))
            for bucket in BUCKETS
        ],
        "difference": row.difference,
        "differs_at": address(asked | {"bucket": reconcile.DIFFERS}),
    }


def address(asked: dict[str, str]) -> str:
    """Where the rows of a number are."""
    return f"{reverse('admin:coupons_seal_reconcile_rows')}?{urlencode(asked)}"


def totals(lines: list[reconcile.Row]) -> dict[str, Any]:
    """The last line, its numbers with their addresses."""
    found = {bucket: [row.buckets.get(bucket, (0, 0)) for row in lines] for bucket in BUCKETS}
    return {
        "sealed": sum(row.sealed for row in lines),
        "sealed_at": address({}),
        "cells": [
            (sum(count for count, _ in cells), sum(yen for _, yen in cells), address({"bucket": b}))
            for b, cells in found.items()
        ],
        "difference": sum(abs(row.difference) for row in lines),
        "differs_at": address({"bucket": reconcile.DIFFERS}),
    }


def told(found: reconcile.Difference) -> dict[str, Any]:
    """One difference in words, with the payout that it is about where there is one."""
    name = reconcile.CHECKS.get(found.check, ("発行元・確定残額との照合",))[0]
    about_payout = found.check in reconcile.CHECKS and found.check != "stock"
    return {
        "name": name,
        "subject": SUBJECTS.get(found.subject, found.subject),
        "left": found.left,
        "right": found.right,
        "address": reverse("admin:payouts_payout_change", args=[found.subject])
        if about_payout and found.subject.isdigit()
        else "",
    }


def where(asked: dict[str, str]) -> str:
    """Which number it was, in words."""
    bucket = "差異" if asked["bucket"] == reconcile.DIFFERS else BUCKETS.get(asked["bucket"])
    parts = [
        prefecture_name(asked["prefecture"]) or "合計",
        reconcile.ROADS.get(asked["road"], asked["road"]),
        asked["category"],
        bucket or "確定残額",
    ]
    return "　".join(filter(None, parts))


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/reconcile/{name}.html", context)
