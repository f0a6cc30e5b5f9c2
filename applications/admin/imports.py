"""The ledger's exports through the admin: upload, dry run, apply by a second click (N18).

The files go to a folder of this upload, are read from there twice, and are deleted with the apply
or a day later. The right is the manager's, of all prefectures: an export is the whole ledger.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from config import clock
from config.models import AccessLog
from config.states import Refused
from coupons.admin import ImportAdmin
from coupons.ledger.faults import SHOWN, Faulty
from coupons.ledger.importing import COUPONS_FILE, MOVEMENTS_FILE, Tally, import_ledger
from coupons.ledger.reading import ENCODINGS, examine
from coupons.models import Difference, Import
from payouts import clerks

ADD = "coupons.add_import"
TEMPLATE = "admin/imports/upload.html"
FOLDER = settings.VAR_DIR / "uploads"
LIFE = 24 * 3600  # seconds between upload and apply
SALT = "ledger upload"

admin.site.unregister(Import)


class UploadForm(forms.Form):
    """Both files of one export."""

    coupons = forms.FileField(
        label=COUPONS_FILE, error_messages={"required": f"{COUPONS_FILE} を選んでください。"}
    )
    movements = forms.FileField(
        label=MOVEMENTS_FILE, error_messages={"required": f"{MOVEMENTS_FILE} を選んでください。"}
    )


@dataclass(frozen=True)
class Upload:
    """A pair of files waiting to be applied, by whom, and what they were when tried."""

    folder: UUID
    by: int
    hashes: tuple[str, str]

    @property
    def place(self) -> Path:
        """Where the files are."""
        return FOLDER / str(self.folder)

    def unchanged(self) -> None:
        """Raises Refused where the files are not those that were tried."""
        files = [examine(self.place / name) for name in (COUPONS_FILE, MOVEMENTS_FILE)]
        if tuple(getattr(file, "sha256", "") for file in files) != self.hashes:
            raise Refused("ファイルが変わっています。もう一度選んでください。", "changed")

    def token(self) -> str:
        """What the apply button sends back; nobody can make another one."""
        return signing.dumps([str(self.folder), self.by, *self.hashes], salt=SALT)


def opened(token: str, user: Any) -> Upload:
    """The upload of a token. Raises Refused for another person's, an old or a finished one."""
    try:
        folder, by, *hashes = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        raise Refused(
            "確認から時間がたちました。もう一度ファイルを選んでください。", "old"
        ) from None
    upload = Upload(UUID(folder), by, tuple(hashes))
    if upload.by != user.pk:
        raise Refused("確認した人だけが取り込めます。", "other")
    if not upload.place.is_dir():
        raise Refused("取込済みか、ファイルが残っていません。", "gone")
    return upload


@admin.register(Import)
class LedgerImportAdmin(ImportAdmin):
    """The runs, and the pages to start one."""

    change_list_template = "admin/imports/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view = self.admin_site.admin_view
        ours = [
            path("upload/", view(upload), name="coupons_import_upload"),
            path("apply/", view(apply), name="coupons_import_apply"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"may_import": may_import(request.user)})


def may_import(user: Any) -> bool:
    """The right, for every prefecture."""
    return user.has_perm(ADD) and clerks.visible(user) is None


@csrf_exempt
def upload(request: HttpRequest) -> HttpResponse:
    """Read nothing of the body before the right is known; then every file goes to disk."""
    if not may_import(request.user):
        raise PermissionDenied
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return checked(request)


@csrf_protect
def checked(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: the dry run, with its tally or its faults."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return page(request, {"form": form}, status=status)
    folder = uuid4()
    kept = keep(folder, form.cleaned_data["coupons"], form.cleaned_data["movements"])
    try:
        tally = import_ledger(kept, by=request.user, dry_run=True)
    except Faulty as faulty:
        shutil.rmtree(kept)
        return page(request, {"form": UploadForm(), **told(faulty)}, status=422)
    run = tally.run
    token = Upload(folder, request.user.pk, (run.coupons_sha256, run.transactions_sha256)).token()
    return page(request, {"token": token, **figures(tally)})


@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """The second click: the same files, by the same person."""
    if not may_import(request.user):
        raise PermissionDenied
    try:
        found = opened(request.POST.get("token", ""), request.user)
        found.unchanged()
        tally = import_ledger(found.place, by=request.user)
    except Faulty as faulty:
        return page(request, {"form": UploadForm(), **told(faulty)}, status=422)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("admin:coupons_import_upload")
    shutil.rmtree(found.place)
    number = str(tally.run.pk)
    AccessLog.objects.create(
        at=clock.now(), by=request.user, act="import", subject="import", subject_id=number
    )
    messages.success(request, f"台帳取込 {number} が終わりました。申請との照合は、順に行われます。")
    return page(request, figures(tally))


def keep(folder: UUID, coupons: TemporaryUploadedFile, movements: TemporaryUploadedFile) -> Path:
    """Both files under their names in a folder of their own; older uploads are forgotten."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    forget(FOLDER.iterdir())
    place = FOLDER / str(folder)
    place.mkdir(mode=0o700)
    for file, name in ((coupons, COUPONS_FILE), (movements, MOVEMENTS_FILE)):
        shutil.move(file.temporary_file_path(), place / name)
    return place


def forget(folders: Iterable[Path]) -> None:
    """Delete uploads that nobody applied in time."""
    now = clock.real_now().timestamp()
    for folder in folders:
        if folder.is_dir() and now - folder.stat().st_mtime > LIFE:
            shutil.rmtree(folder, ignore_errors=True)


def told(faulty: Faulty) -> dict[str, Any]:
    """Every fault with its place."""
    return {"faults": faulty.faults[:SHOWN], "more": len(faulty.faults) > SHOWN}


def figures(tally: Tally) -> dict[str, Any]:
    """What an import did, or would do."""
    run = tally.run
    return {
        "tally": tally,
        "run": run,
        "files": [
            (COUPONS_FILE, run.coupons_read, ENCODINGS[tally.encodings[0]], run.coupons_sha256),
            (
                MOVEMENTS_FILE,
                run.transactions_read,
                ENCODINGS[tally.encodings[1]],
                run.transactions_sha256,
            ),
        ],
        "counts": [
            ("新しいクーポン", run.coupons_new),
            ("訂正したクーポン", run.coupons_corrected),
            ("期限延長", run.extensions),
            ("新しい入出金", run.entries_new),
            ("訂正した入出金", run.entries_changed),
            ("戻入の反映確認", tally.reflected),
            ("確定残額と異なるクーポン", tally.differing_from_seal),
        ],
        "differences": [
            (Difference.Kind(kind).label, count) for kind, count in tally.differences.items()
        ],
    }


def page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of an import."""
    context = {
        **admin.site.each_context(request),
        "title": "台帳取込",
        "opts": Import._meta,
        "limit": settings.LEDGER_UPLOAD_LIMIT // 1024**2,
        **context,
    }
    return TemplateResponse(request, TEMPLATE, context, status=status)
