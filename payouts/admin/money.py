"""Payouts, orders and batches. A code itself is shown to nobody of the office (N71)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from coupons.admin import ReadOnlyInline
from payouts.admin import life, reopening
from payouts.admin.listing import (
    BrandFilter,
    OfficeList,
    PayoutPrefectureFilter,
    PrefectureFilter,
    StepInline,
    person,
)
from payouts.admin.resend import resend
from payouts.models import (
    Link,
    Order,
    OrderPart,
    OrderStep,
    Payout,
    PayoutLine,
    PayoutStep,
    Transfer,
    Unpayable,
)


class LineInline(ReadOnlyInline):
    model = PayoutLine
    fields = ("coupon", "edition", "yen", "released_at")


class PayoutStepInline(StepInline):
    model = PayoutStep


class LinkInline(ReadOnlyInline):
    model = Link
    fields = ("generation", "made_at", "replaced_at", "wrong_proofs", "locked_at")


class OrderInline(ReadOnlyInline):
    model = Order
    fields = ("brand", "provider", "amount", "state", "placed_at", "issued_at", "attempts")


class TransferInline(ReadOnlyInline):
    model = Transfer
    fk_name = "payout"
    fields = ("id", "batch", "amount", "state", "return_reason")


@admin.register(Payout)
class PayoutAdmin(OfficeList):
    list_display = (
        "__str__",
        "state",
        "road",
        "origin",
        "amount",
        "prefecture",
        "channel",
        "opened_at",
        "ready_at",
    )
    list_filter = ("state", "road", "origin", PrefectureFilter)
    search_fields = ("=id",)
    search_help_text = "支払い番号（数字）"
    ordering = ("-id",)
    fields = (
        ("state", "road", "origin"),
        ("amount", "prefecture"),
        ("channel", "address"),
        ("prepared", "approved", "by_matching"),
        ("opened_at", "ready_at", "receives_until"),
    )
    readonly_fields = ("prefecture", "prepared", "approved")
    prepared, approved = person("prepared_by", "審査者"), person("approved_by", "承認者")
    change_form_template = "admin/payouts/payout/change_form.html"
    inlines = (LineInline, LinkInline, OrderInline, TransferInline, PayoutStepInline)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """With the proposal to open a lapsed payout again."""
        page = super().change_view(request, object_id, *args)
        if payout := getattr(page, "context_data", {}).get("original"):
            page.context_data |= reopening.shown(payout, request.user)
        return page

    def get_urls(self) -> list[URLPattern]:
        """The button and the timeline beside Django's pages."""
        view = self.admin_site.admin_view
        ours = [
            path("<int:pk>/resend/", view(resend), name="payouts_payout_resend"),
            path("<int:pk>/life/", view(life.show), name="payouts_payout_life"),
        ]
        return [*ours, *super().get_urls()]


@admin.register(Unpayable)
class UnpayableAdmin(OfficeList):
    """Payouts whose amount no brand can pay exactly, the oldest first: the bank is the way out."""

    list_display = ("__str__", "amount", "prefecture", "origin", "channel", "unpayable_at")
    list_filter = ("origin", PrefectureFilter)
    search_fields = ("=id",)
    search_help_text = "支払い番号（数字）"
    ordering = ("unpayable_at", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(state="ready", unpayable_at__isnull=False)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """The page of the payout, where everything of it is done."""
        return redirect("admin:payouts_payout_change", object_id)


class PartInline(ReadOnlyInline):
    model = OrderPart
    fields = ("number", "amount", "request_id", "provider_ref")


class OrderStepInline(StepInline):
    model = OrderStep


class ProviderFilter(admin.SimpleListFilter):
    """From the stock, or by an api."""

    title = "発行元"
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("stock", "コード在庫"), ("api", "発行元のAPI")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(provider=self.value()) if self.value() else queryset


@admin.register(Order)
class OrderAdmin(OfficeList):
    list_display = (
        "id",
        "payout",
        "brand",
        "provider",
        "amount",
        "state",
        "placed_at",
        "attempts",
        "next_at",
    )
    list_filter = ("state", BrandFilter, ProviderFilter, PayoutPrefectureFilter)
    search_fields = ("=payout__id", "parts__request_id__exact")
    search_help_text = "支払い番号（数字）または依頼番号"
    list_select_related = ("payout",)
    ordering = ("-id",)
    prefecture_field = "payout__prefecture_code"
    fields = ("payout", "brand", "provider", "amount", "state", "placed_at", "issued_at")
    inlines = (PartInline, OrderStepInline)
