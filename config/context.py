"""What every template knows: the notice, the moment, the call centre."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config import clock
from config.notice import NOTICE


def site(request: HttpRequest) -> dict[str, Any]:
    """The law and the clock for a page; reads no database."""
    at = clock.now()
    return {
        "notice": NOTICE,
        "at": at,
        "office": NOTICE.prefectures[NOTICE.home],
        "rehearsal": settings.REHEARSAL,
        "call_centre": {"open": NOTICE.office_open(at), "next_opening": NOTICE.next_opening(at)},
        "site_url": settings.SITE_URL,
        "site_host": settings.SITE_HOST,
    }
