"""Wishes to be reached elsewhere: one clerk makes sure who asks, another lets it happen."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import requests
from applications.admin.verbs import APPROVE, CHANGE
from applications.models import ChangeRequest
from config.states import Refused, label
from payouts.admin import listing
from payouts.admin.listing import OfficeList, PrefectureFilter, seen

VIEW = "applications.view_changerequest"
LABELS = {"check": "本人と確認した", "approve": "配信先を変える", "dismiss": "見送る"}
DONE = {
    "check": "確認済みにしました。",
    "approve": "配信先を変えました。",
    "dismiss": "見送りました。",
}


@admin.register(ChangeRequest)
class ChangeRequestAdmin(OfficeList):
    """All wishes, the newest first."""

    list_display = ("__str__", "about", "state", "prefecture", "made_at")
    list_filter = ("state", PrefectureFilter)
    list_select_related = ("application",)
    search_fields = ("inquiry_number__exact", "contact__exact", "old_contact__exact")
    search_help_text = "お問合せ番号、または連絡先（全部）"
    ordering = ("-id",)

    @admin.display(description="対象")
    def about(self, row: ChangeRequest) -> str:
        return requests.heading(row)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        row = found(request, object_id)
        seen(request, "changerequest", row.pk)
        return page(request, row)

    def get_urls(self) -> list[URLPattern]:
        ours = self.admin_site.admin_view(act)
        own = [
            path(f"<int:pk>/{verb}/", ours, {"verb": verb}, f"applications_changerequest_{verb}")
            for verb in LABELS
        ]
        return [*own, *super().get_urls()]


def found(request: HttpRequest, pk: object) -> ChangeRequest:
    """A wish, for who may see it; other prefectures' do not exist here (N25)."""
    rows = ChangeRequest.objects.select_related("application", "checked_by", "approved_by")
    return listing.found(request, rows, pk, VIEW)


def available(row: ChangeRequest, user: Any) -> dict[str, str]:
    """The buttons of this clerk now; the constraint guards the rest."""
    verbs = {}
    if row.state == ChangeRequest.State.ASKED and user.has_perm(CHANGE):
        verbs["check"] = LABELS["check"]
    if row.state == ChangeRequest.State.CHECKED and user.has_perm(APPROVE):
        verbs |= {"approve": LABELS["approve"]} if row.checked_by_id != user.pk else {}
    if row.state in (ChangeRequest.State.ASKED, ChangeRequest.State.CHECKED):
        may = user.has_perm(CHANGE) or user.has_perm(APPROVE)
        verbs |= {"dismiss": LABELS["dismiss"]} if may else {}
    return verbs


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One button; what is refused is told on the same page."""
    row = found(request, pk)
    if verb not in available(row, request.user):
        raise PermissionDenied
    try:
        if verb == "dismiss":
            requests.dismiss(row, by=request.user, reason=request.POST.get("reason", ""))
        else:
            {"check": requests.check, "approve": requests.approve}[verb](row, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return page(request, found(request, pk), 409)
    messages.success(request, DONE[verb])
    return redirect("admin:applications_changerequest_change", pk)


def page(request: HttpRequest, row: ChangeRequest, status: int = 200) -> HttpResponse:
    """The old and the new contact, the history, and the buttons of this clerk."""
    context = {
        **admin.site.each_context(request),
        "opts": ChangeRequest._meta,
        "title": "配信先の変更の申し出",
        "row": row,
        "about": requests.heading(row),
        "verbs": available(row, request.user),
        "reasons": requests.DISMISSALS,
        "own": row.checked_by_id == request.user.pk and row.state == ChangeRequest.State.CHECKED,
        "steps": [
            (step, label(row, step.new), requests.why(step.reason))
            for step in row.steps.select_related("by").order_by("-id")
        ],
    }
    template = "admin/applications/changerequest/show.html"
    return TemplateResponse(request, template, context, status=status)
