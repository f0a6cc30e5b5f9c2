"""The receiving page: prove, choose a brand, confirm, see the code. GET never spends."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from config import languages
from config.states import Refused
from payouts import gifts, links, opening, proved, settling
from payouts.forms import BrandForm, ProofForm, proof_kinds
from payouts.models import Link


@require_http_methods(["GET", "HEAD", "POST"])
def receiving(request: HttpRequest, token: str) -> HttpResponse:
    """One personal link, in whatever state its payout is."""
    link = links.find(token)
    if link is None:
        context = {"ways": languages.ways(request.path, known=False)}
        return render(request, "receive/unknown.html", context, status=404)
    over = request.arrived_at >= opening.receives_until(link.payout)
    if over or link.payout.state == "lapsed":
        return page(request, link, "closed")
    if link.locked_at:
        return page(request, link, "locked")
    if link.payout.proofs and not proved.carried(request, link):
        return prove(request, link)
    if link.payout.state == "ready":
        return choose(request, link)
    if link.payout.state == "issued":
        return issued(request, link)
    if link.payout.state == "issuing":
        return page(request, link, "issuing")
    return page(request, link, "ended")


def page(request: HttpRequest, link: Link, name: str, **context: object) -> HttpResponse:
    """A page of this link, with the payout and the end of receiving."""
    end = opening.receives_until(link.payout)
    context = {"payout": link.payout, "receives_until": end, **context}
    return render(request, f"receive/{name}.html", context)


def prove(request: HttpRequest, link: Link) -> HttpResponse:
    """Ask for one thing that a stranger does not know (N58); five wrong ones lock the link."""
    typed = request.POST if "proof" in request.POST else None
    form = ProofForm(typed, kinds=proof_kinds(link.payout))
    if not form.is_valid():
        return page(request, link, "prove", form=form)
    try:
        links.prove(link, form.candidates())
    except Refused as refused:
        if refused.code == "replaced":
            return redirect(request.path)
        if link.locked_at:
            return page(request, link, "locked")
        form.add_error("proof", refused.message)
        return page(request, link, "prove", form=form)
    response = redirect(request.path)
    proved.carry(response, link)
    return response


def choose(request: HttpRequest, link: Link) -> HttpResponse:
    """The brands, then the question once more, then the order."""
    asked = "choose" in request.POST or "confirm" in request.POST
    late = "confirm" in request.POST
    form = BrandForm(request.POST if asked else None, offers=gifts.offers(link.payout), late=late)
    if not form.is_valid():
        return brands(request, link, form)
    if "confirm" in request.POST:
        return confirm(request, link, form)
    brand = languages.notice().brands[form.cleaned_data["brand"]]
    return page(request, link, "confirm", brand=brand)


def brands(request: HttpRequest, link: Link, form: BrandForm) -> HttpResponse:
    """The sum by coupon, and the brands to choose from."""
    lines = link.payout.lines.select_related("coupon").order_by("id")
    none = not any(offer.parts for offer in form.offers)
    return page(request, link, "choose", form=form, lines=lines, none_pays=none)


def confirm(request: HttpRequest, link: Link, form: BrandForm) -> HttpResponse:
    """Take the brand; whoever was faster (a double click), the answer is the state as it now is."""
    try:
        order = gifts.choose(link.payout, form.cleaned_data["brand"], link)
    except Refused as refused:
        if refused.code in ("moved", "arrow", "replaced"):
            return redirect(request.path)
        form.add_error("brand", refused.message)
        return brands(request, link, form)
    if order.state == "placed":
        settling.settle(order)
    response = redirect(request.path)
    proved.carry(response, link)
    return response


def issued(request: HttpRequest, link: Link) -> HttpResponse:
    """The code, seen again as often as wanted until the end; a bare GET by a scanner shows none."""
    order = link.payout.orders.get(state="issued")
    brand = languages.notice().brands[order.brand]
    if not proved.carried(request, link):  # an app holder's link, which asks for no proof
        if request.method != "POST":
            return page(request, link, "show", brand=brand)
        response = redirect(request.path)
        proved.carry(response, link)
        return response
    try:
        codes = gifts.reveal(link) if request.method != "HEAD" else []
    except Refused as refused:
        return page(request, link, "issuing", waiting=refused.message)
    return page(request, link, "code", brand=brand, order=order, codes=codes)
