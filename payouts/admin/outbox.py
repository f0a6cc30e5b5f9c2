"""The outbox and what became of each message; beside it the monitor and the work list."""

from django.contrib import admin
from django.urls import URLPattern, path

from coupons.admin import ReadOnlyInline
from payouts.admin import monitor, undelivered
from payouts.admin.listing import OfficeList, PrefectureFilter, person
from payouts.models import Attempt, Message, MessageAct, Receipt


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = ("number", "at", "outcome", "permanent", "code")


class ReceiptInline(ReadOnlyInline):
    model = Receipt
    fields = ("happened_at", "received_at", "provider", "outcome", "permanent", "code")
    ordering = ("happened_at", "id")


class MessageActInline(ReadOnlyInline):
    model = MessageAct
    fields = ("at", "act", "who")
    readonly_fields = ("who",)
    who = person("by", "担当者")


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
        ("attempts", "next_at", "provider_ref"),
        ("cause", "failure", "told_at"),
        ("other_at", "handled_at", "handled"),
    )
    readonly_fields = ("prefecture", "handled")
    handled = person("handled_by", "対応者")
    change_list_template = "admin/dispatch/change_list.html"
    inlines = (AttemptInline, ReceiptInline, MessageActInline)

    def get_urls(self) -> list[URLPattern]:
        """The monitor and the work lists before Django's pages."""
        view = self.admin_site.admin_view

        def page(address: str, target: object, name: str, **more: str) -> URLPattern:
            return path(address, view(target), more, name=f"payouts_message_{name}")

        ours = [
            page("monitor/", monitor.monitor, "monitor"),
            page("monitor/pause/", monitor.pause, "pause"),
            page("samples/", monitor.samples, "samples"),
            page("undelivered/", undelivered.show, "undelivered"),
            page("late/", undelivered.late, "late"),
            page("late/<int:pk>/propose/", undelivered.late_propose, "late_propose"),
        ]
        for verb in ("approve", "withdraw"):
            address = f"late/<int:pk>/{verb}/"
            ours.append(page(address, undelivered.late_decide, f"late_{verb}", verb=verb))
        for verb in undelivered.SAID:
            ours.append(page(f"<int:pk>/{verb}/", undelivered.act, verb, verb=verb))
        return [*ours, *super().get_urls()]
