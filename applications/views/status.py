"""Where an application stands: asked for by receipt number and proof, shown for half an hour."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applications import changes, receipts
from applications import status as acts
from applications.forms.status import StatusForm
from applications.models import Application
from applications.standing import standing
from applications.views.pages import too_many
from applications.views.status_entry import (
    DONE,
    KNOWN,
    back,
    for_the_known,
    for_the_sure,
    is_sure,
    known,
    refused,
    remember,
)
from config import addresses
from config.states import Refused

MINUTES = 60  # until a receipt number may be tried again


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Ask, or show; `end` forgets on a shared computer."""
    if "end" in request.POST:
        response = redirect("status")
        KNOWN.forget(response)
        return response
    row = known(request) if request.method != "POST" else None
    if row:
        return shown(request, row)
    form = StatusForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "status/ask.html", {"form": form})
    try:
        typed = (form.cleaned_data["receipt"], form.cleaned_data["proof"])
        found = acts.find(*typed, addresses.client(request))
    except Refused as why:
        if why.code == "limit":
            return too_many(request, MINUTES)
        form.add_error("receipt", why.message)
        return render(request, "status/ask.html", {"form": form})
    return remember(redirect("status"), found)


def shown(request: HttpRequest, row: Application) -> HttpResponse:
    """The state in words, and what can be done now."""
    done = request.GET.get("done", "")
    context = {
        "standing": standing(row, sure=is_sure(request)),
        "receipt": receipts.written(row.receipt_number),
        "done": done if done in DONE else "",
    }
    return render(request, "status/shown.html", context)


@for_the_sure
def withdraw(request: HttpRequest, row: Application) -> HttpResponse:
    """Ask once more, then take the application back (N57)."""
    if request.method == "POST" and "withdraw" in request.POST:
        try:
            changes.withdraw(row)
        except Refused as why:
            return refused(request, why)
        return back("withdrawn")
    if not changes.withdrawable(row):
        return redirect("status")
    receipt = receipts.written(row.receipt_number)
    return render(request, "status/withdraw.html", {"application": row, "receipt": receipt})


@for_the_known
def again(request: HttpRequest, row: Application) -> HttpResponse:
    """Send the open link once more, to the contact on record; the old one dies."""
    if request.method != "POST":
        return redirect("status")
    try:
        changes.send_again(row)
    except Refused as why:
        return refused(request, why)
    return back("again")
