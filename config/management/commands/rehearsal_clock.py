"""Start the rehearsal's clock at a moment, or remember where it stopped."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from config import clock, rehearsal
from config.models import Offset
from config.notice import NOTICE
from config.run import BEGINS
from config.states import Refused


class Command(BaseCommand):
    """Without options: go on where the last rehearsal stopped, or begin at the demo's moment."""

    help = "Starts or stops the clock of the rehearsal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--start", metavar="ISO", help="moment at which the clock goes on")
        parser.add_argument("--stop", action="store_true", help="remember the present moment")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            raise CommandError("REHEARSAL is not set")
        rehearsal.refresh()
        if options["stop"]:
            Offset.objects.update(stopped_at=clock.now())
            return
        row = Offset.objects.first()
        if row and row.stopped_at:  # time stood still in between
            Offset.objects.update(ahead=row.stopped_at - clock.real_now(), stopped_at=None)
        if options["start"] or row is None:
            try:
                begins = NOTICE.dates.first_links + BEGINS
                rehearsal.move_to(moment(options["start"]) if options["start"] else begins)
            except (Refused, ValueError) as error:
                raise CommandError(f"CLOCK: {error} (make reset)") from None
        rehearsal.refresh()
        self.stdout.write(f"rehearsal clock: {clock.now():%Y-%m-%d %H:%M} JST")


def moment(text: str) -> datetime:
    """An ISO moment; one without an offset is Japanese time."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=clock.JST)
