"""期限後の申請: a proven case, two people, one link (N79)."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from applications import late_access
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
from applications.forms.fields import Box
from applications.models import LateAccess
from applications.templatetags.office import short
from applications.validators.emails import email
from applications.validators.names import name
from applications.validators.phones import mobile
from applications.validators.text import plain
from config import clock
from config.clock import JST
from config.states import Refused
from payouts.admin.listing import OfficeList, PrefectureFilter, person, seen

PREPARE, APPROVE, VIEW = (f"applications.{verb}_lateaccess" for verb in ("add", "change", "view"))
VERBS = {
    "approve": (late_access.approve, APPROVE, "承認しました。申請用のURLをお送りします。"),
    "drop": (late_access.drop, PREPARE, "取り消しました。"),
}
LANGUAGES = [("ja", "日本語"), ("en", "英語")]


class LateAccessForm(PrefectureForm):
    """Who, why, by which way, until when."""

    name = Box(name, label="お名前", attrs={"size": 20})
    reason = forms.ChoiceField(
        label="理由",
        choices=[("", "選んでください"), *LateAccess.Reason.choices],
        error_messages={"required": "理由を選んでください。"},
    )
    account = area("確認した内容（いつ、何があり、何で確かめたか）", required=True)
    channel = forms.ChoiceField(
        label="URLの送り方",
        choices=[("sms", "SMS"), ("email", "メール"), ("letter", "郵送")],
        widget=forms.RadioSelect,
        error_messages={"required": "URLの送り方を選んでください。"},
    )
    contact = Box(
        lambda value: plain(value)[:254],
        label="送り先（携帯電話番号、メールアドレス、または郵便番号と住所）",
        kept=254,
        attrs={"size": 40},
    )
    language = forms.ChoiceField(label="言語", choices=LANGUAGES, initial="ja")
    last_day = forms.DateField(
        label="申請できる最後の日",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "申請できる最後の日を入力してください。",
            "invalid": "日付をご確認ください。",
        },
    )

    def clean(self) -> dict[str, Any]:
        """The address fits its way."""
        cleaned = super().clean()
        check = {"sms": mobile, "email": email}.get(cleaned.get("channel", ""))
        if check and cleaned.get("contact"):
            try:
                cleaned["contact"] = check(cleaned["contact"])
            except forms.ValidationError as error:
                self.add_error("contact", error)
        return cleaned

    def told(self) -> dict[str, Any]:
        """The fields of the case."""
        cleaned = self.cleaned_data
        names = ("name", "reason", "account", "channel", "contact", "language")
        end = datetime.combine(cleaned["last_day"] + timedelta(days=1), time(), JST)
        return {
            **{each: cleaned[each] for each in names},
            "prefecture_code": cleaned["prefecture"],
            "expires_at": end,
        }


@admin.register(LateAccess)
class LateAccessAdmin(OfficeList):
    """All cases, the newest first."""

    list_display = ("__str__", "prefecture", "reason", "stands", "ends", "prepared", "approved")
    list_filter = ("reason", PrefectureFilter)
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)
    change_list_template = "admin/calls/late_list.html"
    prepared = person("prepared_by", "起案者")
    approved = person("approved_by", "承認者")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "applications_lateaccess"
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
    def stands(self, row: LateAccess) -> str:
        return state(row)

    @admin.display(description="有効期限（この直前まで）", ordering="expires_at")
    def ends(self, row: LateAccess) -> str:
        return short(row.expires_at)


def state(row: LateAccess) -> str:
    """The office's word for where a case stands."""
    if row.used_at:
        return "申請済み"
    if row.dropped_at:
        return "取消"
    if clock.now() >= row.expires_at:
        return "期限切れ"
    return "承認済み（申請待ち）" if row.approved_at else "承認待ち"


def prepare(request: HttpRequest) -> HttpResponse:
    """Write a case down for another person."""
    require(request, PREPARE)
    form = LateAccessForm(posted(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            row = late_access.prepare(form.told(), by=request.user)
        except Refused as why:
            refused(
                form, Refused(why.message, "last_day" if why.code == "expires_at" else why.code)
            )
        else:
            return back("applications_lateaccess_change", row.pk)
    context = {"title": "期限後の申請の起案", "form": form, "faults": faults(form)}
    return page(request, "late", LateAccess, context, 422 if form.errors else 200)


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The case, and the buttons of this clerk."""
    row = found(request, LateAccess, pk, VIEW)
    seen(request, "late_access", row.pk)
    waits = not (row.approved_at or row.dropped_at)
    own = row.prepared_by_id == request.user.pk
    context = {
        "title": f"期限後の申請 {row}",
        "row": row,
        "stands": state(row),
        "may_approve": waits and not own and request.user.has_perm(APPROVE),
        "may_drop": not (row.used_at or row.dropped_at) and request.user.has_perm(PREPARE),
        "own": waits and own,
    }
    return page(request, "late_show", LateAccess, context)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Approve or take back."""
    if verb not in VERBS:
        raise Http404(verb)
    run, right, done = VERBS[verb]
    require(request, right)
    tried(request, done, run, found(request, LateAccess, pk, VIEW))
    return back("applications_lateaccess_change", pk)
