"""The ledger's exports through the admin: upload, dry run, apply by a second click (N18).

The request only keeps the files; workers try and apply them, and the page follows by itself. The
right is the manager's, of all prefectures: an export is the whole ledger.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from config.states import Refused
from coupons import uploads
from coupons.admin import ImportAdmin
from coupons.ledger.importing import COUPONS_FILE, MOVEMENTS_FILE
from coupons.ledger.reading import ENCODINGS
from coupons.models import Difference, Import, Upload
from payouts import clerks
from payouts.admin.exporting import Exported

ADD = "coupons.add_import"
SHOWN = 5  # uploads above the list of the runs
AGAIN = 2  # seconds until a page that waits for a worker asks again
COUNTS = {
    "coupons_new": "新しいクーポン",
    "coupons_corrected": "訂正したクーポン",
    "extensions": "期限延長",
    "entries_new": "新しい入出金",
    "entries_changed": "訂正した入出金",
    "reflected": "戻入の反映確認",
    "differing_from_seal": "確定残額と異なるクーポン",
}

admin.site.unregister(Import)


class UploadForm(forms.Form):
    """Both files of one export."""

    coupons = forms.FileField(
        label=COUPONS_FILE,
        allow_empty_file=True,  # the dry run says what is missing
        error_messages={"required": f"{COUPONS_FILE} を選んでください。"},
    )
    movements = forms.FileField(
        label=MOVEMENTS_FILE,
        allow_empty_file=True,
        error_messages={"required": f"{MOVEMENTS_FILE} を選んでください。"},
    )


@admin.register(Import)
class LedgerImportAdmin(Exported, ImportAdmin):
    """The runs, and the pages to start one."""

    change_list_template = "admin/imports/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view = self.admin_site.admin_view
        ours = [
            path("upload/", view(upload), name="coupons_import_upload"),
            path("upload/<int:pk>/", view(uploaded), name="coupons_import_uploaded"),
            path("upload/<int:pk>/apply/", view(apply), name="coupons_import_apply"),
            path("upload/<int:pk>/drop/", view(drop), name="coupons_import_drop"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = may_import(request.user)
        latest = Upload.objects.select_related("by").order_by("-pk")[:SHOWN] if may else []
        return super().changelist_view(request, {"may_import": may, "uploads": latest})


def may_import(user: Any) -> bool:
    """The right, for every prefecture."""
    return user.has_perm(ADD) and clerks.visible(user) is None


def found(request: HttpRequest, pk: int) -> Upload:
    """An upload, for who may import. Raises PermissionDenied or Http404."""
    if not may_import(request.user):
        raise PermissionDenied
    return get_object_or_404(Upload.objects.select_related("by", "import_run"), pk=pk)


@csrf_exempt
def upload(request: HttpRequest) -> HttpResponse:
    """Read nothing of the body before the right is known; then every file goes to disk."""
    if not may_import(request.user):
        raise PermissionDenied
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return received(request)


@csrf_protect
def received(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: the files are kept, and their page is opened."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return page(request, {"form": form}, status=status)
    kept = uploads.receive(
        request.user, form.cleaned_data["coupons"], form.cleaned_data["movements"]
    )
    return redirect("admin:coupons_import_uploaded", kept.pk)


def uploaded(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an upload is: its progress, its differences or faults, or what it has done."""
    row = found(request, pk)
    waits = row.state in Upload.WAITING
    own = row.by_id == request.user.pk
    told = uploads.report(row)
    response = page(request, {"upload": row, "waits": waits, "own": own, **in_words(told)})
    if waits:
        response.headers["Refresh"] = str(AGAIN)
    return response


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """The explicit act: the same files, by the same person."""
    return acted(request, pk, uploads.order)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Not these files."""
    return acted(request, pk, uploads.drop)


def acted(request: HttpRequest, pk: int, act: Any) -> HttpResponse:
    """Do an act of an upload and show its page again."""
    row = found(request, pk)
    try:
        act(row, request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:coupons_import_uploaded", pk)


def in_words(told: dict[str, Any]) -> dict[str, Any]:
    """A report as the page shows it."""
    if "counts" not in told:
        return told
    kinds = dict(Difference.Kind.choices)
    counts = told["counts"]
    return {
        "tally": told,
        "files": [
            (name, rows, ENCODINGS[encoding], sha) for name, rows, encoding, sha in told["files"]
        ],
        "counts": [(label, counts[name]) for name, label in COUNTS.items()],
        "found": counts["differences"],
        "differences": [(kinds[kind], count) for kind, count in told["differences"].items()],
        "listed": [(kinds[kind], coupon, detail) for kind, coupon, detail in told["listed"]],
        "corrected": told["corrected"],
    }


def page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of an upload."""
    context = {
        **admin.site.each_context(request),
        "title": "台帳取込",
        "opts": Import._meta,
        "limit": settings.LEDGER_UPLOAD_LIMIT // 1024**2,
        **context,
    }
    return TemplateResponse(request, "admin/imports/upload.html", context, status=status)
