"""The information pages and the error pages: they read notice and clock, and keep nothing."""

import sys
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from applications import draft, periods, timeline, triage
from config import clock
from config.notice import NOTICE
from payouts import proved

DAYS_AHEAD = timedelta(days=21)  # for how long the contact page lists the closed days


def period(at: datetime) -> dict[str, Any]:
    """Where the scheme stands at `at`, with the ends as they hold today (decided postponements)."""
    extended = periods.extended()
    close = NOTICE.end_of("applications_close", extended)
    last_help = timeline.last_help(close)
    last_day = (close - timedelta(microseconds=1)).date()
    phase = NOTICE.phase(at, extended)
    return {
        "phase": phase,
        "applications_over": phase in ("closed", "ended"),
        "opens": NOTICE.end_of("site_opens", extended),
        "closes": close,
        "bank_closes": NOTICE.end_of("bank_applications_close", extended),
        "receiving_closes": NOTICE.end_of("receiving_closes", extended),
        "coupons_usable": at < NOTICE.dates.cut_off,
        "last_help": last_help,
        "closed_before_the_end": timeline.closed_days(last_help.date(), last_day),
        "calendar": timeline.calendar(at, extended),
    }


def reports(at: datetime) -> list[dict[str, Any]]:
    """The announcements issued by `at`, the newest first, each with its addenda (N2)."""
    today = at.date()
    return [
        {
            "number": report.number,
            "issued_on": report.issued_on,
            "addenda": [day for day in report.addenda if day <= today],
        }
        for report in sorted(NOTICE.reports, key=lambda report: report.number, reverse=True)
        if report.issued_on <= today
    ]


@require_safe
def top(request: HttpRequest) -> HttpResponse:
    """What happened, who gets what and when, by the state of the calendar (N4, N15, N25, N52)."""
    at = clock.now()
    return render(request, "pages/top.html", period(at) | {"reports": reports(at)})


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
    context = {"given": given, "before": given[-1]["change"] if given else ""}
    if asked := triage.next_question(answers):
        kept = urlencode(answers) + "&" if answers else ""
        context |= {"question": triage.QUESTIONS[asked], "kept": kept}
        return render(request, "pages/check/question.html", context)
    context |= period(clock.now()) | {"answers": answers}
    return render(request, f"pages/check/{triage.end(answers)}.html", context)


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The announcements of the office."""
    return render(request, "pages/news.html", {"reports": reports(clock.now())})


@require_safe
def faq(request: HttpRequest) -> HttpResponse:
    """Questions that people ask, and their answers."""
    return render(request, "pages/faq.html", period(clock.now()))


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """The call centre: open now or not, its closed days to come, what it asks (N38, N39, N51)."""
    at = clock.now()
    days = timeline.closed_days(at.date(), (at + DAYS_AHEAD).date())
    return render(request, "pages/contact.html", period(at) | {"closed_days": days})


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """How to tell a genuine message of the office (N3)."""
    return render(request, "pages/messages.html", {"sender": settings.MAIL_FROM})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is asked for what, and each cookie by its name."""
    cookies = {
        "draft": draft.NAME,
        "receipt": draft.RECEIPT_NAME,
        "proof": proved.NAME,
        "csrf": settings.CSRF_COOKIE_NAME,
        "office": settings.SESSION_COOKIE_NAME,
    }
    return render(request, "pages/privacy.html", {"cookies": cookies})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility policy."""
    return render(request, "pages/accessibility.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400"""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403"""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its cookie: cookies are off, or the page was very old."""
    return render(request, "403_cookies.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """429"""
    return render(request, "429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where it was the database that did not answer."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return HttpResponse(_without_anything("500.html"), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503, to be tried again in a minute."""
    page = HttpResponse(_without_anything("503.html"), status=503)
    page.headers["Retry-After"] = "60"
    return page


def _without_anything(name: str) -> str:
    # Neither a request nor context processors: the page must stand when nothing else does.
    office = NOTICE.prefectures[NOTICE.home]
    return render_to_string(name, {"notice": NOTICE, "office": office})
