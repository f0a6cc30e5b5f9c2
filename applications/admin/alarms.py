"""警報: what is stuck now, with a button to the screen that mends it, and what was before."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from applications.admin.lists import CommonList
from config.models import Alarm


class ClearedFilter(admin.SimpleListFilter):
    """What is stuck now, or what was."""

    title, parameter_name = "状態", "cleared"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "続いているもの"), ("yes", "解消したもの")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alarm]) -> QuerySet[Alarm]:
        if self.value() not in ("no", "yes"):
            return queryset
        return queryset.filter(cleared_at__isnull=self.value() == "no")


@admin.register(Alarm)
class AlarmAdmin(CommonList):
    """Open alarms first; the watch opens and closes them, people mend what they tell."""

    list_display = ["label", "detail", "raised_at", "mailed_at", "cleared_at", "go"]
    list_display_links = None
    list_filter = [ClearedFilter]
    ordering = ["-cleared_at", "-raised_at"]  # PostgreSQL puts the open ones, without an end, first

    @admin.display(description="対応")
    def go(self, alarm: Alarm) -> str:
        """The way to the screen, for an open alarm."""
        if alarm.cleared_at:
            return ""
        return format_html('<a class="button" href="{}">対応画面を開く</a>', alarm.path)
