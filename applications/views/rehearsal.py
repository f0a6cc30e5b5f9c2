"""Rehearsal mode only: the shared clock, and every message as its receiver sees it."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications.forms.rehearsal import ClockForm
from config import clock, rehearsal
from config.states import Refused
from payouts import texts
from payouts.models import Message

PAGE = 50


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The clock and the messages, the newest first."""
    return _overview(request, ClockForm(initial={"moment": clock.now().strftime("%Y-%m-%d %H:%M")}))


def _overview(request: HttpRequest, form: ClockForm) -> HttpResponse:
    rows = Message.objects.select_related("link").order_by("-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    moves = request.user.has_perm("applications.rehearse")
    return render(request, "rehearsal/overview.html", {"form": form, "page": page, "moves": moves})


@require_POST
@permission_required("applications.rehearse")
def move_clock(request: HttpRequest) -> HttpResponse:
    """Staff let the clock of web, workers and beat go on from another moment; forward only."""
    form = ClockForm(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    try:
        rehearsal.move_to(form.cleaned_data["moment"])
    except Refused as refused:
        form.add_error("moment", refused.message)
        return _overview(request, form)
    return redirect("rehearsal")


@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message as its receiver sees it, with its working link."""
    row = get_object_or_404(Message.objects.select_related("link"), pk=pk)
    text = texts.render(row)
    return render(request, "rehearsal/message.html", {"message": row, "text": text})
