"""The office's pages about applications: the queue, the application, the lists beside them."""

from applications.admin import lists, queue

__all__ = ["lists", "queue"]
