"""The life of one payout: every step of it, its transfers and their batches, as one timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from config.states import Stateful, label
from payouts import clerks
from payouts.admin.batch_words import why
from payouts.admin.listing import prefecture_name, seen
from payouts.models import Batch, Payout

VIEW = "payouts.view_payout"


@dataclass(frozen=True)
class Event:
    """One step: when, of what, what became of it, by whom, why."""

    at: datetime
    what: str
    became: str
    by: Any
    why: str


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The timeline, the oldest first, and where each transfer stands."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    row = get_object_or_404(clerks.scoped(Payout.objects.all(), request.user), pk=pk)
    seen(request, "payout", pk)
    context = {
        **admin.site.each_context(request),
        "title": f"支払いの経過 {row}",
        "row": row,
        "prefecture": prefecture_name(row.prefecture_code),
        "events": events(row),
        "transfers": row.transfers.select_related("batch").order_by("id"),
    }
    return TemplateResponse(request, "admin/batches/life.html", context)


def events(row: Payout) -> list[Event]:
    """Every step in the order in which it was made; of one moment, the batch's comes first."""
    transfers = list(row.transfers.order_by("id"))
    batches = Batch.objects.filter(pk__in={each.batch_id for each in transfers})
    things: list[tuple[str, Stateful]] = [(f"振込データ{batch.pk}", batch) for batch in batches]
    things += [(f"振込{transfer.pk}", transfer) for transfer in transfers]
    things.append((f"支払い{row}", row))
    found = [
        (step.at, rank, step.pk, event(name, thing, step))
        for rank, (name, thing) in enumerate(things)
        for step in thing.steps.select_related("by")
    ]
    return [each for *_, each in sorted(found, key=lambda one: one[:3])]


def event(name: str, thing: Stateful, step: Any) -> Event:
    """A step in words; where nothing moved, its reason says what was done."""
    became = label(thing, step.new) if step.old != step.new else ""
    return Event(step.at, name, became, step.by, why(step.reason))
