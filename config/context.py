"""What every template knows: the notice, the moment, the call centre."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config import clock, languages
from config.notice import NOTICE


def site(request: HttpRequest) -> dict[str, Any]:
    """The law and the clock for a page; reads no database."""
    at, told = clock.now(), languages.notice()
    query = "?" + request.META["QUERY_STRING"] if request.META.get("QUERY_STRING") else ""
    return {
        "notice": told,
        "at": at,
        "office": told.prefectures[NOTICE.home],
        "ways": languages.ways(request.path, known=request.resolver_match is not None, query=query),
        "rehearsal": settings.REHEARSAL,
        "call_centre": {"open": NOTICE.office_open(at), "next_opening": NOTICE.next_opening(at)},
        "site_url": settings.SITE_URL,
        "site_host": settings.SITE_HOST,
    }
