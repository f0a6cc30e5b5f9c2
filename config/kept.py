"""Public pages kept as bytes for a moment, before anything else looks at a request (N90).

The opening hour asks for the same few pages thousands of times a second. Each web process keeps an
answer for KEPT_SECONDS and gives it to everybody who asks for the same address: only pages that are
the same for all (200, no cookie given or read, to be asked for again) are kept.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

MOST = 500  # answers of one process
LARGEST = 200_000  # bytes of one answer


@dataclass(frozen=True)
class Answer:
    """What was said, until when (monotonic seconds)."""

    until: float
    content: bytes
    headers: tuple[tuple[str, str], ...]
    etag: str


def kept(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer from what was said a moment ago, or remember what is said now."""
    known: dict[tuple[str, str, bool], Answer] = {}

    def middleware(request: HttpRequest) -> HttpResponse:
        meta = request.META
        if request.method != "GET" or meta.get("QUERY_STRING") or not settings.KEPT_SECONDS:
            return respond(request)
        zipped = "gzip" in meta.get("HTTP_ACCEPT_ENCODING", "")
        key = (meta.get("HTTP_HOST", ""), request.path, zipped)
        found = known.get(key)
        if found and found.until > time.monotonic():
            return again(found, meta.get("HTTP_IF_NONE_MATCH", ""))
        response = respond(request)
        if may_keep(response):
            if len(known) >= MOST:
                known.clear()
            known[key] = remembered(response)
        return response

    return middleware


def may_keep(response: HttpResponse) -> bool:
    """Whether the answer is the same for everybody who asks in this moment."""
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and response.headers.get("Cache-Control") == "no-cache"
        and "ETag" in response.headers
        and "cookie" not in response.headers.get("Vary", "").lower()
        and len(response.content) <= LARGEST
    )


def remembered(response: HttpResponse) -> Answer:
    """The answer as it goes out."""
    until = time.monotonic() + settings.KEPT_SECONDS
    headers = tuple(response.headers.items())
    return Answer(until, response.content, headers, response.headers["ETag"])


def again(answer: Answer, asked_for: str) -> HttpResponse:
    """The answer once more, or that nothing has changed."""
    same = answer.etag in (each.strip() for each in asked_for.split(","))
    response = HttpResponseNotModified() if same else HttpResponse(answer.content)
    for name, value in answer.headers:
        if not same or name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response
