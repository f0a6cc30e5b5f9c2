"""What the pages of the call centre have in common: forms, signatures, the office's clothes."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from applications.admin.desk_forms import OfficeForm
from applications.templatetags.dads import first_id
from config.states import Refused
from payouts import clerks
from payouts.admin import listing
from payouts.admin.listing import prefecture_name

Act = Callable[..., Any]


class PrefectureForm(OfficeForm):
    """A form that begins with one of the clerk's own prefectures (N25)."""

    prefecture = forms.ChoiceField(
        label="都道府県", error_messages={"required": "都道府県を選んでください。"}
    )

    def __init__(self, data: Any = None, *, user: Any, **options: Any) -> None:
        super().__init__(data, **options)
        codes = clerks.prefectures_of(user)
        blank = [] if len(codes) == 1 else [("", "選んでください")]
        choices = [(code, prefecture_name(code)) for code in codes]
        self.fields["prefecture"].choices = [*blank, *choices]


class DateForm(OfficeForm):
    """One day, as a date box."""

    day = forms.DateField(
        label="日付",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "日付を入力してください。",
            "invalid": "日付をご確認ください。",
        },
    )


def area(label: str, *, required: bool = False, rows: int = 3, limit: int = 2000) -> Any:
    """A box for several lines."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        widget=forms.Textarea(attrs={"rows": rows, "cols": 60}),
        error_messages={"required": f"{label}を入力してください。"},
    )


def faults(*found: forms.Form) -> list[tuple[str, str]]:
    """Each mistake with the id of its box, in the order of the page."""
    return [
        (first_id(form[name]) if name in form.fields else "", str(message))
        for form in found
        if form.is_bound
        for name, told in form.errors.items()
        for message in told
    ]


def refused(form: forms.Form, why: Refused, otherwise: str | None = None) -> None:
    """Lay what an act refused at the box that its code names."""
    form.add_error(why.code if why.code in form.fields else otherwise, why.message)


def posted(request: HttpRequest) -> Any:
    """What was sent, None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def require(request: HttpRequest, *rights: str) -> None:
    """Raises PermissionDenied for who has none of these rights."""
    if not any(request.user.has_perm(right) for right in rights):
        raise PermissionDenied


def found(request: HttpRequest, model: type[Model], pk: int, right: str) -> Any:
    """A row of the clerk's prefectures, for who may see such rows (N25)."""
    return listing.found(request, model._default_manager.all(), pk, right)


def tried(request: HttpRequest, done: str, act: Act, *what: Any, **options: Any) -> bool:
    """Do an act; tell what came of it. False where it was refused."""
    try:
        act(*what, by=request.user, **options)
    except Refused as why:
        messages.error(request, why.message)
        return False
    messages.success(request, done)
    return True


def page(
    request: HttpRequest,
    template: str,
    model: type[Model],
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """A page in the office's clothes."""
    known = {**admin.site.each_context(request), "opts": model._meta}
    return TemplateResponse(request, f"admin/calls/{template}.html", known | context, status=status)


def back(name: str, *parts: Any) -> HttpResponse:
    """To a page of the office."""
    return redirect(f"admin:{name}", *parts)


def day(text: str, otherwise: date) -> date:
    """A day of an address, or another one where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
