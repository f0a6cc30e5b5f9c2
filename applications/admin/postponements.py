"""期日の延長: one prepares, another reads what moves and approves; everybody reads it (N80)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import postponements
from applications.admin.call_pages import (
    area,
    back,
    faults,
    page,
    posted,
    refused,
    require,
    tried,
)
from applications.admin.desk_forms import OfficeForm
from applications.postponements import BEGINNINGS, NAMES
from applications.templatetags.office import short
from config.clock import JST
from config.models import Postponement
from config.states import Refused
from payouts.admin import listing
from payouts.admin.listing import OfficeList, person

PREPARE, APPROVE = "config.add_postponement", "config.change_postponement"
VIEW = "config.view_postponement"
VERBS = {
    "approve": (postponements.approve, APPROVE, "承認しました。いまから新しい期日が有効です。"),
    "drop": (postponements.drop, PREPARE, "取りやめました。"),
}


class PostponementForm(OfficeForm):
    """Which date, until when, and why."""

    key = forms.ChoiceField(
        label="延長する期日", error_messages={"required": "延長する期日を選んでください。"}
    )
    day = forms.DateField(
        label="新しい最終日（開始の変更では、開始の日）",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "新しい最終日を入力してください。",
            "invalid": "新しい最終日をご確認ください。",
        },
    )
    hour = forms.TimeField(
        required=False,
        label="時刻",
        help_text="空欄は、その日の終わり（23時59分）まで。開始の変更では10時です。",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "時刻を 18:00 のように入力してください。"},
    )
    reason = area("理由（記録に残ります）", required=True)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        choices = [
            (key, f"{name}（いまは {postponements.told(key)}）") for key, name in NAMES.items()
        ]
        self.fields["key"].choices = [("", "選んでください"), *choices]

    def end(self) -> datetime:
        """The new end of a valid form, half-open, JST."""
        day: date = self.cleaned_data["day"]
        hour: time | None = self.cleaned_data["hour"]
        if hour is None and self.cleaned_data["key"] not in BEGINNINGS:
            return datetime.combine(day + timedelta(days=1), time(), JST)
        return datetime.combine(day, hour or time(10), JST)


@admin.register(Postponement)
class PostponementAdmin(OfficeList):
    """All extensions, the newest first."""

    list_display = ("number", "date", "ends", "stands", "prepared", "approved")
    list_select_related = ("prepared_by", "approved_by")
    prefecture_field = ""
    ordering = ("-id",)
    change_list_template = "admin/calls/postponement_list.html"
    prepared = person("prepared_by", "起案者")
    approved = person("approved_by", "承認者")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "config_postponement"
        ours = [
            path("prepare/", view(prepare), name=f"{name}_prepare"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/<slug:verb>/", view(act), name=f"{name}_act"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_prepare": request.user.has_perm(PREPARE)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @admin.display(description="番号", ordering="id")
    def number(self, row: Postponement) -> str:
        return f"延長{row.pk:04d}"

    @admin.display(description="期日")
    def date(self, row: Postponement) -> str:
        return NAMES.get(row.key, row.key)

    @admin.display(description="新しい期日（この直前まで）", ordering="until")
    def ends(self, row: Postponement) -> str:
        return short(row.until)

    @admin.display(description="状態")
    def stands(self, row: Postponement) -> str:
        return state(row)


def state(row: Postponement) -> str:
    """The office's word for where an extension stands."""
    if row.approved_at:
        return "承認済み"
    return "取りやめ" if row.dropped_at else "承認待ち"


def prepare(request: HttpRequest) -> HttpResponse:
    """Write a new end down; 「影響を見る」 tells what moves before anything is stored."""
    require(request, PREPARE)
    form = PostponementForm(posted(request))
    moved: list[postponements.Effect] = []
    if request.method == "POST" and form.is_valid():
        key, end = form.cleaned_data["key"], form.end()
        if "look" in request.POST:
            moved = postponements.effects(key, end)
        elif row := stored(request, form, end):
            return back("config_postponement_change", row.pk)
    context = {
        "title": "期日の延長の起案",
        "form": form,
        "effects": moved,
        "faults": faults(form),
    }
    return page(request, "postponement", Postponement, context, 422 if form.errors else 200)


def stored(request: HttpRequest, form: PostponementForm, end: datetime) -> Postponement | None:
    """The prepared extension; None where it was refused, told at its box."""
    cleaned = form.cleaned_data
    try:
        return postponements.prepare(
            key=cleaned["key"], until=end, reason=cleaned["reason"], by=request.user
        )
    except Refused as why:
        refused(form, Refused(why.message, "day" if why.code == "until" else why.code), "key")
        return None


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What moves, the sentence for everybody, and the buttons of this clerk."""
    row = listing.found(request, Postponement.objects.all(), pk, VIEW, "")
    waits = not (row.approved_at or row.dropped_at)
    own = row.prepared_by_id == request.user.pk
    context = {
        "title": f"期日の延長：{NAMES.get(row.key, row.key)}",
        "row": row,
        "stands": state(row),
        "ends": postponements.written(row.key, row.until),
        "announced": postponements.announced(row.key, row.until),
        "effects": postponements.effects(row.key, row.until) if waits else [],
        "may_approve": waits and not own and request.user.has_perm(APPROVE),
        "may_drop": waits and request.user.has_perm(PREPARE),
        "own": waits and own,
    }
    return page(request, "postponement_show", Postponement, context)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Approve or drop."""
    if verb not in VERBS:
        raise Http404(verb)
    run, right, done = VERBS[verb]
    require(request, right)
    tried(request, done, run, listing.found(request, Postponement.objects.all(), pk, VIEW, ""))
    return back("config_postponement_change", pk)
