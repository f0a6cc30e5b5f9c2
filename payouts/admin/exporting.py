"""Every list of the office as a file for Excel: its own columns, its filters of now (N84).

Rows come by a server-side cursor and leave as they come, so that a million need no more memory than
ten. What is yen stays a number; what is a moment is told in Japanese time.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import strip_tags
from django.views.decorators.http import require_safe

from config import access, clock
from payouts.outbound import csvsafe

FETCHED = 2000  # rows from the database at once
PLAIN = re.compile(r"[\w.:-]{1,20}", re.ASCII)  # a code of a filter; never what was typed


class Exported:
    """For an admin list: the address `export/` beside it, for who may take lists out."""

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [path("export/", view(self.export), name=f"{name}_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the address of its file."""
        context = extra_context or {}
        if request.user.has_perm(access.EXPORT):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_export"
            asked = request.GET.urlencode()
            context = {"export_address": reverse(name) + ("?" + asked if asked else ""), **context}
        return super().changelist_view(request, context)

    @method_decorator(require_safe)
    def export(self, request: HttpRequest) -> HttpResponse:
        """The file. Each time is noted, with the filters but not what was searched for."""
        if not (request.user.has_perm(access.EXPORT) and self.has_view_permission(request)):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect("admin:index")
        columns = self.get_list_display(request)
        heads = [strip_tags(label_for_field(name, self.model, self)) for name in columns]
        read = [reader(self, name) for name in columns]
        found = ([cell(each(row)) for each in read] for row in rows.iterator(FETCHED))
        access.exported(request.user, self.opts.model_name, detail=filters(request))
        return as_file(heads, found, self.opts.model_name)


def is_file(request: HttpRequest) -> bool:
    """Whether a list of no model is asked for as a file (`csv`). Raises PermissionDenied."""
    if "csv" not in request.GET:
        return False
    if not request.user.has_perm(access.EXPORT):
        raise PermissionDenied
    return True


def taken_out(
    request: HttpRequest, name: str, heads: Iterable[str], rows: Iterable[Iterable[object]]
) -> HttpResponse:
    """The file of such a list, noted with its filters."""
    asked = (pair for pair in request.GET.items() if pair[0] != "csv")
    access.exported(request.user, name, detail=" ".join(told(asked)))
    return as_file(heads, ([cell(value) for value in row] for row in rows), name)


def as_file(heads: Iterable[str], rows: Iterable[Iterable[object]], name: str) -> HttpResponse:
    """Rows as a CSV that is saved under this name and the moment, sent while they are read."""
    answer = StreamingHttpResponse(
        csvsafe.stream(heads, rows), content_type="text/csv; charset=utf-8"
    )
    saved = f"{name}-{clock.now():%Y%m%d-%H%M}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{saved}"'
    return answer


def reader(page: Any, name: Any) -> Callable[[Any], Any]:
    """What gives the value of a column of this list for a row."""
    field = field_of(page.model, getattr(name, "__name__", name))
    if isinstance(field, models.IntegerField) or (field and not callable(name)):
        return lambda row: of_field(field, row)
    if callable(name):
        return name
    own = getattr(page, name, None) if name != "__str__" else None
    return own or (lambda row: called(getattr(row, name)))


def called(value: Any) -> Any:
    """A method's value, or the value."""
    return value() if callable(value) else value


def field_of(model: type[models.Model], name: str) -> models.Field | None:
    """The model's field of this name."""
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def of_field(field: models.Field, row: Any) -> Any:
    """The value of a field in words of the office; yen stay a number."""
    if field.flatchoices:
        return getattr(row, f"get_{field.name}_display")()
    value = getattr(row, field.name)
    return value.get_username() if hasattr(value, "get_username") else value


def cell(value: Any) -> object:
    """A value as a cell: moments in Japanese time, yes and no, text without its markup."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.JST):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(str(cell(each)) for each in value)
    return html.unescape(strip_tags(str(value))).strip()


def filters(request: HttpRequest) -> str:
    """The filters of a list for the log: names and codes; of a search only that there was one."""
    return " ".join(told(request.GET.items()))


def told(asked: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in sorted(asked):
        if name == "q":
            yield "q"
        elif PLAIN.fullmatch(name):
            yield f"{name}={value}" if PLAIN.fullmatch(value) else name
