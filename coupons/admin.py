"""The ledger in the office: to look at, never to edit."""

import unicodedata
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property

from config.notice import NOTICE
from config.written import columns
from coupons.facts import with_balance
from coupons.models import (
    Correction,
    Coupon,
    Debit,
    Difference,
    DoubleCharge,
    DoubleChargeStep,
    Entry,
    Extension,
    Import,
    Seal,
    SealedItem,
)

COUNTED = 3_000  # a list longer than this is searched, not paged through


class LongList(Paginator):
    """Pages of a list that may have a million rows: counts no further than COUNTED."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().values("pk")[:COUNTED].count()


class ReadOnly:
    """Everything to see, nothing to add, change or delete."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Yen and phones as people write them."""
        return columns(self.model, super().get_fields(request, obj))


class ReadOnlyAdmin(ReadOnly, admin.ModelAdmin):
    """A long list that nobody edits, searched by exact values."""

    paginator = LongList
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return columns(self.model, super().get_list_display(request))

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Another office's record and one that never was are the same: not found."""
        raise Http404(object_id)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Numbers as people write them: full width, with dashes and spaces."""
        return super().get_search_results(request, queryset, as_number(search_term))


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows of the thing on the page; all fields, in order."""

    extra = 0
    show_change_link = False
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """The columns that are no fields of a form."""
        found = columns(self.model, self.fields or ())
        return [*super().get_readonly_fields(request, obj), *filter(callable, found)]


class PrefectureFilter(admin.SimpleListFilter):
    """The prefectures of the notice, without asking a million rows which there are."""

    title = "都道府県"
    parameter_name = "prefecture_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, prefecture.name) for code, prefecture in NOTICE.prefectures.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(prefecture_code=self.value()) if self.value() else queryset


def as_number(typed: str) -> str:
    """What was typed, in half width; a number without its dashes and spaces."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    digits = "".join(c for c in plain if c not in "-‐‑‒–—―−ー－ \u3000")
    return digits if digits.isdecimal() else plain


class EntryInline(ReadOnlyInline):
    model = Entry
    fields = (
        "occurred_at",
        "kind",
        "yen",
        "balance",
        "store_name",
        "transaction_id",
        "revision",
        "reversal",
        "restores_transaction_id",
    )
    readonly_fields = fields

    @admin.display(description="残高（円）")
    def balance(self, entry: Entry) -> str:
        return f"{entry.balance:,}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return with_balance(super().get_queryset(request))


class SealedItemInline(ReadOnlyInline):
    model = SealedItem
    fields = (
        "edition",
        "yen",
        "balance",
        "category",
        "eligible",
        "route",
        "in_app",
        "app_phone",
        "app_email",
        "at",
        "prepared_by",
        "approved_by",
    )


class ExtensionInline(ReadOnlyInline):
    model = Extension
    fields = ("old", "new", "at", "import_run")


class CorrectionInline(ReadOnlyInline):
    model = Correction
    fields = ("field", "old", "new", "import_run")


class DifferenceInline(ReadOnlyInline):
    model = Difference
    fields = ("kind", "detail", "at", "import_run")


@admin.register(Coupon)
class CouponAdmin(ReadOnlyAdmin):
    list_display = (
        "inquiry_number",
        "prefecture",
        "travel_type",
        "travel_end",
        "face_value",
        "original_expires_at",
        "expires_at",
        "issuer",
    )
    list_filter = (PrefectureFilter,)
    search_fields = ("inquiry_number__exact",)
    search_help_text = "お問合せ番号（全けた）"
    ordering = ("id",)
    inlines = (EntryInline, SealedItemInline, ExtensionInline, CorrectionInline, DifferenceInline)

    @admin.display(description="都道府県", ordering="prefecture_code")
    def prefecture(self, coupon: Coupon) -> str:
        known = NOTICE.prefectures.get(coupon.prefecture_code)
        return known.name if known else coupon.prefecture_code


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "by",
        "coupons_read",
        "coupons_new",
        "coupons_corrected",
        "extensions",
        "transactions_read",
        "entries_new",
        "entries_changed",
        "differences",
    )
    list_select_related = ("by",)
    ordering = ("-id",)


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ("sealed_at", "by", "coupons", "eligible", "total_yen", "sha256")
    list_select_related = ("by",)


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "coupon", "detail", "import_run")
    list_select_related = ("coupon", "import_run")
    list_filter = ("kind",)
    search_fields = ("coupon__inquiry_number__exact",)
    search_help_text = "お問合せ番号（全けた）"
    ordering = ("-id",)


class DebitInline(ReadOnlyInline):
    model = Debit
    fields = ("transaction_id", "amount")


class DoubleChargeStepInline(ReadOnlyInline):
    model = DoubleChargeStep
    fields = ("at", "old", "new", "by", "reason")


@admin.register(DoubleCharge)
class DoubleChargeAdmin(ReadOnlyAdmin):
    list_display = (
        "case_number",
        "state",
        "case",
        "prefecture_code",
        "inquiry_number",
        "shop_name",
        "taken_at",
        "call_back_at",
    )
    list_filter = ("state", PrefectureFilter)
    search_fields = ("case_number__exact", "inquiry_number__exact")
    search_help_text = "受付番号またはお問合せ番号（全けた）"
    ordering = ("-id",)
    inlines = (DebitInline, DoubleChargeStepInline)
