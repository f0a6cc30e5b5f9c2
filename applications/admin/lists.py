"""Lists beside the queue: what the scheduled jobs did, who looked at what, the closings."""

from django.contrib import admin

from applications.models import Closing
from config.models import AccessLog, JobRun, Postponement
from payouts.admin.listing import OfficeList


class CommonList(OfficeList):
    """Rows of no prefecture."""

    prefecture_field = ""


@admin.register(AccessLog)
class AccessLogAdmin(CommonList):
    list_display = ("at", "by", "act", "subject", "subject_id")
    list_filter = ("act", "subject")
    list_select_related = ("by",)
    search_fields = ("subject_id__exact", "by__username__exact")
    search_help_text = "対象IDまたはログイン名"
    ordering = ("-id",)


@admin.register(JobRun)
class JobRunAdmin(CommonList):
    list_display = ("job", "slot", "started_at", "finished_at", "tries", "error", "outcome")
    list_filter = ("job",)
    ordering = ("-id",)


@admin.register(Postponement)
class PostponementAdmin(CommonList):
    list_display = ("key", "until", "prepared_by", "approved_by", "approved_at")
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)


@admin.register(Closing)
class ClosingAdmin(CommonList):
    list_display = ("deadline", "closed_at", "count", "sha256")
    ordering = ("-id",)
