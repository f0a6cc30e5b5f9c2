"""The office's pages about applications: the queue, the application, the lists beside them."""

from applications.admin import (
    alarms,
    announcements,
    app_holders,
    change_requests,
    coupon_pages,
    desk,
    imports,
    late,
    lists,
    queue,
    reconcile,
)

__all__ = [
    "alarms",
    "announcements",
    "app_holders",
    "change_requests",
    "coupon_pages",
    "desk",
    "imports",
    "late",
    "lists",
    "queue",
    "reconcile",
]
