"""`migrate` as the owner of the tables: the processes' own role may not change them."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from config.owner import connect_as_owner


class Command(migrate.Command):
    """Django's migrate, connected by DATABASE_OWNER_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        connect_as_owner(connections[options["database"]])
        super().handle(*args, **options)
