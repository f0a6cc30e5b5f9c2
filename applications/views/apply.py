"""The steps of an application. No step before the last stores anything: the draft is a cookie."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from applications import draft as drafts
from applications import intake, sources, triage
from applications.draft import Draft
from applications.forms.check import TRAP, CheckForm
from applications.forms.coupons import MOST, rows_in
from applications.forms.journey import Journey
from applications.models import Application
from applications.views import late, steps
from config import addresses
from config.even import evenly
from config.notice import NOTICE
from config.states import Refused

View = Callable[[HttpRequest], HttpResponse]


def while_open(view: View) -> View:
    """Outside the time for applications: a page that says when (N25, N32, N34).

    What was stored in time gives its receipt, also when it is sent again after the deadline.
    """

    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        if NOTICE.accepts_applications(request.arrived_at, late.ends(request)):
            return view(request)
        draft = drafts.load(request) if request.method == "POST" else None
        stored = intake.already(draft.submission_id) if draft else None
        return steps.received(draft, stored) if stored else steps.not_open(request)

    return require_http_methods(["GET", "HEAD", "POST"])(opened)


@while_open
def entry(request: HttpRequest) -> HttpResponse:
    """Start anew, with what /check/ has heard; a draft under way may be gone on with instead."""
    draft = drafts.load(request)
    if draft and set(draft.steps) - {"told"} and "new" not in request.GET:
        onward = steps.address(steps.journey_of(request, draft).next_step())
        anew = "?" + urlencode({**request.GET.dict(), "new": "1"})
        return steps.page(request, "apply/resume.html", {"next": onward, "anew": anew})
    told = triage.told(triage.heard(request.GET.dict()))
    response = redirect("apply_coupons")
    drafts.save(response, Draft(steps={"told": told} if told else {}))
    return response


@while_open
def coupons(request: HttpRequest) -> HttpResponse:
    """Step 1; `add` gives room for one more coupon and judges nothing."""
    draft = drafts.load(request) or Draft()
    journey = steps.journey_of(request, draft)
    if "add" in request.POST:
        rows = min(MOST, rows_in(request.POST) + 1)
        form = journey.form("coupons", request.POST, rows=rows).unjudged()
        return steps.shown_again(request, draft, "coupons", form, {"rows": rows})
    if request.method != "POST" and "answer" in request.GET:
        form = journey.judged("coupons")
        answer = steps.answer_to(form, draft) if form.is_valid() else ""
        if answer:
            onward = {"next": steps.address(journey.next_step())}
            return steps.page(request, f"apply/{answer}.html", onward)
        return redirect(steps.address(journey.next_step()))
    return _step(request, "coupons")


@while_open
def person(request: HttpRequest) -> HttpResponse:
    """Step 2."""
    return _step(request, "person")


@while_open
def receive(request: HttpRequest) -> HttpResponse:
    """Step 3."""
    return _step(request, "receive")


@while_open
def bank(request: HttpRequest) -> HttpResponse:
    """Step 4, on the bank road only."""
    return _step(request, "bank")


@evenly
@while_open
def check(request: HttpRequest) -> HttpResponse:
    """Step 5: everything once more, then the one door."""
    draft = drafts.load(request)
    if not draft:
        return redirect("apply_done" if drafts.load_receipt(request) else "apply_coupons")
    journey = steps.journey_of(request, draft, anew=True)
    if (step := journey.next_step()) != "check":
        return redirect(steps.address(step))
    if request.method != "POST":
        form = CheckForm({} if "again" in request.GET else None, **journey.times)
        return steps.check_page(request, journey, form)
    form = CheckForm(request.POST, **journey.times)
    if not form.is_valid():
        return redirect(f"{steps.address('check')}?again=1")
    try:
        stored = _sent(request, draft, journey)
    except Refused as why:
        return steps.refused(request, journey, form, why)
    return steps.received(draft, stored)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """The receipt, as long as this browser remembers it; else the way to the status page."""
    receipt = drafts.load_receipt(request)
    return steps.receipt_page(request, receipt) if receipt else redirect("status")


def _sent(request: HttpRequest, draft: Draft, journey: Journey) -> Application:
    """Through the one door; what looks like a machine's goes with its receipt held back."""
    address, answers = addresses.client(request), journey.answers()
    numbers = [coupon.inquiry_number for coupon in answers.coupons]
    return intake.receive(
        answers,
        arrived_at=request.arrived_at,
        submission_id=draft.submission_id,
        language=get_language() or "ja",
        source=sources.hashed(address),
        suspect=sources.looks_made(address, draft, request.POST.get(TRAP, ""), numbers),
        late_token=late.token_in(request) if late.link(request) else "",
    )


def _step(request: HttpRequest, name: str) -> HttpResponse:
    """Show a step, or judge it and go on to the next one that lacks something."""
    draft = drafts.load(request) or Draft()
    journey = steps.journey_of(request, draft)
    if request.method == "POST":
        form = journey.form(name, request.POST)
        if not form.is_valid():
            return steps.shown_again(request, draft, name, form, {"again": 1})
        draft.keep(name, form.typed(), sound=True)
        if name == "receive":
            draft.steps.pop("told", None)
        answer = steps.answer_to(form, draft) if name == "coupons" else ""
        return steps.going_on(request, draft, answer)
    if not journey.reaches(name):
        return redirect(steps.address(journey.next_step()))
    if name in journey.steps or name == "bank" or request.GET or late.link(request):
        return steps.step_page(request, journey, name, steps.form_of(request, journey, name))
    return steps.blank_page(request, journey, name)
