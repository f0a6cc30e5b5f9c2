"""What programs ask: alive, ready, and the figures for Prometheus."""

import hmac
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from applications import figures, watching
from config import addresses, clock, metrics
from config.models import JobRun
from config.tasks import broker_answers
from coupons.models import Seal

OLDEST = """
    SELECT coalesce(extract(epoch FROM %s - min(due_at)), 0)::float
    FROM payouts_message WHERE state = 'queued' AND channel IN ('sms', 'email') AND due_at <= %s
"""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether this process can take applications (503 where not), and how the rest is doing.

    The broker is told and decides nothing: applications are taken without it. Seconds for the age
    of the oldest due message.
    """
    try:
        return JsonResponse(state())
    except DatabaseError:
        return JsonResponse({"ready": False}, status=503)


def state() -> dict[str, Any]:
    """Database, broker, dispatch, jobs, seal and the last comparison of the books."""
    at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, [at, at])
        oldest = cursor.fetchone()[0]
    night = JobRun.objects.filter(job="reconcile", finished_at__isnull=False).order_by("-slot")
    run = night.first()
    return {
        "ready": True,
        "broker": broker_answers(),
        "oldest_due_seconds": oldest,
        "jobs": watching.last_runs(),
        "sealed": Seal.objects.exists(),
        "book_differences": run.outcome.get("differences") if run else None,
    }


@never_cache
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """The figures, for whoever has METRICS_TOKEN, or for this host where none is set."""
    if not may_read(request):
        raise Http404
    text = generate_latest(metrics.registry()) + generate_latest(figures.registry())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """The token in `Authorization: Bearer`, compared in constant time; loopback without one."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    client = addresses.client(request)
    return bool(client) and ip_address(client.partition("/")[0]).is_loopback
