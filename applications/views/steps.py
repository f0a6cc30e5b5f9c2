"""What the views of the steps have in common: which page answers, and where one goes next."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications import draft as drafts
from applications import receipts, summary, timeline
from applications.draft import Draft, Receipt
from applications.forms.bank import KINDS
from applications.forms.check import CheckForm
from applications.forms.coupons import MOST, NUMBER, CouponsForm
from applications.forms.fields import StepForm
from applications.forms.journey import Journey
from applications.models import Application
from applications.summary import Section
from applications.views import late
from config import printed
from config.states import Refused
from config.templatetags.notice import ja_moment

CONTACTS = ("delivery_phone", "delivery_email")  # the offered values that are one person's own
ROWS = {str(rows) for rows in range(1, MOST + 1)}
TITLES = {
    "coupons": _("旅行とクーポン"),
    "person": _("お名前とご連絡先"),
    "receive": _("受け取り方"),
    "bank": _("振込先の口座"),
    "check": _("内容の確認"),
}


def journey_of(request: HttpRequest, draft: Draft, *, anew: bool = False) -> Journey:
    """The draft's steps, judged at the arrival of this request; `anew`: also those found sound."""
    sound = () if anew else draft.sound
    return Journey(draft.steps, at=request.arrived_at, extended=late.ends(request), sound=sound)


def address(step: str) -> str:
    """Where a step is."""
    return reverse(f"apply_{step}")


def period(request: HttpRequest) -> dict[str, Any]:
    """Where the scheme stands, for the warnings on the pages of the flow."""
    return timeline.period(request.arrived_at) | late.period(request)


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the flow."""
    return render(request, template, period(request) | context)


def not_open(request: HttpRequest) -> HttpResponse:
    """Before the opening or after the close: when, and what became of what was typed."""
    if period(request)["phase"] == "before":
        return page(request, "apply/not_open.html", {})
    typed = drafts.NAME in request.COOKIES or request.method == "POST"
    template = "apply/overtaken.html" if typed else "apply/closed.html"
    return page(request, template, {"arrived_at": request.arrived_at})


def step_page(request: HttpRequest, journey: Journey, name: str, form: StepForm) -> HttpResponse:
    """The page of one step, with the way back."""
    return page(request, "apply/step.html", {"form": form} | around(journey, name))


def blank_page(request: HttpRequest, journey: Journey, name: str) -> HttpResponse:
    """The page of a step that was not sent yet, out of what is printed for everybody."""
    offered = journey.offered(name)
    given = {field: offered.pop(field) for field in CONTACTS if offered.get(field)}

    def context(values: Mapping[str, str]) -> dict[str, Any]:
        form = journey.form(name, offered | values).unjudged()
        return period(request) | {"form": form} | around(journey, name)

    kind = (journey.route(), tuple(offered.items()))
    return printed.page(request, "apply/step.html", kind, given, context)


def around(journey: Journey, name: str) -> dict[str, Any]:
    """What the page of a step says beside its form."""
    route = (*journey.route(), "check")
    place = route.index(name) if name in route else len(route) - 1
    return {
        "heading": TITLES[name],
        "step": place + 1,
        "of": len(route),
        "back": address(route[place - 1]) if place else reverse("check"),
    }


def form_of(request: HttpRequest, journey: Journey, name: str) -> StepForm:
    """The form of a step as it was left: judged once it was sent, with room for the rows asked."""
    kind = request.GET.get("kind", "")
    if name == "bank" and kind in KINDS:
        return journey.form(name, {**journey.steps.get(name, {}), "account_kind": kind}).unjudged()
    asked = request.GET.get("rows", "")
    room = {"rows": int(asked)} if name == "coupons" and asked in ROWS else {}
    form = journey.form(name, **room)
    if "rows" in request.GET and name == "coupons":
        form.fields[f"inquiry_number_{form.rows - 1}"].widget.attrs["autofocus"] = True
    sent = name in journey.steps or "again" in request.GET
    return form if sent and "rows" not in request.GET else form.unjudged()


def shown_again(
    request: HttpRequest, draft: Draft, name: str, form: StepForm, query: dict[str, int]
) -> HttpResponse:
    """Back to the step with everything typed, by an address that Back and reload can reach.

    What is too large for any legal draft is shown at once instead.
    """
    journey = journey_of(request, draft)
    draft.keep(name, form.raw(), sound=False)
    response = redirect(f"{address(name)}?{urlencode(query)}")
    return response if drafts.save(response, draft) else step_page(request, journey, name, form)


def check_page(request: HttpRequest, journey: Journey, form: CheckForm) -> HttpResponse:
    """All answers with their 変更, and the button that sends them."""
    typed = journey.steps.get("bank", {}).get("account_number", "")
    shown = summary.sections(journey.answers(), typed)
    route = (*journey.route(), "check")
    around = {"form": form, "step": len(route), "of": len(route), "back": address(route[-2])}

    def context(sections: list[Section]) -> dict[str, Any]:
        changes = [(section, address(section.step)) for section in sections]
        return period(request) | around | {"sections": changes}

    if form.is_bound or late.link(request):
        return render(request, "apply/check.html", context(shown))
    return printed.page(
        request,
        "apply/check.html",
        (route, *(row.label for section in shown for row in section.rows)),
        {name: text for section in shown for name, text in section.values().items()},
        lambda values: context([section.saying(values) for section in shown]),
    )


def answer_to(form: CouponsForm, draft: Draft) -> str:
    """The page that answers a valid first step before one goes on, "" for none (N12, N24).

    Who has read the same answer at /check/ and came all the same is not held up again.
    """
    told = draft.steps.get("told", {})
    if form.not_covered():
        return "" if "trip" in told else "not_covered"
    return "nothing_to_do" if form.nothing_to_do() and told.get("method") != "bank" else ""


def going_on(request: HttpRequest, draft: Draft, answer: str = "") -> HttpResponse:
    """To the next step that lacks something, or to the page that answers first."""
    journey = journey_of(request, draft)
    response = redirect(
        f"{address('coupons')}?answer={answer}" if answer else address(journey.next_step())
    )
    drafts.save(response, draft)
    return response


def received(draft: Draft, application: Application) -> HttpResponse:
    """To the receipt; with ten coupons the draft goes on to the next ones (Q6)."""
    numbers = [name for name in draft.steps.get("coupons", {}) if NUMBER.fullmatch(name)]
    goes_on = len(numbers) >= MOST
    response = redirect("apply_done")
    receipt = Receipt(
        application.submission_id.hex,
        application.receipt_number,
        application.arrived_at,
        application.method,
        application.channel,
        goes_on,
    )
    drafts.save_receipt(response, receipt)
    late.spent(response)
    if goes_on:
        drafts.save(response, draft.carried_over())
    return response


def receipt_page(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    """The number, when it arrived, and what comes next."""
    given = {
        "number": receipts.written(receipt.number),
        "arrived": ja_moment(receipt.arrived_at),
        "arrived_iso": receipt.arrived_at.isoformat(),
    }
    kind = {"method": receipt.method, "channel": receipt.channel, "goes_on": receipt.goes_on}

    def context(values: Mapping[str, str]) -> dict[str, Any]:
        return period(request) | {"receipt": kind | values}

    return printed.page(request, "apply/done.html", tuple(kind.values()), given, context)


def refused(request: HttpRequest, journey: Journey, form: CheckForm, why: Refused) -> HttpResponse:
    """The door said no: the closed page after the deadline, else the check page with the reason."""
    if why.code in ("before", "closed"):
        return not_open(request)
    form.add_error(None, why.message)
    return check_page(request, journey, form)
