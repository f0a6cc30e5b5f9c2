"""一斉のお知らせ: choose, write, look at count, cost and samples; another person releases."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import circulars
from applications.admin.call_pages import (
    PrefectureForm,
    area,
    back,
    faults,
    found,
    page,
    posted,
    refused,
    require,
    tried,
)
from applications.intake import MARKS
from applications.models import Application, Circular, Claim
from config.states import Refused
from payouts.admin.listing import OfficeList, PrefectureFilter, person
from payouts.models import Message

PREPARE, RELEASE, VIEW = (f"applications.{verb}_circular" for verb in ("add", "change", "view"))
VERBS = {
    "release": (circulars.release, RELEASE, "発信しました。順に送ります。"),
    "drop": (circulars.drop, PREPARE, "取りやめました。"),
}
ANY = ("", "すべて")
STATES = [pair for pair in Application.State.choices if pair[0] in circulars.LIVE]
CHANNELS = [("sms", "SMS"), ("email", "メール"), ("letter", "配信先なし（郵送・電話）")]
LABELS = {
    "state": "状態",
    "road": "受取方法",
    "channel": "配信先",
    "mark": "要確認の印",
    "match": "台帳との照合",
    "language": "言語",
    "entered": "代行入力",
}


class SelectionForm(PrefectureForm):
    """Who is meant."""

    state = forms.ChoiceField(required=False, label="状態", choices=[ANY, *STATES])
    road = forms.ChoiceField(
        required=False, label="受取方法", choices=[ANY, *Application.Method.choices]
    )
    channel = forms.ChoiceField(required=False, label="配信先", choices=[ANY, *CHANNELS])
    match = forms.ChoiceField(
        required=False, label="台帳との照合", choices=[ANY, *Claim.Match.choices]
    )
    mark = forms.ChoiceField(required=False, label="要確認の印", choices=[ANY, *MARKS.items()])
    language = forms.ChoiceField(
        required=False, label="言語", choices=[ANY, ("ja", "日本語"), ("en", "英語")]
    )
    entered = forms.ChoiceField(
        required=False, label="代行入力", choices=[ANY, ("1", "代行入力だけ")]
    )

    def selection(self) -> dict[str, str]:
        """The conditions of a valid form."""
        return {key: value for key in circulars.KEYS if (value := self.cleaned_data[key])}


class TextForm(forms.Form):
    """What they are told. English is needed where somebody uses it."""

    use_required_attribute = False

    heading = forms.CharField(
        label="件名",
        max_length=60,
        widget=forms.TextInput(attrs={"size": 50}),
        error_messages={"required": "件名を入力してください。"},
    )
    words = area("本文（メール・郵送）", required=True, rows=6)
    short = forms.CharField(
        label="SMSの文",
        max_length=70,
        help_text="差出人の名前を含めて70字まで。URLは書きません。",
        widget=forms.TextInput(attrs={"size": 60}),
        error_messages={"required": "SMSの文を入力してください。"},
    )
    heading_en = forms.CharField(
        required=False,
        label="件名（英語）",
        max_length=80,
        widget=forms.TextInput(attrs={"size": 50, "lang": "en"}),
    )
    words_en = area("本文（英語）", rows=5)
    short_en = forms.CharField(
        required=False,
        label="SMSの文（英語）",
        max_length=160,
        widget=forms.TextInput(attrs={"size": 60, "lang": "en"}),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="id_%s", label_suffix="", **options)

    def clean(self) -> dict[str, Any]:
        """Links to other places look like fraud."""
        cleaned = super().clean()
        for name in ("words", "words_en", "short", "short_en"):
            if "http" in str(cleaned.get(name, "")).casefold():
                self.add_error(name, "URLは書けません。申請状況のページは自動で入ります。")
            elif name in cleaned:
                cleaned[name] = cleaned[name].replace("\r\n", "\n").strip()
        return cleaned


@admin.register(Circular)
class CircularAdmin(OfficeList):
    """All circulars, the newest first."""

    list_display = ("__str__", "prefecture", "count", "stands", "prepared", "released")
    list_filter = (PrefectureFilter,)
    list_select_related = ("prepared_by", "released_by")
    ordering = ("-id",)
    change_list_template = "admin/calls/circular_list.html"
    prepared = person("prepared_by", "起案者")
    released = person("released_by", "発信した人")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "applications_circular"
        ours = [
            path("prepare/", view(prepare), name=f"{name}_prepare"),
            path("<int:pk>/change/", view(show), name=f"{name}_change"),
            path("<int:pk>/<slug:verb>/", view(act), name=f"{name}_act"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_prepare": request.user.has_perm(PREPARE)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @admin.display(description="状態")
    def stands(self, row: Circular) -> str:
        return state(row)


def state(row: Circular) -> str:
    """The office's word for where a circular stands."""
    if row.written_at:
        return "作成済み"
    if row.released_at:
        return "作成中"
    return "取りやめ" if row.dropped_at else "発信待ち"


def prepare(request: HttpRequest) -> HttpResponse:
    """Choose and write; 「確認する」 shows count, cost and samples, and stores nothing."""
    require(request, PREPARE)
    sent = posted(request)
    chosen = SelectionForm(sent, user=request.user, initial=request.GET.dict())
    text = TextForm(sent)
    context: dict[str, Any] = {"title": "一斉のお知らせの起案", "chosen": chosen, "text": text}
    if sent is not None and all([chosen.is_valid(), text.is_valid()]):
        prefecture, selection = chosen.cleaned_data["prefecture"], chosen.selection()
        try:
            if "look" not in sent:
                row = circulars.prepare(prefecture, selection, text.cleaned_data, by=request.user)
                return back("applications_circular_change", row.pk)
            context |= looked(prefecture, selection, text.cleaned_data)
        except Refused as why:
            refused(text, why)
    context["faults"] = faults(chosen, text)
    return page(request, "circular", Circular, context, 422 if context["faults"] else 200)


def looked(prefecture: str, selection: dict[str, str], told: dict[str, str]) -> dict[str, Any]:
    """Count, cost and three samples of what is being written. Raises Refused as the act does."""
    rows = circulars.chosen(prefecture, selection)
    reached = circulars.reached(rows)
    circulars.require_fit(prefecture, told, reached)
    draft = Circular(prefecture_code=prefecture, **told)
    return {"reached": ways(reached), "sum": reached, "samples": shown(draft, rows)}


def ways(reached: circulars.Reached) -> list[tuple[str, int]]:
    """How many by which way, in words."""
    names = dict(Message.Channel.choices)
    return [(names[way], count) for way, count in sorted(reached.channels.items())]


def shown(row: Circular, rows: Any) -> list[tuple[Application, Any, Any]]:
    """Three recipients with the text that each gets, and the SMS."""
    return [
        (person, circulars.composed(row, person), circulars.composed(row, person, "sms"))
        for person in circulars.samples(rows)
    ]


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes to whom, how far it is, and the buttons of this clerk."""
    row = found(request, Circular, pk, VIEW)
    waits = not (row.released_at or row.dropped_at)
    own = row.prepared_by_id == request.user.pk
    reached = circulars.reached_by(row)
    rows = Application.objects.filter(pk__in=row.recipients.values("application"))
    context = {
        "title": str(row),
        "row": row,
        "stands": state(row),
        "selection": said(row.selection),
        "reached": ways(reached),
        "sum": reached,
        "samples": shown(row, rows),
        "progress": circulars.progress(row) if row.released_at else None,
        "may_release": waits and not own and request.user.has_perm(RELEASE),
        "may_drop": waits and request.user.has_perm(PREPARE),
        "own": waits and own,
    }
    return page(request, "circular_show", Circular, context)


def said(selection: dict[str, str]) -> list[tuple[str, str]]:
    """The conditions in words."""
    words = {
        "state": dict(Application.State.choices),
        "road": dict(Application.Method.choices),
        "channel": dict(CHANNELS),
        "mark": MARKS,
        "match": dict(Claim.Match.choices),
        "language": {"ja": "日本語", "en": "英語"},
        "entered": {"1": "代行入力だけ"},
    }
    return [(LABELS[key], str(words[key].get(value, value))) for key, value in selection.items()]


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Release or drop."""
    if verb not in VERBS:
        raise Http404(verb)
    run, right, done = VERBS[verb]
    require(request, right)
    tried(request, done, run, found(request, Circular, pk, VIEW))
    return back("applications_circular_change", pk)
