"""Lists of the office: read only, of the clerk's own prefectures, each opened record noted."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from config import access
from config.notice import NOTICE
from config.states import label
from coupons.admin import ReadOnlyAdmin, ReadOnlyInline
from payouts import clerks
from payouts.admin.exporting import Exported
from payouts.resending import REASONS


class PrefectureFilter(admin.SimpleListFilter):
    """The prefectures that the clerk works for."""

    title = "都道府県"
    parameter_name = "prefecture"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (code, NOTICE.prefectures[code].name)
            for code in clerks.prefectures_of(request.user)
            if code in NOTICE.prefectures
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        field = getattr(self, "field", "prefecture_code")
        return queryset.filter(**{field: self.value()}) if self.value() else queryset


class PayoutPrefectureFilter(PrefectureFilter):
    """The prefecture of the row's payout."""

    field = "payout__prefecture_code"


class StageFilter(admin.SimpleListFilter):
    """How far a proposal is that another person decides, in the words of the column 状態."""

    title, parameter_name = "状態", "stage"
    decided_at, waiting, decided = "approved_at", "承認待ち", "承認済み"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", self.waiting), ("decided", self.decided), ("dropped", "取りやめ")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {
            "waiting": {self.decided_at: None, "dropped_at": None},
            "decided": {f"{self.decided_at}__isnull": False},
            "dropped": {"dropped_at__isnull": False},
        }
        return queryset.filter(**wanted.get(self.value() or "", {}))

    @classmethod
    def of(cls, row: Any) -> str:
        """The word for one row."""
        if getattr(row, cls.decided_at):
            return cls.decided
        return "取りやめ" if row.dropped_at else cls.waiting


class BrandFilter(admin.SimpleListFilter):
    """The brands of the notice, without asking a million rows which there are."""

    title = "種類"
    parameter_name = "brand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(brand.key, brand.name) for brand in NOTICE.brands.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(brand=self.value()) if self.value() else queryset


class OfficeList(Exported, ReadOnlyAdmin):
    """Rows of the clerk's prefectures. `prefecture_field` leads to the code (N25)."""

    prefecture_field = "prefecture_code"
    empty_value_display = ""
    show_facets = admin.ShowFacets.NEVER
    preserve_filters = False  # our pages lead back by themselves
    of_the_bank = False  # not on the first page where the notice pays by points alone

    def has_module_permission(self, request: HttpRequest) -> bool:
        wanted = NOTICE.bank_road or not self.of_the_bank
        return wanted and super().has_module_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not self.prefecture_field:
            return rows
        return clerks.scoped(rows, request.user, self.prefecture_field)

    def row_of(self, request: HttpRequest, object_id: str) -> Any:
        """The row of an address. Raises PermissionDenied, or Http404 for another prefecture's."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404(object_id)
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """Opening a person's record is written down (N83)."""
        page = super().change_view(request, object_id, *args)
        if page.status_code == 200:
            seen(request, self.opts.model_name or "", object_id)
        return page

    @admin.display(description="都道府県", ordering="prefecture_code")
    def prefecture(self, row: Any) -> str:
        return prefecture_name(row.prefecture_code)


def person(field: str, label: str) -> Callable[[Any, Any], str]:
    """A column with a colleague's log-in name (a foreign key would become a link to an account)."""

    @admin.display(description=label)
    def name(page: Any, row: Any) -> str:
        user = getattr(row, field)
        return user.get_username() if user else ""

    return name


class StepInline(ReadOnlyInline):
    """The history of the record on the page."""

    fields = ("at", "was", "became", "who", "why")
    readonly_fields = fields
    ordering = ("id",)
    who = person("by", "担当者")

    @admin.display(description="変更前")
    def was(self, step: Any) -> str:
        return label(step.of, step.old)

    @admin.display(description="変更後")
    def became(self, step: Any) -> str:
        return label(step.of, step.new)

    @admin.display(description="理由")
    def why(self, step: Any) -> str:
        return REASONS.get(step.reason, step.reason)


def found(
    request: HttpRequest,
    rows: QuerySet[Any],
    pk: object,
    right: str,
    field: str = "prefecture_code",
) -> Any:
    """A row for who has this right; other prefectures' do not exist here (N25).

    `field` leads to the prefecture, "" for rows of no prefecture.
    """
    if not request.user.has_perm(right):
        raise PermissionDenied
    if not str(pk).isdecimal():
        raise Http404(pk)
    own = clerks.scoped(rows, request.user, field) if field else rows
    return get_object_or_404(own, pk=pk)


def seen(request: HttpRequest, subject: str, subject_id: object) -> None:
    """Write down that this clerk opened this record; ids only."""
    access.viewed(request.user, subject, subject_id)


def prefecture_name(code: str) -> str:
    """The name of a prefecture, or its code where the notice does not know it."""
    found = NOTICE.prefectures.get(code)
    return found.name if found else code
