"""The lost-number search: which coupon did this house hand out on that trip (N30, N31)."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from applications import issuers, numbering
from applications.admin.desk_forms import DayBox, OfficeForm, written
from applications.admin.verbs import CHANGE
from applications.forms.fields import Box
from applications.models import Claim
from applications.validators.text import free
from config.states import Refused
from coupons.models import Coupon
from payouts import clerks
from payouts.admin.listing import prefecture_name

VIEW = "coupons.view_coupon"


class SearchForm(OfficeForm):
    """What is known of the coupon."""

    issuer = Box(
        partial(free, limit=60, name="クーポンの発行店"),
        required=False,
        label="クーポンの発行店",
        attrs={"size": 26},
    )
    travel_start = DayBox(required=False, label="チェックイン日", attrs={"size": 12})
    travel_end = DayBox(label="旅行日・チェックアウト日", attrs={"size": 12})
    prefecture = forms.ChoiceField(
        label="ご利用の都道府県",
        error_messages={"required": "ご利用の都道府県を選んでください。"},
    )

    def __init__(self, data: Any, *, user: Any, **options: Any) -> None:
        super().__init__(data, **options)
        codes = clerks.prefectures_of(user)
        self.fields["prefecture"].choices = [(code, prefecture_name(code)) for code in codes]

    def wanted(self) -> issuers.Wanted:
        """A valid form's question."""
        cleaned = self.cleaned_data
        return issuers.Wanted(
            cleaned["prefecture"],
            cleaned["issuer"],
            cleaned["travel_start"],
            cleaned["travel_end"],
        )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The question and what fits; for a claim (`claim`) each with a button to take its number."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    claim = claim_of(request)
    asked = request.GET if "travel_end" in request.GET else begins(claim)
    form = SearchForm(asked, user=request.user)
    rows, whole = issuers.candidates(form.wanted()) if asked and form.is_valid() else ([], True)
    context = {
        **admin.site.each_context(request),
        "title": "発行店から番号を探す",
        "opts": Coupon._meta,
        "form": form,
        "claim": claim,
        "rows": rows,
        "whole": whole,
        "most": issuers.MOST,
        "searched": form.is_bound and form.is_valid(),
        "may_use": claim is not None and request.user.has_perm(CHANGE),
    }
    return TemplateResponse(request, "admin/issuers/search.html", context)


def claim_of(request: HttpRequest) -> Claim | None:
    """The claim that the number is sought for, if the clerk may see it."""
    pk = request.GET.get("claim", "")
    rows = clerks.scoped(Claim.objects.select_related("application"), request.user)
    return rows.filter(pk=pk).first() if pk.isdecimal() else None


def begins(claim: Claim | None) -> dict[str, Any] | None:
    """The search as the application words it."""
    if claim is None:
        return None
    said = issuers.of_claim(claim)
    start, end = said["travel_start"], said["travel_end"]
    return {
        **said,
        "travel_start": written(start) if start else "",
        "travel_end": written(end),
    }


@require_POST
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a claim ask for this coupon: found by the issuer, or a typo put right."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    rows = clerks.scoped(Claim.objects.select_related("application"), request.user)
    claim = get_object_or_404(rows, pk=pk)
    number = request.POST.get("number", "")
    coupons = clerks.scoped(Coupon.objects.all(), request.user)
    coupon = get_object_or_404(coupons, inquiry_number=number)
    try:
        numbering.use_number(claim, coupon, by=request.user, text=request.POST.get("text", ""))
        messages.success(request, "お問合せ番号を訂正しました。承認には二人の担当者が必要です。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:applications_application_change", claim.application_id)
