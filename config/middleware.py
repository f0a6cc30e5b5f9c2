"""What every request meets first: the moment of its arrival, and a size that can be read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config import clock, rehearsal

Respond = Callable[[HttpRequest], HttpResponse]

PRIVATE = ("/apply/", "/status/", "/r/", "/rehearsal/", "/" + settings.ADMIN_PATH)


def arrival(respond: Respond) -> Respond:
    """Stamp the arrival (business time) and refuse bodies that no form of ours can send."""

    def middleware(request: HttpRequest) -> HttpResponse:
        rehearsal.refresh()
        request.arrived_at = clock.now()
        length = request.headers.get("content-length", "")
        public = not request.path.startswith("/" + settings.ADMIN_PATH)
        limit = settings.BODY_LIMIT if public else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        unread = request.method not in ("GET", "HEAD", "OPTIONS") and not length.isdecimal()
        if unread or (length.isdecimal() and int(length) > limit):
            return render(request, "413.html", status=413)
        return respond(request)

    return middleware


def private_pages(respond: Respond) -> Respond:
    """Pages of one person are kept by nobody and found by no search engine."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if request.path.startswith(PRIVATE):
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    return middleware
