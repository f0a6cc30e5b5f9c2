"""Bells: rung for who has something to send, not into an unheard queue."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings

from config import clock, embedded
from config.models import JobRun
from config.tasks import LONG_QUEUE, waiting
from payouts import tasks
from payouts.models import Message
from tests.payouts import rows

pytestmark = pytest.mark.django_db


def queued(channel: str) -> Message:
    return Message.objects.create(
        key=channel,
        kind="receipt",
        channel=channel,
        address="x",
        prefecture_code="22",
        written_at=rows.LINKS_GO,
        due_at=rows.LINKS_GO,
    )


@pytest.fixture
def broker() -> Iterator[None]:
    """A Redis for the bells."""
    started = embedded.start_redis(settings.VAR_DIR)
    yield
    if started:
        started.terminate()
        started.wait()


@pytest.mark.usefixtures("broker")
def test_a_channel_that_nobody_hears_gets_no_more_bells() -> None:
    with current_app.connection_for_write() as connection:
        redis = connection.default_channel.client
        redis.delete("sms", "email")
        redis.rpush("sms", *["bell"] * (LONG_QUEUE + 1))
        try:
            queued("sms")
            queued("email")
            with clock.at(rows.LINKS_GO + timedelta(minutes=1)):
                tasks.sweep(rows.LINKS_GO.isoformat())
            assert [waiting("sms"), waiting("email")] == [LONG_QUEUE + 1, 1]
        finally:
            redis.delete("sms", "email")
    assert JobRun.objects.get(job="sweep").outcome == {"channels": ["email"]}
