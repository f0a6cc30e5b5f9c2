"""Celery: bells. A message carries an id or a channel; the rows in PostgreSQL are the queue."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("hosho", task_cls="config.tasks:OfficeTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config", "coupons", "payouts", "applications"])
app.conf.beat_schedule = {
    # An unheard tick is worth nothing after its second.
    "tick": {"task": "config.tasks.tick", "schedule": 1.0, "options": {"expires": 5}},
}
