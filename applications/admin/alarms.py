"""警報: what is stuck now, with a button to the screen that mends it, and what was before."""

from django.contrib import admin
from django.utils.html import format_html

from applications.admin.lists import CommonList
from config.models import Alarm


@admin.register(Alarm)
class AlarmAdmin(CommonList):
    """Open alarms first; the watch opens and closes them, people mend what they tell."""

    list_display = ["label", "detail", "raised_at", "mailed_at", "cleared_at", "go"]
    list_display_links = None
    list_filter = [("cleared_at", admin.EmptyFieldListFilter)]
    ordering = ["-cleared_at", "-raised_at"]  # PostgreSQL puts the open ones, without an end, first

    @admin.display(description="対応")
    def go(self, alarm: Alarm) -> str:
        """The way to the screen, for an open alarm."""
        if alarm.cleared_at:
            return ""
        return format_html('<a class="button" href="{}">対応画面を開く</a>', alarm.path)
