"""Filling in parts again: the boxes, everything once more, complete. Nothing is kept in between.

What was typed travels in the page, and is judged anew at each step; script is not needed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from applications.forms.status_questions import BANK_STEP, Parts
from applications.models import Application, Claim
from config.states import Refused

Typed = Mapping[str, str]
Make = Callable[[Typed], Parts]
Finish = Callable[[Parts], HttpResponse]
AGAIN = ("change", "restart", "prove")  # these show boxes and judge nothing


def claims_of(row: Application) -> list[Claim]:
    """The coupons of an application, in order."""
    return list(row.claims.order_by("position"))


def fill_in(
    request: HttpRequest,
    make: Make,
    known: dict[str, str],
    finish: Finish,
    context: dict[str, Any],
) -> HttpResponse:
    """One page after another: boxes with what is `known`, then the answers, then `finish`."""
    if request.method != "POST" or set(AGAIN) & set(request.POST):
        return boxes(request, untouched(make(typed_so_far(request, known))), context)
    parts = make(request.POST)
    if not parts.is_valid():
        return boxes(request, parts, context)
    if parts.follow:
        return boxes(request, untouched(parts.follow(known | request.POST.dict())), context)
    if "submit" not in request.POST:
        return answers(request, parts, context)
    try:
        return finish(parts)
    except Refused as why:
        parts.refuse(why.message)
        return boxes(request, parts, context, status=409)


def typed_so_far(request: HttpRequest, known: dict[str, str]) -> dict[str, str]:
    """What the boxes hold: what is known, and over it what was typed; `restart` drops a page."""
    if request.method != "POST":
        return known
    typed = known | request.POST.dict()
    if "restart" in request.POST:
        typed.pop(BANK_STEP, None)
    return typed


def untouched(parts: Parts) -> Parts:
    """The parts with their values, but without a word about them."""
    for part in parts.all():
        part.unjudged()
    return parts


def boxes(
    request: HttpRequest, parts: Parts, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page with the boxes of the shown parts; the others are carried on."""
    carried = parts.carried(parts.hidden)
    shown = {"form": parts, "parts": parts.parts, "carried": carried}
    return render(request, "status/fill.html", shown | context, status=status)


def answers(request: HttpRequest, parts: Parts, context: dict[str, Any]) -> HttpResponse:
    """All answers once more, in the form in which they will be stored."""
    shown = {"parts": parts.all(), "carried": parts.carried(parts.all())}
    return render(request, "status/check.html", shown | context)
