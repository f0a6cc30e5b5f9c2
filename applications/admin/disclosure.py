"""A person asks what is held on their application: counted first, then printed or saved (N81)."""

import json

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from applications import disclosure, receipts
from applications.admin import page
from applications.models import Application
from config import access

RIGHT = "applications.disclose_application"
FORMS = ("print", "json")


@require_http_methods(["GET", "HEAD", "POST"])
def disclose(request: HttpRequest, pk: int) -> HttpResponse:
    """GET counts what there is; a button hands it out, which is written down each time."""
    row = page.found(request, pk)
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    form = request.POST.get("form", "")
    tables = disclosure.held(row)
    if form not in FORMS:
        return shown(request, row, tables, whole=False)
    access.exported(request.user, "application", row.pk, f"disclosure {form}")
    return saved(row, tables) if form == "json" else shown(request, row, tables, whole=True)


def shown(
    request: HttpRequest, row: Application, tables: list[disclosure.Table], *, whole: bool
) -> HttpResponse:
    """The page: what there is by kind, and where asked for all of it, to be printed."""
    context = {
        **admin.site.each_context(request),
        "title": f"保有個人データの開示　{receipts.written(row.receipt_number)}",
        "opts": Application._meta,
        "application": row,
        "tables": tables,
        "whole": whole,
    }
    return TemplateResponse(request, "admin/applications/application/disclosure.html", context)


def saved(row: Application, tables: list[disclosure.Table]) -> HttpResponse:
    """The same as a file: a list of rows for each kind, each row by the names of its columns."""
    content = {
        table.title: [dict(zip(table.columns, each, strict=True)) for each in table.rows]
        for table in tables
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"kaiji-{receipts.written(row.receipt_number)}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
