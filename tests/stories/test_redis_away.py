"""The broker is a bell: without it applications come in, and messages go when it returns."""

import pytest
import redis

from applications.models import Application
from config import embedded, run
from payouts.models import Message
from tests.stories.conftest import Site
from tests.stories.traveller import Traveller, apply, receipt_number
from tests.stories.waiting import until

pytestmark = pytest.mark.story


def stop_redis(site: Site) -> None:
    """Let the broker end and wait until nobody answers there."""
    socket = embedded.redis_socket(site.var)
    client = redis.Redis(unix_socket_path=str(socket))
    client.shutdown(nosave=True)
    client.close()
    until(lambda: not embedded.answers(socket), "Redis gone")


def test_applications_come_in_without_redis_and_messages_go_after(site: Site) -> None:
    stop_redis(site)
    traveller = Traveller(site.url)
    apply(traveller, "123456784321")
    assert receipt_number(traveller.send(consent="on", submit="1"))
    assert Application.objects.count() == 1
    assert Message.objects.get().state == "queued"
    process = embedded.start_redis(site.var)
    try:
        until(lambda: Message.objects.get().state == "sent", "the receipt sent")
    finally:
        run.stop(process)
