"""The ceiling of a submission: Django with as many requests and one insert, and nothing else.

No template, no session, no CSRF: what the framework, the server and the database cost alone.
"""

import os

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    DEBUG=False,
    SECRET_KEY="of a benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="benchmarks.peers.bare",
    INSTALLED_APPS=[],
    MIDDLEWARE=[],
    DATABASES={
        "default": environ.Env.db_url_config(os.environ["DATABASE_URL"])
        | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    },
    USE_TZ=True,
)
PAGE = b"x" * 6000  # about what a page of the form weighs


def step(request: HttpRequest) -> HttpResponse:
    """A page, whatever was sent."""
    request.POST.get("a")
    return HttpResponse(PAGE)


def last(request: HttpRequest) -> HttpResponse:
    """One row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_submission (receipt, content) VALUES (gen_random_uuid(), %s)",
            [request.POST.get("a", "")],
        )
    return HttpResponse(PAGE)


urlpatterns = [path("step", step), path("last", last)]
application = get_wsgi_application()
