"""The outbox and what became of each message."""

from django.contrib import admin

from coupons.admin import ReadOnlyInline
from payouts.admin.listing import OfficeList, PrefectureFilter
from payouts.models import Attempt, Message


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = ("number", "at", "outcome", "permanent", "code")


@admin.register(Message)
class MessageAdmin(OfficeList):
    list_display = (
        "id",
        "kind",
        "channel",
        "state",
        "prefecture",
        "subject",
        "due_at",
        "sent_at",
        "attempts",
        "failure",
    )
    list_filter = ("state", "channel", "kind", PrefectureFilter)
    search_fields = ("subject__exact", "address__exact")
    search_help_text = "対象（application:番号、payout:番号）または宛先（全部）"
    ordering = ("-id",)
    fields = (
        ("kind", "channel", "state"),
        ("address", "language", "prefecture"),
        ("subject", "version"),
        ("written_at", "due_at", "sent_at"),
        ("attempts", "failure", "provider_ref"),
    )
    readonly_fields = ("prefecture",)
    inlines = (AttemptInline,)
