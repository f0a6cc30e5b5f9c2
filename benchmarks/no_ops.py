"""Bare Celery: a task that does nothing. Imported by the worker of the dispatch benchmark."""

from celery import Task, shared_task


@shared_task(base=Task)
def nothing() -> None:
    """Nothing."""
