"""What is counted of requests, for Prometheus: how many, how long, with what answer.

Several web processes of one host share their numbers where PROMETHEUS_MULTIPROC_DIR names a folder
(the library reads that variable itself).
"""

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)  # seconds

requests = Counter("hosho_requests", "Answers given.", ["view", "method", "status"])
seconds = Histogram("hosho_request_seconds", "Time to the answer.", ["view"], buckets=BUCKETS)
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


def counted(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Count each answer by the name of its address, never by the address itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = respond(request)
        found = request.resolver_match
        view = (found and found.view_name) or "none"
        method = request.method if request.method in METHODS else "other"
        requests.labels(view, method, response.status_code).inc()
        seconds.labels(view).observe(time.perf_counter() - began)
        return response

    return middleware


def registry() -> CollectorRegistry:
    """Where the numbers of this host's web processes stand."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together
