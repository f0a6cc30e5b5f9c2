"""Where an application stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from applications import receipts
from applications import status as acts
from applications.forms.status import StatusForm
from config.states import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Ask for receipt number and proof, then show the state in words; nothing is kept."""
    form = StatusForm(request.POST or None)
    if not form.is_valid():
        return render(request, "status/ask.html", {"form": form})
    try:
        found = acts.find(form.cleaned_data["receipt"], form.cleaned_data["proof"])
    except Refused as refused:
        form.add_error("receipt", refused.message)
        code = 429 if refused.code == "limit" else 200
        return render(request, "status/ask.html", {"form": form}, status=code)
    context = {"standing": acts.standing(found), "receipt": receipts.written(found.receipt_number)}
    return render(request, "status/shown.html", context)
