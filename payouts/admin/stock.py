"""The stock of codes: what is there, deliveries checked by one and taken in by another (N71).

A code itself is shown to nobody of the office.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from config.notice import NOTICE
from config.states import Refused
from payouts import clerks, levels, stock
from payouts.admin import exporting
from payouts.admin.listing import (
    BrandFilter,
    OfficeList,
    PrefectureFilter,
    StageFilter,
    person,
    prefecture_name,
    seen,
)
from payouts.models import Code, Delivery

CHECK, APPLY, SEE = "payouts.add_code", "payouts.change_delivery", "payouts.view_code"
LEVEL_HEADS = (
    *("都道府県", "種類", "渡せるコード（枚）", "金額（円）", "見込み（円）"),
    *("期限が短く渡せないコード（枚）", "不足の見込み"),
)
LARGEST = 2_000_000  # bytes of a delivery; a larger one goes by the command


class DeliveryForm(forms.Form):
    """One file for one office."""

    prefecture = forms.ChoiceField(
        label="都道府県", error_messages={"required": "都道府県を選んでください。"}
    )
    file = forms.FileField(
        label="ファイル",
        help_text=f"見出し {','.join(stock.FIELDS)}。UTF-8かCP932のCSV、2MBまで（約4万件）。",
        error_messages={
            "required": "ファイルを選んでください。",
            "empty": "ファイルの中身がありません。",
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = clerks.prefectures_of(user)
        self.fields["prefecture"].choices = [(each, prefecture_name(each)) for each in codes]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("2MBまでのファイルを選んでください。")
        return file


class TakenFilter(admin.SimpleListFilter):
    """Codes that were given to somebody, or that are still in the stock."""

    title, parameter_name = "払出", "taken"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "在庫にあるもの"), ("yes", "払い出したもの")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("no", "yes"):
            return queryset
        return queryset.filter(taken_at__isnull=self.value() == "no")


@admin.register(Code)
class CodeAdmin(OfficeList):
    """Codes by number and face value; the code itself is never shown."""

    change_list_template = "admin/stock/change_list.html"
    list_display = (
        "management_number",
        "prefecture",
        "brand_name",
        "face_value",
        "expires_on",
        "delivered",
        "imported_at",
        "taken_at",
    )
    list_filter = (PrefectureFilter, BrandFilter, TakenFilter)
    search_fields = ("management_number__exact",)
    search_help_text = "管理番号"
    ordering = ("-id",)
    fields = (
        "management_number",
        "prefecture",
        "brand_name",
        "face_value",
        "expires_on",
        "delivered",
        "imported_at",
        "taken_at",
    )
    readonly_fields = ("prefecture", "brand_name", "delivered")

    def get_urls(self) -> list[URLPattern]:
        """The levels before Django's pages."""
        view = self.admin_site.admin_view(show_levels)
        return [path("levels/", view, name="payouts_code_levels"), *super().get_urls()]

    @admin.display(description="納品")
    def delivered(self, row: Code) -> str:
        return str(row.delivery_id or "")

    @admin.display(description="種類")
    def brand_name(self, row: Code) -> str:
        return brand_name(row.brand)


class AppliedFilter(StageFilter):
    """Deliveries that are taken in, or not yet."""

    decided_at, waiting, decided = "applied_at", "確認済み（取込待ち）", "取込済み"


@admin.register(Delivery)
class DeliveryAdmin(OfficeList):
    """Files of codes; each with the page where it is taken in or dropped."""

    change_list_template = "admin/stock/deliveries.html"
    list_display = (
        "id",
        "state",
        "prefecture",
        "file_name",
        "count",
        "total_yen",
        "checked_at",
        "checker",
        "applied_at",
        "applier",
    )
    list_filter = (AppliedFilter, PrefectureFilter)
    list_select_related = ("checked_by", "applied_by")
    ordering = ("-id",)
    checker, applier = person("checked_by", "確認した人"), person("applied_by", "取り込んだ人")

    def get_urls(self) -> list[URLPattern]:
        """Our page and its acts instead of Django's form."""
        view, name = self.admin_site.admin_view, "payouts_delivery"
        ours = [
            path("new/", view(new), name=f"{name}_new"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/apply/", view(apply), name=f"{name}_apply"),
            path("<int:pk>/drop/", view(drop), name=f"{name}_drop"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_check": request.user.has_perm(CHECK)}
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description="状態")
    def state(self, row: Delivery) -> str:
        return AppliedFilter.of(row)


def brand_name(key: str) -> str:
    """The name of a brand, or its key where the notice does not know it."""
    found = NOTICE.brands.get(key)
    return found.name if found else key


def show_levels(request: HttpRequest) -> HttpResponse:
    """Free codes and prepaid yen against what is forecast, of the clerk's own offices."""
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    own = clerks.prefectures_of(request.user)
    found = [
        (prefecture_name(each.prefecture), brand_name(each.brand), each)
        for each in levels.levels(own)
    ]
    if exporting.is_file(request):
        lines = (
            (place, brand, each.free, each.yen, each.forecast, each.held_back, each.low)
            for place, brand, each in found
        )
        return exporting.taken_out(request, "levels", LEVEL_HEADS, lines)
    context = {
        **admin.site.each_context(request),
        "title": "在庫と見込み",
        "levels": found,
        "funds": [("、".join(map(brand_name, each.brands)), each) for each in levels.funds()],
    }
    return TemplateResponse(request, "admin/stock/levels.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: the file is checked; without a fault it waits for another person."""
    if not request.user.has_perm(CHECK):
        raise PermissionDenied
    form = DeliveryForm(request.POST or None, request.FILES or None, user=request.user)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        file, prefecture = form.cleaned_data["file"], form.cleaned_data["prefecture"]
        try:
            row, contents = stock.submit(file.read(), file.name, prefecture, by=request.user)
        except Refused as refused:
            form.add_error("file", refused.message)
        else:
            if row:
                return redirect("admin:payouts_delivery_change", row.pk)
            context |= {"faults": contents.faults[: stock.FAULTS], "count": len(contents.faults)}
    status = 422 if request.method == "POST" else 200
    return page(request, "new", context, status=status)


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What a delivery holds, and the two buttons."""
    if not (request.user.has_perm("payouts.view_delivery") or request.user.has_perm(CHECK)):
        raise PermissionDenied
    row = found(request, pk)
    seen(request, "delivery", pk)
    is_open = not (row.applied_at or row.dropped_at)
    context = {
        "row": row,
        "state": AppliedFilter.of(row),
        "prefecture": prefecture_name(row.prefecture_code),
        "counts": [(brand_name(brand), yen, n, yen * n) for brand, yen, n in row.counts],
        "may_apply": is_open and request.user.has_perm(APPLY),
        "may_drop": is_open and (request.user.has_perm(APPLY) or request.user.has_perm(CHECK)),
        "mine": row.checked_by_id == request.user.pk,
    }
    return page(request, "delivery", context)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person takes the codes in."""
    if not request.user.has_perm(APPLY):
        raise PermissionDenied
    row = found(request, pk)
    try:
        count = stock.apply(row, by=request.user)
        messages.success(request, f"{count:,}件を在庫に加えました。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_delivery_change", pk)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is taken in, and the file is forgotten."""
    if not (request.user.has_perm(APPLY) or request.user.has_perm(CHECK)):
        raise PermissionDenied
    try:
        stock.drop(found(request, pk), by=request.user)
        messages.success(request, "取りやめました。ファイルの内容は消しました。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_delivery_change", pk)


def found(request: HttpRequest, pk: int) -> Delivery:
    """A delivery of the clerk's own offices, or 404."""
    rows = Delivery.objects.select_related("checked_by", "applied_by").defer("blob")
    return get_object_or_404(clerks.scoped(rows, request.user), pk=pk)


def page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the deliveries."""
    context = {**admin.site.each_context(request), "title": "コードの納品", **context}
    return TemplateResponse(request, f"admin/stock/{name}.html", context, status=status)
