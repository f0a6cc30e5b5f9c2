"""Changing the way of receiving, and where messages go; proving that they arrive (N24, N50)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import changes, channels, receipts, requests
from applications.forms.status import HolderPart
from applications.forms.status_parts import LASTING, DeliveryPart
from applications.forms.status_questions import Parts, road_parts, stored
from applications.models import Application, ChannelLink
from applications.views import status_entry
from applications.views.status_entry import back, for_the_sure
from applications.views.status_fill import Typed, claims_of, fill_in
from config import addresses
from config.even import evenly

ASKED = "asked"


@for_the_sure
def road(request: HttpRequest, row: Application) -> HttpResponse:
    """Points or bank; for the bank its step as a second page, then everything once more."""
    if not changes.changeable(row, request.arrived_at):
        return redirect("status")
    claims = claims_of(row)

    def make(data: Typed) -> Parts:
        return road_parts(row, claims, data, request.arrived_at)

    def finish(parts: Parts) -> HttpResponse:
        changes.change_road(row, wish_of(parts), arrived_at=request.arrived_at)
        return back("changed")

    context = {
        "title": _("受取方法の変更"),
        "receipt": receipts.written(row.receipt_number),
        "decided": row.state == Application.State.DECIDED,
    }
    return fill_in(request, make, stored(row, claims), finish, context)


def wish_of(parts: Parts) -> changes.Wish:
    """What the forms say, as the act takes it."""
    found = parts.answer()
    values = dict(found.values)
    way = {name: values.pop(name) for name in ("method", "channel", "delivery")}
    return changes.Wish(**way, account=found.account, holder=values)


@for_the_sure
def contact(request: HttpRequest, row: Application) -> HttpResponse:
    """A wish to be reached elsewhere; the office makes sure before it changes (N59)."""
    if not row.channel or row.state == Application.State.WITHDRAWN:
        return redirect("status")

    def make(data: Typed) -> Parts:
        times = {"at": request.arrived_at, "extended": LASTING}
        return Parts([DeliveryPart(data, method="points", **times)])

    def finish(parts: Parts) -> HttpResponse:
        values = parts.answer().values
        requests.ask(row, values["channel"], values["delivery"])
        return back(ASKED)

    context = {"title": _("配信先の変更のお申し出"), "wish": True}
    return fill_in(request, make, {}, finish, context)


@evenly
@require_http_methods(["GET", "HEAD", "POST"])
def app_holder(request: HttpRequest) -> HttpResponse:
    """The same for app holders, who have no receipt number: always the same answer."""
    if request.method == "GET" and ASKED in request.GET:
        return render(request, "status/app_asked.html")

    def make(data: Typed) -> Parts:
        times = {"at": request.arrived_at, "extended": LASTING}
        return Parts([HolderPart(data, **times), DeliveryPart(data, method="points", **times)])

    def finish(parts: Parts) -> HttpResponse:
        values = parts.answer().values
        requests.ask_for_app_holder(values, addresses.client(request))
        return redirect(f"{request.path}?{ASKED}=1")

    context = {"title": _("アプリの連絡先が使えなくなったとき"), "wish": True, "holder": True}
    return fill_in(request, make, {}, finish, context)


@require_http_methods(["GET", "HEAD", "POST"])
def channel(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a receipt message: GET shows a button, POST proves that the message arrived."""
    done = request.method == "POST" and channels.prove(token)
    if not done and not channels.exists(token):
        return render(request, "status/unknown.html", status=404)
    return render(request, "status/channel.html", {"done": done})


@require_http_methods(["GET", "HEAD"])
def channel_short(request: HttpRequest, token: str) -> HttpResponse:
    """The short address of a receipt message."""
    return status_entry.onward(ChannelLink, token, "status_channel")
