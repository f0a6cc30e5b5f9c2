"""The information pages and the error pages: they read notice and clock, and keep nothing."""

import sys
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from applications import accessibility as statement
from applications import bulletin, draft, periods, specimens, timeline, triage
from applications.forms.triage import CountsForm
from applications.views import status_entry
from config import clock, languages
from config.notice import NOTICE
from payouts import proved

DAYS_AHEAD = timedelta(days=21)  # for how long the contact page lists the closed days


@require_safe
def top(request: HttpRequest) -> HttpResponse:
    """What happened, who gets what and when, by the state of the calendar (N4, N15, N25, N52)."""
    at = clock.now()
    shown = {"reports": bulletin.reports(at), "calendar": timeline.calendar(at, periods.extended())}
    return render(request, "pages/top.html", timeline.period(at) | shown)


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Who needs to do what: one question a page, the answers in the address, nothing kept."""
    answers = triage.heard(request.GET.dict())
    given = [
        {
            "question": triage.QUESTIONS[key],
            "answer": triage.QUESTIONS[key].answer(answer),
            "change": "?" + urlencode(list(answers.items())[:place]),
        }
        for place, (key, answer) in enumerate(answers.items())
    ]
    context = {
        "given": given,
        "answers": answers,
        "before": given[-1]["change"] if given else "",
        "carried": urlencode(answers),
    }
    if asked := triage.next_question(answers):
        return _ask(request, asked, context)
    context |= timeline.period(clock.now()) | _coupons(answers)
    return render(request, f"pages/check/{triage.end(answers)}.html", context)


def _ask(request: HttpRequest, asked: str, context: dict[str, Any]) -> HttpResponse:
    """One question; the counts of a family are boxes, and come back as one answer."""
    context["question"] = triage.QUESTIONS[asked]
    if asked != "counts":
        kept = context["carried"] + "&" if context["carried"] else ""
        return render(request, "pages/check/question.html", context | {"kept": kept})
    form = CountsForm(request.GET if set(triage.KINDS) & set(request.GET) else None)
    if form.is_valid():
        return redirect("?" + urlencode(context["answers"] | {"counts": form.counts()}))
    return render(request, "pages/check/counts.html", context | {"form": form})


def _coupons(answers: dict[str, str]) -> dict[str, Any]:
    """The coupons of a family by kind, for the pages that say what to do with each (N20)."""
    counted = triage.coupons(answers)
    rows = [
        {"kind": kind, "words": triage.KINDS[kind], "number": number}
        for kind, number in counted.items()
        if kind in triage.KINDS
    ]
    too_many = sum(counted.values()) > triage.MOST
    return {"coupons": rows, "too_many": too_many, "has_charged": "charged" in counted}


@require_safe
def faq(request: HttpRequest) -> HttpResponse:
    """Questions that people ask, and their answers."""
    return render(request, "pages/faq.html", timeline.period(clock.now()))


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """The call centre: open now or not, its closed days to come, what it asks (N38, N39, N51)."""
    at = clock.now()
    days = timeline.closed_days(at.date(), (at + DAYS_AHEAD).date())
    return render(request, "pages/contact.html", timeline.period(at) | {"closed_days": days})


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """How to tell a genuine message: each kind, word for word, by office (N1, N3)."""
    told = languages.notice().prefectures
    writer = told.get(request.GET.get("office", ""), told[NOTICE.home])
    context = {
        "writer": writer,
        "sender": specimens.sender(writer),
        "specimens": specimens.specimens(writer, get_language() or ""),
        "offices": told.values(),
    }
    return render(request, "pages/messages.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is asked for what, and each cookie by its name."""
    cookies = {
        "draft": draft.NAME,
        "receipt": draft.RECEIPT_NAME,
        "proof": proved.NAME,
        "status": status_entry.KNOWN.name,
        "csrf": settings.CSRF_COOKIE_NAME,
        "office": settings.SESSION_COOKIE_NAME,
    }
    return render(request, "pages/privacy.html", {"cookies": cookies})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility policy, with the date, tools and results of its tests."""
    context = {
        "tested_on": statement.TESTED_ON,
        "states": statement.STATES,
        "tools": ", ".join(statement.TOOLS),
        "results": statement.RESULTS,
    }
    return render(request, "pages/accessibility.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400"""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403"""
    if of_the_office(request):
        return office_error(request, "このページを開く権限がありません", 403)
    return render(request, "403.html", status=403)


def of_the_office(request: HttpRequest) -> bool:
    """Whether somebody of the office went astray there; strangers see the public pages."""
    known = getattr(request, "user", None) is not None and admin.site.has_permission(request)
    return known and request.path.startswith("/" + settings.ADMIN_PATH)


def office_error(request: HttpRequest, title: str, status: int) -> HttpResponse:
    """An error in the office's clothes."""
    context = {**admin.site.each_context(request), "title": title, "status": status}
    return render(request, "admin/error.html", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its cookie: cookies are off, or the page was very old."""
    return render(request, "403_cookies.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    if of_the_office(request):
        return office_error(request, "ページが見つかりません", 404)
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest, minutes: int) -> HttpResponse:
    """429, to be tried again after so many minutes."""
    page = render(request, "429.html", {"wait_minutes": minutes}, status=429)
    page.headers["Retry-After"] = str(minutes * 60)
    return page


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where it was the database that did not answer."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return _kept_by_nobody(HttpResponse(_without_anything("500.html"), status=500))


def unavailable(request: HttpRequest) -> HttpResponse:
    """503, to be tried again in a minute."""
    page = HttpResponse(_without_anything("503.html"), status=503)
    page.headers["Retry-After"] = "60"
    return _kept_by_nobody(page)


def _kept_by_nobody(page: HttpResponse) -> HttpResponse:
    # The middleware that says so may not have been reached.
    page.headers["Cache-Control"] = "no-store"
    return page


def _without_anything(name: str) -> str:
    # Neither a request nor context processors: the page must stand when nothing else does.
    office, home = NOTICE.prefectures[NOTICE.home], languages.prefix(get_language() or "") + "/"
    context = {"notice": languages.notice(), "office": office, "home": home}
    return render_to_string(name, context)
