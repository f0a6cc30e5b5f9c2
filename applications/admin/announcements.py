"""Announcements in the office: one person writes, another reads the very text and publishes it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import announcements
from applications.forms.announcement import AnnouncementForm
from applications.models import Announcement
from config.states import Refused
from payouts.admin.listing import OfficeList, person

PREPARE, PUBLISH = "applications.add_announcement", "applications.change_announcement"
ACTS = {
    "publish": (announcements.publish, "公開しました。"),
    "drop": (announcements.drop, "取りやめました。"),
}
TEMPLATES = "admin/applications/announcement"


@admin.register(Announcement)
class AnnouncementAdmin(OfficeList):
    """All texts, open ones first."""

    list_display = ("__str__", "kind", "version", "stands", "prepared", "published")
    list_filter = ("kind",)
    list_select_related = ("prepared_by", "published_by")
    prefecture_field = ""
    ordering = ("-id",)
    prepared = person("prepared_by", "起案者")
    published = person("published_by", "公開者")

    @admin.display(description="状態")
    def stands(self, row: Announcement) -> str:
        return state(row)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PREPARE)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return prepare(request)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        return show(request, found(request, object_id))

    def get_urls(self) -> list[URLPattern]:
        ours = self.admin_site.admin_view(act)
        own = [
            path(f"<int:pk>/{verb}/", ours, {"verb": verb}, f"applications_announcement_{verb}")
            for verb in ACTS
        ]
        return [*own, *super().get_urls()]


def state(row: Announcement) -> str:
    """The office's word for where a text stands."""
    if row.published_at:
        return "公開中"
    return "取りやめ" if row.dropped_at else "公開待ち"


def found(request: HttpRequest, pk: str) -> Announcement:
    """A text, for who may read it."""
    if not request.user.has_perm("applications.view_announcement"):
        raise PermissionDenied
    if not str(pk).isdecimal():
        raise Http404(pk)
    return get_object_or_404(Announcement, pk=pk)


def prepare(request: HttpRequest) -> HttpResponse:
    """Write a text; `from` begins with an older one."""
    if not request.user.has_perm(PREPARE):
        raise PermissionDenied
    form = AnnouncementForm(request.POST or None, initial=_beginning(request))
    if form.is_valid():
        try:
            row = announcements.prepare(**form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error("number", refused.message)
        else:
            messages.success(request, "起案しました。ほかの人が公開できます。")
            return redirect("admin:applications_announcement_change", row.pk)
    return page(request, "write", {"form": form, "title": "お知らせの起案"})


def show(request: HttpRequest, row: Announcement, status: int = 200) -> HttpResponse:
    """A text as everybody will read it, and the buttons of this clerk."""
    waits = not (row.published_at or row.dropped_at)
    own = row.prepared_by_id == request.user.pk
    context = {
        "row": row,
        "stands": state(row),
        "title": str(row),
        "may_publish": waits and not own and request.user.has_perm(PUBLISH),
        "may_drop": waits and (own or request.user.has_perm(PUBLISH)),
        "own": waits and own,
        "may_prepare": request.user.has_perm(PREPARE),
    }
    return page(request, "show", context, status)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Publish or drop."""
    row = found(request, str(pk))
    own = verb == "drop" and row.prepared_by_id == request.user.pk
    if not (own or request.user.has_perm(PUBLISH)):
        raise PermissionDenied
    run, done = ACTS[verb]
    try:
        run(row, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return show(request, found(request, str(pk)), 409)
    messages.success(request, done)
    return redirect("admin:applications_announcement_change", pk)


def page(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of these in the office's clothes."""
    known = {**admin.site.each_context(request), "opts": Announcement._meta}
    return TemplateResponse(request, f"{TEMPLATES}/{name}.html", known | context, status=status)


def _beginning(request: HttpRequest) -> dict[str, Any]:
    start = request.GET.get("from", "")
    older = Announcement.objects.filter(pk=start).first() if start.isdecimal() else None
    if older is None:
        return {"number": announcements.next_number()}
    return {name: getattr(older, name) for name in ("kind", "number", "title", "body")}
