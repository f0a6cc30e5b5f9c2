"""The reports in the admin: chosen from a list, each figure a link, each table a file."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import reports, tables
from applications.final_report import final_report
from config import access, clock
from payouts import clerks
from payouts.admin.exporting import as_file

VIEW = "coupons.view_seal"  # the right to see the books


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Which reports there are."""
    require(request)
    return page(request, "index", {"reports": reports.TITLES, "title": "報告"})


@require_safe
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One report of the clerk's prefectures."""
    table = counted(request, key)
    context = {
        "key": key,
        "table": table,
        "rows": cells(table),
        "reports": reports.TITLES,
        "may_export": request.user.has_perm(access.EXPORT),
        "whole": clerks.visible(request.user) is None,
        "moment": clock.now(),
        "title": f"報告　{table.title}",
    }
    return page(request, "show", context)


@require_safe
def export(request: HttpRequest, key: str) -> HttpResponse:
    """The same as a file, noted."""
    if not request.user.has_perm(access.EXPORT):
        raise PermissionDenied
    table = counted(request, key)
    access.exported(request.user, "reports", key)
    return as_file(table.heads, reports.plain(table), f"report-{key}")


@require_safe
def final(request: HttpRequest) -> HttpResponse:
    """終了報告, to read and to print."""
    require(request)
    found = final_report(clerks.visible(request.user))
    context = {
        "report": found,
        "tables": [(table, cells(table)) for table in found.tables],
        "whole": clerks.visible(request.user) is None,
        "may_export": request.user.has_perm(access.EXPORT),
        "title": "終了報告",
    }
    return page(request, "final", context)


@require_safe
def final_export(request: HttpRequest) -> HttpResponse:
    """The same as one file: the title of the table in the first column, then its rows."""
    require(request)
    if not request.user.has_perm(access.EXPORT):
        raise PermissionDenied
    found = final_report(clerks.visible(request.user))
    access.exported(request.user, "final")
    lines: list[list[object]] = [["終了報告", *(found.remains or ["すべて完了しています。"])]]
    for table in found.tables:
        lines += [[], [table.title, *table.heads]]
        lines += [[table.title, *row] for row in reports.plain(table)]
    moment = f"{found.at:%Y-%m-%d %H:%M} 時点"
    return as_file(["終了報告", moment], lines, "final-report")


def require(request: HttpRequest) -> None:
    """Raises PermissionDenied."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied


def counted(request: HttpRequest, key: str) -> tables.Table:
    """The table, of the clerk's prefectures."""
    require(request)
    if key not in reports.REPORTS:
        raise Http404(key)
    return reports.REPORTS[key](clerks.visible(request.user))


def cells(table: tables.Table) -> list[list[tuple[object, str]]]:
    """Each figure with the address of its list."""
    return [[(cell.value, address(cell.to)) for cell in row] for row in table.rows]


def address(to: tables.Link | None) -> str:
    """Where the list behind a figure is."""
    return f"{reverse(f'admin:{to[0]}')}?{urlencode(to[1])}" if to else ""


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/reports/{name}.html", context)
