"""応対記録: the list, who is to be called back, the figures, and the addresses of its pages."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from applications import inquiries
from applications.admin import inquiry_call
from applications.admin.call_pages import day, page, require
from applications.models import Inquiry
from applications.templatetags.office import short
from config import clock
from config.clock import JST
from payouts.admin import exporting
from payouts.admin.listing import OfficeList, PrefectureFilter, person

VIEW = "applications.view_inquiry"
LONGEST = 31  # days of one table


class TodoFilter(admin.SimpleListFilter):
    """What is still to be done."""

    title = "対応"
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("due", "折り返し（時刻を過ぎた）"),
            ("call_back", "折り返し予定あり"),
            ("mine", "自分の役割への引き継ぎ"),
            ("open", "未完了"),
            ("settled", "完了"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "due":
                return queryset.filter(call_back_at__lte=clock.now(), called_back_at=None)
            case "call_back":
                return queryset.filter(call_back_at__isnull=False, called_back_at=None)
            case "mine":
                return queryset.filter(pk__in=inquiries.waiting(request.user).values("pk"))
            case "open":
                return queryset.filter(settled_at=None)
            case "settled":
                return queryset.filter(settled_at__isnull=False)
        return queryset


@admin.register(Inquiry)
class InquiryAdmin(OfficeList):
    """All inquiries of the clerk's prefectures, the newest first."""

    list_display = (
        *("number", "at_shown", "way", "topic", "prefecture"),
        *("receipt", "back", "handed", "done", "who"),
    )
    list_filter = (TodoFilter, "topic", "way", "escalated_to", PrefectureFilter)
    list_select_related = ("by", "application")
    search_fields = ("application__receipt_number__exact", "caller_phone__exact")
    search_help_text = "受付番号または折り返し先（全部）"
    ordering = ("-id",)
    change_list_template = "admin/calls/inquiry_list.html"
    who = person("by", "担当者")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "applications_inquiry"
        ours = [
            path("call/", view(inquiry_call.call), name=f"{name}_call"),
            path("figures/", view(figures), name=f"{name}_figures"),
            path("<int:pk>/change/", view(inquiry_call.show), name=f"{name}_change"),
            path("<int:pk>/act/<slug:verb>/", view(inquiry_call.act), name=f"{name}_act"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        at = clock.now()
        context = {
            "may_call": request.user.has_perm(inquiry_call.ADD),
            "due": inquiries.due(request.user, at).count(),
            "handed": inquiries.waiting(request.user).count(),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @admin.display(description="番号", ordering="id")
    def number(self, row: Inquiry) -> str:
        return str(row)

    @admin.display(description="受けた日時", ordering="at")
    def at_shown(self, row: Inquiry) -> str:
        return short(row.at)

    @admin.display(description="受付番号")
    def receipt(self, row: Inquiry) -> str:
        return inquiry_call.subject(row)

    @admin.display(description="折り返し", ordering="call_back_at")
    def back(self, row: Inquiry) -> SafeString | str:
        if row.call_back_at is None or row.called_back_at:
            return "済み" if row.called_back_at else ""
        shown = short(row.call_back_at)
        late = row.call_back_at <= clock.now()
        return format_html('<span class="tag mark">{}</span>', shown) if late else shown

    @admin.display(description="引き継ぎ先")
    def handed(self, row: Inquiry) -> str:
        return row.get_escalated_to_display()

    @admin.display(description="完了", boolean=True)
    def done(self, row: Inquiry) -> bool:
        return row.settled_at is not None


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Inquiries by topic and day."""
    require(request, VIEW)
    today = clock.now().astimezone(JST).date()
    last = min(day(request.GET.get("last", ""), today), today)
    first = day(request.GET.get("first", ""), last - timedelta(days=6))
    first = max(min(first, last), last - timedelta(days=LONGEST - 1))
    days, table = inquiries.figures(request.user, first, last)
    if exporting.is_file(request):
        heads = ["用件", *(each.isoformat() for each in days), "計"]
        lines = ([label, *counts, whole] for label, counts, whole in table)
        return exporting.taken_out(request, "inquiry_figures", heads, lines)
    sums = [sum(line[1][place] for line in table) for place in range(len(days))]
    context = {
        "title": "応対の件数（用件・日別）",
        "days": days,
        "table": table,
        "sums": sums,
        "all": sum(sums),
        "first": first,
        "last": last,
    }
    return page(request, "figures", Inquiry, context)
