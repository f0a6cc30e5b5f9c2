"""The category B desk in the admin: the list of cases, and the addresses of its pages."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from applications import desk as desk_acts
from applications import receipts
from applications.admin import desk_call, desk_case, desk_lists, desk_suspects
from applications.templatetags.office import short
from applications.validators.phones import phone
from config import clock
from coupons.admin import as_number
from coupons.models import DoubleCharge
from payouts.admin.ledger import OwnDoubleChargeAdmin
from payouts.admin.listing import PrefectureFilter

OPEN = ("taken", "asked_shop", "confirmed", "instructed")

admin.site.unregister(DoubleCharge)


class OpenFilter(admin.SimpleListFilter):
    """Open cases unless another state, or all, is asked for; a search looks at all."""

    title = "状態"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.searching = bool(request.GET.get("q"))
        return [("all", "すべて"), *DoubleCharge.State.choices]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": "処理が必要なもの"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in DoubleCharge.State.values:
            return queryset.filter(state=self.value())
        if self.value() == "all" or self.searching:
            return queryset
        return queryset.filter(state__in=OPEN)


class CallBackFilter(admin.SimpleListFilter):
    """Who is to be called back."""

    title = "折り返し"
    parameter_name = "call_back"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("due", "時刻を過ぎた"), ("set", "予定あり")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "due":
            return queryset.filter(call_back_at__lte=clock.now())
        return queryset.exclude(call_back_at=None) if self.value() else queryset


@admin.register(DoubleCharge)
class DeskAdmin(OwnDoubleChargeAdmin):
    """Cases, those to be called back first; the pages behind them are our own."""

    list_display = (
        "number",
        "stands",
        "case",
        "prefecture",
        "inquiry_number",
        "shop_name",
        "taken",
        "back",
    )
    list_filter = (OpenFilter, CallBackFilter, PrefectureFilter)
    search_fields = ("case_number",)  # shows the box; what is looked up, see below
    search_help_text = "受付番号・お問合せ番号・折り返し先の電話番号（全部を入力）"
    ordering = ("call_back_at", "id")
    change_list_template = "admin/desk/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "coupons_doublecharge"
        ours = [
            path("call/", view(desk_call.call), name=f"{name}_call"),
            path("give-backs/", view(desk_lists.show), name=f"{name}_give_backs"),
            path("give-backs/prepare/", view(desk_lists.prepare), name=f"{name}_prepare"),
            path("give-backs/<int:pk>/csv/", view(desk_lists.download), name=f"{name}_csv"),
            path("give-backs/<int:pk>/<slug:verb>/", view(desk_lists.act), name=f"{name}_list_act"),
            path("suspects/", view(desk_suspects.show), name=f"{name}_suspects"),
            path("suspects/<int:pk>/", view(desk_suspects.take_up), name=f"{name}_take_up"),
            path("<int:pk>/change/", view(desk_case.show), name=f"{name}_change"),
            path("<int:pk>/application/", view(desk_call.complete), name=f"{name}_complete"),
            path("<int:pk>/act/<slug:verb>/", view(desk_case.act), name=f"{name}_act"),
        ]
        return [*ours, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole keys only, in any spelling."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(key(search_term)), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may_take = request.user.has_perm(desk_call.TAKE)
        return super().changelist_view(request, {"may_take": may_take})

    @admin.display(description="受付番号", ordering="case_number")
    def number(self, row: DoubleCharge) -> SafeString:
        return format_html('<span class="key">{}</span>', desk_acts.written(row.case_number))

    @admin.display(description="状態")
    def stands(self, row: DoubleCharge) -> SafeString:
        return format_html('<span class="tag {}">{}</span>', row.state, row.get_state_display())

    @admin.display(description="受付", ordering="taken_at")
    def taken(self, row: DoubleCharge) -> str:
        return short(row.taken_at)

    @admin.display(description="折り返し予定", ordering="call_back_at")
    def back(self, row: DoubleCharge) -> SafeString | str:
        if row.call_back_at is None:
            return ""
        late = row.call_back_at <= clock.now() and row.state in OPEN
        shown = short(row.call_back_at)
        return format_html('<span class="tag mark">{}</span>', shown) if late else shown


def key(typed: str) -> Q:
    """The condition that a typed key stands for."""
    found = Q(inquiry_number=as_number(typed))
    if receipt := receipts.parse(typed):
        found |= Q(case_number__startswith=receipt)
    try:
        found |= Q(call_back_phone=phone(typed))
    except ValidationError:
        return found
    return found
