"""Pages printed once for a moment, with gaps for what is one person's (N90).

A blank form costs ten times what everything else about a request costs, and in the opening hour it
is the same form for everybody. It is rendered with marks where a token or a value of this person
will stand, kept for KEPT_SECONDS in its web process, and filled in for each visitor. What is kept
holds no value of anybody.
"""

import re
import secrets
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import escape

MOST = 500  # sheets of one process
SEED = secrets.token_hex(12)  # nobody can type a mark
MARK = re.compile(f"{SEED}Z([a-z_0-9]+)Z")
TOKEN = "csrf_token"

known: dict[Hashable, "Sheet"] = {}

Context = Callable[[Mapping[str, str]], dict[str, Any]]


@dataclass(frozen=True)
class Sheet:
    """Text and names of gaps in turn, beginning and ending with text; good until (monotonic s)."""

    until: float
    parts: tuple[str, ...]


def page(
    request: HttpRequest, template: str, kind: Hashable, given: Mapping[str, str], context: Context
) -> HttpResponse:
    """The page of a template whose `context` is made with the values `given`, or with marks.

    The values may stand only where text or an attribute's value stands, and nothing else of the
    page may follow from them: what does is named in `kind`, together with all else that differs
    between two visitors of the same address.
    """
    if not settings.KEPT_SECONDS:
        return render(request, template, context(given))
    key = (template, request.get_host(), request.get_full_path(), kind, frozenset(given))
    sheet = known.get(key)
    if sheet is None or sheet.until <= time.monotonic():
        sheet = printed(request, template, {name: mark(name) for name in given}, context)
        if len(known) >= MOST:
            known.clear()
        known[key] = sheet
    return HttpResponse(filled(sheet, request, given))


def mark(name: str) -> str:
    return f"{SEED}Z{name}Z"


def printed(
    request: HttpRequest, template: str, marks: Mapping[str, str], context: Context
) -> Sheet:
    """The page with its gaps, good from now on."""
    until = time.monotonic() + settings.KEPT_SECONDS
    html = render_to_string(template, context(marks) | {TOKEN: mark(TOKEN)}, request)
    return Sheet(until, tuple(MARK.split(html)))


def filled(sheet: Sheet, request: HttpRequest, given: Mapping[str, str]) -> str:
    """The sheet for this visitor, with a token of their own where it has a form."""
    texts, gaps = sheet.parts[::2], sheet.parts[1::2]
    values = {name: escape(str(value)) for name, value in given.items()}
    if TOKEN in gaps:
        values[TOKEN] = get_token(request)
    whole = [texts[0]]
    for gap, text in zip(gaps, texts[1:], strict=True):
        whole += (values[gap], text)
    return "".join(whole)
