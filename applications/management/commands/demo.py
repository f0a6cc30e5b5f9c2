"""The demo's data and log-ins. Rehearsals only."""

from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser

from applications import demo, roles
from config.command import OfficeCommand


class Command(OfficeCommand):
    help = "Makes the demo's data (again: only what has come since), or prints its log-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="print the log-ins only")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            raise CommandError("REHEARSAL is not set")
        clerks = roles.make_demo_clerks()
        if options["logins"]:
            for clerk in clerks:
                self.stdout.write(f"login: {clerk.username} {clerk.password} {clerk.secret}")
            return
        demo.fill(lambda words: self.stdout.write(f"  {words}"))
