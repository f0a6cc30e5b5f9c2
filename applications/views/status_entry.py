"""Who stands at /status/: known by the cookie of a right proof, and sure by a second one.

Seeing takes the first proof. Whatever changes something takes the second: a stranger who got a
misdirected receipt knows its number and the phone that it went to.
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from applications import review, tokens
from applications import status as acts
from applications.models import Application
from config.states import Refused
from payouts.forms import ProofForm
from payouts.proved import Proof

KNOWN = Proof(settings.COOKIE_PREFIX + "status")
SURE = ":sure"
DONE = ("corrected", "number", "changed", "withdrawn", "again", "asked")

# Buttons and what proves: not carried past the second proof.
OWN = {"csrfmiddlewaretoken", "proof", "prove", "next", "submit", "change", "restart", "withdraw"}

View = Callable[[HttpRequest, Application], HttpResponse]


def remember(response: HttpResponse, row: Application, *, sure: bool = False) -> HttpResponse:
    """Let this browser go on with this application for half an hour."""
    KNOWN.carry(response, f"{row.pk}{SURE if sure else ''}")
    return response


def known(request: HttpRequest) -> Application | None:
    """The application that this browser proved itself for; read anew each time."""
    number = KNOWN.subject(request).removesuffix(SURE)
    return Application.objects.filter(pk=number).first() if number.isdecimal() else None


def is_sure(request: HttpRequest) -> bool:
    """Whether the second proof was given too."""
    return KNOWN.subject(request).endswith(SURE)


def for_the_known(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A page of one application; who is not known yet is asked first."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        row = known(request)
        return view(request, row) if row else redirect("status")

    return require_http_methods(["GET", "HEAD", "POST"])(asked)


def for_the_sure(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A page that changes something; the second proof is asked on the way."""

    @wraps(view)
    def asked(request: HttpRequest, row: Application) -> HttpResponse:
        if is_sure(request):
            return remember(view(request, row), row, sure=True)
        return prove(request, row, view)

    return for_the_known(asked)


def prove(request: HttpRequest, row: Application, view: View) -> HttpResponse:
    """Ask for one thing that a stranger does not know, then go on to the page of this address.

    What was typed on it before half an hour was over is carried on, and judged no sooner.
    """
    kinds = "phone" if review.phone_proves(row) else "name"
    form = ProofForm(request.POST if "prove" in request.POST else None, kinds=kinds)
    carried = [pair for pair in request.POST.items() if pair[0] not in OWN]
    context = {"form": form, "carried": carried}
    if not form.is_valid():
        return render(request, "status/prove.html", context)
    try:
        acts.make_sure(row, form.cleaned_data["proof"])
    except Refused as refused:
        form.add_error("proof", refused.message)
        code = 429 if refused.code == "limit" else 200
        return render(request, "status/prove.html", context, status=code)
    response = view(request, row) if carried else redirect(request.path)
    return remember(response, row, sure=True)


def back(done: str) -> HttpResponse:
    """To the state of the application, with a word about what was just done."""
    return redirect(f"{reverse('status')}?done={done}")


def refused(request: HttpRequest, why: Refused, heading: str = "") -> HttpResponse:
    """A page that says why something can't be done now, and what to do instead."""
    code = 429 if why.code == "limit" else 409
    context = {"why": why.message, "heading": heading}
    return render(request, "status/refused.html", context, status=code)


def onward(model: type[tokens.Link], token: str, name: str) -> HttpResponse:
    """From the short address of a message to its page, in the language of the application."""
    link = tokens.find(model, token)
    with translation.override(link.application.language if link else get_language()):
        response = redirect(name, token)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
