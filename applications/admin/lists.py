"""Lists beside the queue: what the scheduled jobs did, the closings."""

from django.contrib import admin

from applications.models import Closing
from config.models import JobRun
from payouts.admin.listing import OfficeList


class CommonList(OfficeList):
    """Rows of no prefecture."""

    prefecture_field = ""


@admin.register(JobRun)
class JobRunAdmin(CommonList):
    list_display = ("job", "slot", "started_at", "finished_at", "tries", "error", "outcome")
    list_filter = ("job",)
    ordering = ("-id",)


@admin.register(Closing)
class ClosingAdmin(CommonList):
    list_display = ("deadline", "closed_at", "count", "sha256")
    ordering = ("-id",)
