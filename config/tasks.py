"""The tick rings for every slot that is due; each task runs by the office's clock."""

from typing import Any

import redis
from celery import Task, current_app, shared_task
from django.conf import settings
from django.db import connections

from config import clock, jobs, rehearsal

LONG_QUEUE = 300  # bells waiting; above this the tick stays silent, or the queue drowns in them


class OfficeTask(Task):
    """A task that starts on a living connection and by the shared clock.

    Celery keeps connections between tasks (CELERY_DB_REUSE_MAX) and asks none whether it still
    lives: after a restart of PostgreSQL a worker would fail a thousand tasks.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        rehearsal.refresh()
        return super().__call__(*args, **kwargs)


@shared_task
def tick() -> None:
    """Ring for the jobs whose slots are due by the business clock."""
    if waiting() > LONG_QUEUE:
        return
    for job, slot in jobs.due(clock.now()):
        current_app.send_task(job.task, [slot.isoformat()])


def broker_answers() -> bool:
    """Whether Redis answers within a second."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def waiting(queue: str = "office") -> int:
    """How many bells lie unheard in a queue of the broker."""
    with current_app.connection_for_read() as connection:
        return connection.default_channel.client.llen(queue)
