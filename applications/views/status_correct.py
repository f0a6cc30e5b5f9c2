"""What the office asked back, by link or from /status/; and the number that was to follow."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from applications import periods, receipts, returns, tokens
from applications.corrections import answering, asking
from applications.forms.status_questions import Parts, asked_parts, number_parts, stored
from applications.models import Application, Correction
from applications.views import status_entry
from applications.views.status_entry import back, for_the_sure
from applications.views.status_fill import Typed, claims_of, fill_in
from config.notice import NOTICE
from config.states import Refused

BY_PHONE = gettext_lazy("この内容はお電話でお伺いします。コールセンターへお電話ください。")


@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a message. Unknown and replaced ones look the same; GET changes nothing."""
    link = tokens.find(Correction, token)
    if link is None:
        return render(request, "status/unknown.html", status=404)
    if link.answered_at:
        return render(request, "status/answered.html")
    row = link.application
    if over(request, link):
        return expired(request, link)

    def page(request: HttpRequest, row: Application) -> HttpResponse:
        return correct(request, row, link)

    if status_entry.known(request) != row or not status_entry.is_sure(request):
        return status_entry.prove(request, row, page)
    return page(request, row)


@for_the_sure
def by_status(request: HttpRequest, row: Application) -> HttpResponse:
    """The same for who came by receipt number."""
    link = asking.live_of(row)
    if link is None or link.answered_at:
        return redirect("status")
    return expired(request, link) if over(request, link) else correct(request, row, link)


def over(request: HttpRequest, link: Correction) -> bool:
    """Whether it is too late for this question."""
    row = link.application
    if row.state == Application.State.DECIDED:
        return returns.link_of(row, request.arrived_at) != link
    return request.arrived_at >= link.due_at or row.state == Application.State.WITHDRAWN


def expired(request: HttpRequest, link: Correction) -> HttpResponse:
    """Until when it was, and what to do now."""
    return render(request, "status/expired.html", {"link": link}, status=410)


def correct(request: HttpRequest, row: Application, link: Correction) -> HttpResponse:
    """Only what was asked, with its reason and its end; then everything once more."""
    claims = claims_of(row)
    known = stored(row, claims)

    def make(data: Typed) -> Parts:
        return asked_parts(row, claims, link.items, data, request.arrived_at)

    came_back = row.state == Application.State.DECIDED

    def finish(parts: Parts) -> HttpResponse:
        answer, at = parts.answer(), request.arrived_at
        if came_back:
            returns.give(row, answer.account, dict(answer.values), arrived_at=at)
        else:
            answering.complete(link, answer, arrived_at=at)
        return back("corrected")

    reasons = returns.why(row) if came_back else [asking.WHY[item] for item in link.items]
    title = _("振込先の口座を直してください") if came_back else _("内容を直して、送ってください")
    context = {
        "title": title,
        "reasons": reasons,
        "due_at": link.due_at,
        "receipt": receipts.written(row.receipt_number),
    }
    if not make(known).parts:
        return status_entry.refused(request, Refused(BY_PHONE))
    return fill_in(request, make, known, finish, context)


@for_the_sure
def number(request: HttpRequest, row: Application) -> HttpResponse:
    """The number that was to follow, without a question by the office (N30, Q10)."""
    if not asking.takes_number(row, request.arrived_at):
        return redirect("status")
    claims = claims_of(row)
    known = stored(row, claims)

    def make(data: Typed) -> Parts:
        return number_parts(row, claims, data, request.arrived_at)

    def finish(parts: Parts) -> HttpResponse:
        answering.complete_number(row, parts.answer(), arrived_at=request.arrived_at)
        return back("number")

    context = {
        "title": _("クーポンのお問合せ番号を入力してください"),
        "due_at": NOTICE.end_of("number_to_follow_until", periods.extended()),
        "receipt": receipts.written(row.receipt_number),
        "lost": True,
    }
    return fill_in(request, make, known, finish, context)


@require_http_methods(["GET", "HEAD"])
def short(request: HttpRequest, token: str) -> HttpResponse:
    """The short address of an SMS leads to the page in the language of the application."""
    return status_entry.onward(Correction, token, "status_correct")
