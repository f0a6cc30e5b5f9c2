"""The way in after the deadline: a single-use link leads to the usual form (N79).

Opening it spends nothing, since scanners follow GET. A button puts the link into an encrypted
cookie; intake alone judges and spends it, in the transaction that stores the application.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications import late_access, periods
from applications.models import LateAccess
from config import cipher
from config.notice import NOTICE

NAME = settings.COOKIE_PREFIX + "late"
CONTEXT = "late_cookie"
LIFE = timedelta(hours=24)


@require_safe
def short(request: HttpRequest, token: str) -> HttpResponse:
    """The short address of a message leads to the page, in the language of the case."""
    row = late_access.find(token)
    prefix = f"/{row.language}" if row and row.language == "en" else ""
    return redirect(f"{prefix}/apply/late/{token}/")


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, token: str) -> HttpResponse:
    """What the link is for and until when; the button begins the usual form."""
    row = late_access.find(token)
    if row is None:
        return render(request, "late/unknown.html", status=404)
    if NOTICE.accepts_applications(request.arrived_at, periods.extended()):
        return redirect("apply")
    if not late_access.alive(row, request.arrived_at):
        return render(request, "late/ended.html", {"row": row}, status=410)
    if request.method != "POST":
        return render(request, "late/entry.html", {"row": row})
    response = redirect("apply")
    response.set_cookie(
        NAME,
        cipher.encrypt_text(token.encode(), CONTEXT),
        max_age=LIFE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


def token_in(request: HttpRequest) -> str:
    """The token that this browser carries, "" for none; no question to the database."""
    try:
        return cipher.decrypt_text(request.COOKIES.get(NAME, ""), CONTEXT).decode()
    except ValueError:
        return ""


def link(request: HttpRequest) -> LateAccess | None:
    """The living link of this browser, None for the many that have none."""
    if not hasattr(request, "late_link"):
        token = token_in(request)
        row = late_access.find(token) if token else None
        request.late_link = row if late_access.alive(row, request.arrived_at) else None
    return request.late_link


def ends(request: HttpRequest) -> Mapping[str, datetime]:
    """The postponed ends as they hold for this browser."""
    known, row = periods.extended(), link(request)
    return late_access.extended(row, known) if row else known


def period(request: HttpRequest) -> dict[str, object]:
    """What pages of the flow say about the time, for who came by a link."""
    row = link(request)
    return {"late": row, "phase": "open", "closes": row.expires_at} if row else {}


def spent(response: HttpResponse) -> None:
    """The link did its work: this browser forgets it."""
    response.delete_cookie(NAME, samesite="Lax")
