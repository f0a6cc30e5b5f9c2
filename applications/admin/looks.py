"""The list of second looks: what a third person still has to see, and what was found (N63)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from applications import receipts
from applications.models import SecondLook
from payouts.admin.listing import OfficeList, PrefectureFilter, person


class VerdictFilter(admin.SimpleListFilter):
    """Those that wait, unless something else is asked for."""

    title = "結果"
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        done = [choice for choice in SecondLook.Verdict.choices if choice[0]]
        return [("all", "すべて"), *done]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": "確認待ち"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(verdict=self.value() or SecondLook.Verdict.OPEN)


@admin.register(SecondLook)
class SecondLookAdmin(OfficeList):
    """Each row leads to its application, where the verdict is given."""

    list_display = ("number", "verdict", "prefecture", "drawn_at", "share", "who", "looker", "at")
    list_display_links = None
    list_filter = (VerdictFilter, PrefectureFilter)
    list_select_related = ("application", "decided_by", "by")
    ordering = ("drawn_at", "id")
    who, looker = person("decided_by", "承認者"), person("by", "確認者")

    @admin.display(description="申請")
    def number(self, row: SecondLook) -> SafeString:
        address = reverse("admin:applications_application_change", args=[row.application_id])
        written = receipts.written(row.application.receipt_number)
        return format_html('<a class="key" href="{}">{}</a>', address, written)

    @admin.display(description="抽出の割合")
    def share(self, row: SecondLook) -> str:
        return f"{row.percent}％"
