"""Answers that leave at even moments: how long one took tells a guesser nothing (decided 35).

A coupon number that exists costs PostgreSQL a third of a millisecond more than one that does not.
Asked two thousand times that can be told, so an answer waits for the next even moment of its own
clock. It costs no processor time, and a thread for less than EVEN_MS.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def evenly(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a POST after a whole number of EVEN_MS (0: at once)."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        began, step = time.monotonic(), settings.EVEN_MS / 1000
        response = view(request, *args, **options)
        if step and request.method == "POST":
            time.sleep(step - (time.monotonic() - began) % step)
        return response

    return answered
