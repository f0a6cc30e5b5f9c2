"""残額照合: the three books side by side; each number leads to its rows, a yen too much is red."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from applications import reconcile
from config.models import JobRun
from coupons.admin import SealAdmin
from coupons.models import Seal
from payouts import clerks
from payouts.admin.exporting import Exported
from payouts.admin.listing import prefecture_name

ASKED = ("prefecture", "road", "category", "bucket")
SUBJECTS = {"total": "合計", "no_answer": "発行元の応答なし"}
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


def show(request: HttpRequest) -> HttpResponse:
    """The equation of now, of the clerk's prefectures, and what the nights found."""
    require(request)
    visible, books = clerks.visible(request.user), reconcile.reconcile()
    lines = [row for row in books.rows if visible is None or row.prefecture_code in visible]
    context = {
        "at": books.at,
        "lines": [line(row) for row in lines],
        "totals": totals(lines),
        "buckets": reconcile.BUCKETS,
        "paid": [p for p in books.paid if visible is None or p.prefecture_code in visible],
        "differences": [told(found) for found in books.differences] if visible is None else [],
        "found": len(books.differences),
        "nights": JobRun.objects.filter(job="reconcile").order_by("-slot")[:NIGHTS],
        "title": "残額照合",
    }
    return page(request, "page", context)


def rows(request: HttpRequest) -> HttpResponse:
    """The entitlements behind one number."""
    require(request)
    asked = {name: request.GET.get(name, "") for name in ASKED}
    if asked["prefecture"] not in clerks.prefectures_of(request.user):
        raise PermissionDenied
    coupon, _, edition = request.GET.get("after", "0.0").partition(".")
    after = (int(coupon), int(edition)) if coupon.isdigit() and edition.isdigit() else (0, 0)
    found = reconcile.rows_of(*asked.values(), after=after)
    more = ""
    if len(found) == reconcile.SHOWN:
        last = found[-1]
        more = urlencode(asked | {"after": f"{last['coupon_id']}.{last['edition']}"})
    context = {
        "rows": [row | {"word": reconcile.BUCKETS[row["bucket"]]} for row in found],
        "more": more,
        "where": where(asked),
        "title": "残額照合の明細",
    }
    return page(request, "rows", context)


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
            for bucket in reconcile.BUCKETS
        ],
        "difference": row.difference,
    }


def address(asked: dict[str, str]) -> str:
    """Where the rows of a number are."""
    return f"{reverse('admin:coupons_seal_reconcile_rows')}?{urlencode(asked)}"


def totals(lines: list[reconcile.Row]) -> dict[str, Any]:
    """The last line."""
    return {
        "sealed": sum(row.sealed for row in lines),
        "cells": [
            sum(row.buckets.get(bucket, (0, 0))[1] for row in lines) for bucket in reconcile.BUCKETS
        ],
        "difference": sum(abs(row.difference) for row in lines),
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
    parts = [
        prefecture_name(asked["prefecture"]),
        reconcile.ROADS.get(asked["road"], asked["road"]),
        asked["category"],
        reconcile.BUCKETS.get(asked["bucket"], "確定残額"),
    ]
    return "　".join(parts)


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/reconcile/{name}.html", context)
