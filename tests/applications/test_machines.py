"""What programs ask: alive, ready, figures; nobody else reads the figures."""

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from config import jobs
from config.models import Alarm
from tests.applications import rows
from tests.payouts import rows as payout_rows

pytestmark = pytest.mark.django_db


def figures(client: Client, **headers: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Name of a figure -> its labels' values -> its value."""
    text = client.get("/metrics", headers=headers).content.decode()
    return {
        family.name: {tuple(each.labels.values()): each.value for each in family.samples}
        for family in text_string_to_metric_families(text)
    }


def test_alive(client: Client, settings: Settings) -> None:
    settings.REHEARSAL = False  # whose clock stands in the database
    with connection.execute_wrapper(lambda *_: pytest.fail("it asked the database")):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_tells_of_database_broker_jobs_seal_and_books(client: Client) -> None:
    told = client.get("/readyz").json()

    assert sorted(told) == [
        "book_differences",
        "broker",
        "jobs",
        "oldest_due_seconds",
        "ready",
        "sealed",
    ]
    assert (told["ready"], told["sealed"], told["oldest_due_seconds"]) == (True, False, 0)
    assert sorted(told["jobs"]) == sorted(job.name for job in jobs.TIMETABLE)


def test_ready_without_a_broker(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["broker"]) == (200, False)


def test_figures_count_the_rows(client: Client) -> None:
    rows.application(rows.coupon())
    payout_rows.codes("edy", 500, 3)
    Alarm.objects.create(key="jobs", label="x", path="/", raised_at=rows.ARRIVED)

    seen = figures(client)

    assert seen["hosho_applications_open"] == {("received",): 1}
    assert seen["hosho_codes_free"] == {("edy", "500", "22"): 3}
    assert seen["hosho_alarm"] == {("jobs",): 1}


def test_answers_are_counted_by_the_name_of_the_page(client: Client) -> None:
    secret = "AbCdEfGh0123456789xy"
    client.get(f"/r/{secret}/")
    client.get(f"/{secret}")

    text = client.get("/metrics").content.decode()

    assert 'hosho_requests_total{method="GET",status="404",view="none"}' in text
    assert secret not in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 404), ({"Authorization": "Bearer wrong"}, 404), ({"Authorization": "Bearer T0"}, 200)],
)
def test_figures_are_for_the_holder_of_the_token(
    client: Client, settings: Settings, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = "T0"
    assert client.get("/metrics", headers=headers).status_code == status


def test_without_a_token_figures_are_for_this_host(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
