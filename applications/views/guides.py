"""The guides in やさしい日本語, Chinese and Korean: a page each, the form's words side by side.

The Japanese words are read from the forms, so that a guide never names a box that is not there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from applications import timeline
from applications.forms.bank import BankForm
from applications.forms.check import CheckForm
from applications.forms.coupons import CouponsForm
from applications.forms.fields import Choice
from applications.forms.person import PersonForm
from applications.forms.receive import ReceiveForm
from applications.views import steps
from config import clock, languages
from config.notice import NOTICE
from payouts.forms import ProofForm

FORMS = {
    "coupons": CouponsForm,
    "person": PersonForm,
    "receive": ReceiveForm,
    "bank": BankForm,
    "check": CheckForm,
}
LAST = ("number_unknown", "issuer")  # stand below the coupons on the page of the first step


@dataclass(frozen=True)
class Pair:
    """Words of the Japanese page, and what they mean."""

    japanese: str
    meaning: str


@dataclass(frozen=True)
class Row:
    """A box of a form, and its answers to choose from."""

    label: Pair
    choices: list[Pair]


@dataclass(frozen=True)
class Step:
    """One page of the form: its heading, its boxes, the button to press at its end."""

    name: str
    title: Pair
    rows: list[Row]
    button: Pair


@require_safe
def easy(request: HttpRequest) -> HttpResponse:
    """The guide in やさしい日本語 (N88)."""
    return _page(request, "easy")


@require_safe
def chinese(request: HttpRequest) -> HttpResponse:
    """The guide in 简体中文 (N93)."""
    return _page(request, "zh-hans")


@require_safe
def korean(request: HttpRequest) -> HttpResponse:
    """The guide in 한국어 (N93)."""
    return _page(request, "ko")


@require_safe
def chinese_bank(request: HttpRequest) -> HttpResponse:
    """The boxes for an account, in 简体中文."""
    return _page(request, "zh-hans", "bank")


@require_safe
def korean_bank(request: HttpRequest) -> HttpResponse:
    """The boxes for an account, in 한국어."""
    return _page(request, "ko", "bank")


def form_steps() -> list[Step]:
    """The steps of the application, in the language of the moment beside Japanese."""
    return [form_step(name) for name in FORMS if name != "bank" or NOTICE.bank_road]


def pair(words: str) -> Pair:
    """A translatable text in Japanese and in the language of the moment."""
    with translation.override(languages.SOURCE):
        japanese = str(words)
    return Pair(japanese, str(words))


def _page(request: HttpRequest, code: str, only: str = "") -> HttpResponse:
    if only and not NOTICE.bank_road:
        raise Http404
    guide = languages.GUIDES[code]
    name = guide.path.strip("/")
    with translation.override(languages.SOURCE if code == "easy" else code):
        context = timeline.period(clock.now()) | {
            "notice": NOTICE.told_in(code),
            "guide": name,
            "tag": guide.tag,
            "steps": [form_step(only)] if only else form_steps(),
            "proof": Row(pair(ProofForm.base_fields["proof"].label), []),
        }
        page = render(request, f"pages/{'guide_bank' if only else name}.html", context)
    page.headers["Content-Language"] = guide.tag
    return page


def form_step(name: str) -> Step:
    """One step of the application, in the language of the moment beside Japanese."""
    form = FORMS[name]
    rows = [_row(field) for field in _fields(form)]
    buttons = form(None, at=clock.now(), extended={}).buttons() if form is CheckForm else []
    button = buttons[0].value if buttons else form.button
    return Step(name, pair(steps.TITLES[name]), rows, pair(button))


def _fields(form: type[forms.Form]) -> Iterator[forms.Field]:
    """The fields of a form as they stand on its page; those of all cases where they differ."""
    if form in (CouponsForm, ReceiveForm):
        found = form(None, at=clock.now(), extended={}).fields
    else:
        found = form.base_fields
    yield from (field for name, field in found.items() if name not in LAST)
    yield from (found[name] for name in LAST if name in found)


def _row(field: forms.Field) -> Row:
    listed = isinstance(field, Choice) and not isinstance(field.widget, forms.Select)
    choices = [pair(words) for _, words in field.choices] if listed else []
    return Row(pair(field.label), choices)
