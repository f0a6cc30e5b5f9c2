"""What programs ask: alive, and ready with the age of the oldest due dispatch."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import clock

OLDEST = """
    SELECT coalesce(extract(epoch FROM %s - min(due_at)), 0)::float
    FROM payouts_message WHERE state = 'queued' AND channel <> 'letter' AND due_at <= %s
"""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers too; how long (seconds) the oldest due message has been waiting."""
    at = clock.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute(OLDEST, [at, at])
            return JsonResponse({"ready": True, "oldest_due_seconds": cursor.fetchone()[0]})
    except DatabaseError:
        return JsonResponse({"ready": False}, status=503)
