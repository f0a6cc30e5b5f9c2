"""What every request meets first: its language, the moment of its arrival, a readable size."""

from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response, set_response_etag

from config import clock, languages, rehearsal

Respond = Callable[[HttpRequest], HttpResponse]

TOKENS = ("/r/", "/p/", "/c/", "/l/")
PRIVATE = ("/apply/", "/status/", *TOKENS, "/rehearsal/", "/" + settings.ADMIN_PATH)


def language(respond: Respond) -> Respond:
    """Speak the language of the address, whatever comes of it; nothing is left for the next one.

    Django's own LocaleMiddleware would say that pages vary with the browser's language.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.LANGUAGE_CODE = languages.of_path(request.path_info)
        with translation.override(request.LANGUAGE_CODE):
            response = respond(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return middleware


def arrival(respond: Respond) -> Respond:
    """Stamp the arrival (business time); refuse addresses and bodies that no page of ours sends."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(settings.STATIC_URL):  # the clothes of a 503, too
            rehearsal.refresh()
        request.arrived_at = clock.now()
        if "\0" in unquote(request.META.get("QUERY_STRING", "")) + request.path:
            return refused(request, 400)  # no text; PostgreSQL takes none
        length = request.headers.get("content-length", "")
        limit = body_limit(request.path)
        unread = request.method not in ("GET", "HEAD", "OPTIONS") and not length.isdecimal()
        if unread or (length.isdecimal() and int(length) > limit):
            return refused(request, 413)
        return respond(request)

    return middleware


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """A page of its own for what is not even looked at."""
    page = render(request, f"{status}.html", status=status)
    page.headers["Cache-Control"] = "no-store"
    return page


def body_limit(path: str) -> int:
    """Bytes that a request to this address may carry; the ledger's exports are the largest."""
    if path == settings.LEDGER_UPLOAD_PATH:
        return settings.LEDGER_UPLOAD_LIMIT
    public = not path.startswith("/" + settings.ADMIN_PATH)
    return settings.BODY_LIMIT if public else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def is_private(request: HttpRequest) -> bool:
    """Whether the page is one person's, or the office's."""
    return languages.bare(request.path).startswith(PRIVATE)


def private_pages(respond: Respond) -> Respond:
    """Pages of one person are kept by nobody and found by no search engine."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if is_private(request):
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    return middleware


def revalidated(respond: Respond) -> Respond:
    """The other pages follow the clock to the minute: kept, but asked for again at every visit.

    A visitor who has the page of this minute gets 304 and nothing more; a fault is never kept.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
            return response
        decided = response.streaming or response.has_header("Cache-Control")
        if response.status_code != 200 or decided or is_private(request):
            return response
        response.headers["Cache-Control"] = "no-cache"
        set_response_etag(response)
        etag = response.headers["ETag"]
        return get_conditional_response(request, etag=etag, response=response)

    return middleware
