"""Payouts, orders, batches and the stock. A code itself is shown to nobody of the office (N71)."""

from django.contrib import admin
from django.urls import URLPattern, path

from coupons.admin import ReadOnlyInline
from payouts.admin.listing import OfficeList, PrefectureFilter, StepInline, person
from payouts.admin.resend import resend
from payouts.models import (
    Batch,
    BatchStep,
    Code,
    Link,
    Order,
    OrderPart,
    Payout,
    PayoutLine,
    PayoutStep,
    Transfer,
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

    def get_urls(self) -> list[URLPattern]:
        """The button beside Django's pages."""
        view = self.admin_site.admin_view(resend)
        ours = [path("<int:pk>/resend/", view, name="payouts_payout_resend")]
        return [*ours, *super().get_urls()]


class PartInline(ReadOnlyInline):
    model = OrderPart
    fields = ("number", "amount", "request_id", "provider_ref")


@admin.register(Order)
class OrderAdmin(OfficeList):
    list_display = ("id", "payout", "brand", "provider", "amount", "state", "placed_at", "attempts")
    list_filter = ("state", "brand", "provider")
    list_select_related = ("payout",)
    ordering = ("-id",)
    prefecture_field = "payout__prefecture_code"
    fields = ("payout", "brand", "provider", "amount", "state", "placed_at", "issued_at")
    inlines = (PartInline,)


@admin.register(Code)
class CodeAdmin(OfficeList):
    list_display = (
        "management_number",
        "prefecture",
        "brand",
        "face_value",
        "expires_on",
        "imported_at",
        "taken_at",
    )
    list_filter = (PrefectureFilter, "brand", ("taken_at", admin.EmptyFieldListFilter))
    search_fields = ("management_number__exact",)
    search_help_text = "管理番号"
    ordering = ("-id",)
    fields = (
        "management_number",
        "prefecture_code",
        "brand",
        "face_value",
        "expires_on",
        "imported_at",
        "taken_at",
    )


class BatchStepInline(StepInline):
    model = BatchStep


class BatchTransferInline(ReadOnlyInline):
    model = Transfer
    fk_name = "batch"
    fields = ("id", "payout", "amount", "state", "return_reason")


@admin.register(Batch)
class BatchAdmin(OfficeList):
    list_display = (
        "id",
        "prefecture",
        "pay_on",
        "state",
        "count",
        "total_yen",
        "prepared_by",
        "approved_by",
        "handed_over_at",
    )
    list_filter = ("state", PrefectureFilter, "pay_on")
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)
    fields = (
        ("pay_on", "state"),
        ("count", "total_yen", "sha256"),
        ("prepared", "cut_at"),
        ("approved", "approved_at"),
        ("handed_over", "handed_over_at"),
    )
    readonly_fields = ("prepared", "approved", "handed_over")
    prepared, approved = person("prepared_by", "作成者"), person("approved_by", "確定者")
    handed_over = person("handed_over_by", "引渡者")
    inlines = (BatchTransferInline, BatchStepInline)


@admin.register(Transfer)
class TransferAdmin(OfficeList):
    list_display = ("id", "payout", "batch", "prefecture", "amount", "state", "return_reason")
    list_filter = ("state", PrefectureFilter)
    list_select_related = ("payout", "batch")
    search_fields = ("=id", "=payout__id")
    search_help_text = "振込番号または支払い番号（数字）"
    ordering = ("-id",)
    fields = ("payout", "batch", "amount", "first_payment", "state", "return_reason")
