"""`migrate` as the owner of the tables: the processes' own role may not change them."""

from typing import Any

import environ
from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    """Django's migrate, connected by DATABASE_OWNER_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        own = connection.settings_dict["NAME"] == settings.DATABASES["default"]["NAME"]
        if own:  # not a test database, which its maker owns already
            found = environ.Env.db_url_config(settings.OWNER_URL)
            connection.close()
            connection.settings_dict.update(
                {key: found[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
            )
        super().handle(*args, **options)
