"""The rehearsal clock, shared by web, workers, beat and commands through one row."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from config import clock
from config.models import Offset
from config.states import Refused


def refresh() -> None:
    """Take over the shared offset: at the start of each request, task and command."""
    if settings.REHEARSAL:
        clock.set_offset(Offset.current())


def move_to(moment: datetime) -> None:
    """Let the business clock go on from `moment`. Forward only; rehearsals only."""
    if not settings.REHEARSAL:
        raise Refused("予行モードではないため、時計は動かせません。", "rehearsal")
    with transaction.atomic():
        row = Offset.objects.select_for_update(of=("self",)).filter(id=1).first()
        real = clock.real_now()
        if row and real + row.ahead > moment:
            raise Refused("予行の時計は先にしか進められません。", "forward")
        Offset.objects.update_or_create(id=1, defaults={"ahead": moment - real})
    refresh()
