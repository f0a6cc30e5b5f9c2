"""The paying accounts of the offices: what is in force, and changing it by two people (N73)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from config.states import Refused
from payouts import clerks, offices
from payouts.admin.listing import (
    OfficeList,
    PrefectureFilter,
    StageFilter,
    person,
    prefecture_name,
    seen,
)
from payouts.models import Office, OfficeChange
from payouts.offices import OwnAccount
from payouts.outbound.zengin.kana import full_width

PROPOSE, DECIDE = "payouts.add_officechange", "payouts.change_officechange"
VIEW = "payouts.view_office"
TYPES = {"1": "普通", "2": "当座", "9": "その他"}
LIMITS = {  # longest text and hint of each box
    "remitter_code": (13, "銀行から届いた10けたの番号。会社コード・委託者コードともいいます。"),
    "remitter_kana": (
        60,
        "受け取る方の通帳にこのとおり印字されます。濁点も1文字に数えて40文字まで。",
    ),
    "bank_code": (8, "4けた。"),
    "branch_code": (8, "3けた。"),
    "account_number": (12, "7けた。短い番号は先頭に0を付けます。"),
}


class OfficeForm(forms.Form):
    """The account of one office, and why it is what it is."""

    prefecture = forms.ChoiceField(
        label="都道府県", error_messages={"required": "都道府県を選んでください。"}
    )
    account_type = forms.ChoiceField(
        label="預金種目",
        choices=[("", "選んでください"), *TYPES.items()],
        error_messages={"required": "預金種目を選んでください。"},
    )
    reason = forms.CharField(
        label="理由（記録に残ります）",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        error_messages={"required": "理由を入力してください。"},
    )

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        codes = clerks.prefectures_of(user)
        self.fields["prefecture"].choices = [(each, prefecture_name(each)) for each in codes]
        for name, (longest, hint) in LIMITS.items():
            label = Office._meta.get_field(name).verbose_name
            missing = {"required": f"{label}を入力してください。"}
            self.fields[name] = forms.CharField(
                label=label, max_length=longest, help_text=hint, error_messages=missing
            )
        self.order_fields(["prefecture", *offices.FIELDS, "reason"])

    def account(self) -> OwnAccount:
        """What was typed, of a valid form."""
        return OwnAccount(*(self.cleaned_data[name] for name in offices.FIELDS))


@admin.register(Office)
class OfficeAdmin(OfficeList):
    """The accounts in force."""

    of_the_bank = True
    list_display = ("prefecture", "remitter_kana", "remitter_code", "bank_code", "branch_code")
    list_display_links = ("prefecture",)
    change_list_template = "admin/offices/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "payouts_office"
        ours = [
            path("propose/", view(propose), name=f"{name}_propose"),
            path("<slug:code>/change/", view(show), name=f"{name}_change"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_propose": request.user.has_perm(PROPOSE)}
        return super().changelist_view(request, context | (extra_context or {}))


@admin.register(OfficeChange)
class OfficeChangeAdmin(OfficeList):
    """All proposals, the newest first."""

    of_the_bank = True
    list_display = (
        "__str__",
        "prefecture",
        "stands",
        "prepared_at",
        "prepared",
        "approved_at",
        "approved",
    )
    list_filter = (
        PrefectureFilter,
        StageFilter,
    )
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)
    prepared, approved = person("prepared_by", "起案者"), person("approved_by", "承認者")

    def get_urls(self) -> list[URLPattern]:
        """Our pages before Django's."""
        view, name = self.admin_site.admin_view, "payouts_officechange"
        ours = [
            path("<int:pk>/change/", view(show_change), name=f"{name}_change"),
            path("<int:pk>/approve/", view(approve), name=f"{name}_approve"),
            path("<int:pk>/drop/", view(drop), name=f"{name}_drop"),
        ]
        return [*ours, *super().get_urls()]

    @admin.display(description="状態")
    def stands(self, row: OfficeChange) -> str:
        return StageFilter.of(row)


def rows_of(account: OwnAccount | None) -> list[tuple[str, str]]:
    """An account as the pages tell it, label and value."""
    if account is None:
        return []
    bank, branch = offices.named(account)
    printed = f"{full_width(account.remitter_kana)}　（{account.remitter_kana}）"
    return [
        ("仕向銀行", bank),
        ("仕向支店", branch),
        ("預金種目・口座番号", f"{TYPES[account.account_type]}　{account.account_number}"),
        ("振込依頼人コード", account.remitter_code),
        ("受け取る方の通帳の印字", printed),
    ]


@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """The account in force of an office, and how it came to be."""
    row = get_object_or_404(of_the_clerk(request, Office, VIEW), pk=code)
    seen(request, "office", code)
    changes = OfficeChange.objects.filter(prefecture_code=code).order_by("-id")
    context = {
        "title": f"事務局の口座　{prefecture_name(code)}",
        "code": code,
        "rows": rows_of(offices.account_of(row)),
        "changes": [
            (each, StageFilter.of(each))
            for each in changes.select_related("prepared_by", "approved_by")
        ],
        "may_propose": request.user.has_perm(PROPOSE),
    }
    return rendered(request, "office", context)


def propose(request: HttpRequest) -> HttpResponse:
    """Write an account down; the form begins with what is in force."""
    if not request.user.has_perm(PROPOSE):
        raise PermissionDenied
    code = request.GET.get("prefecture", "")
    mine = clerks.prefectures_of(request.user)
    now = offices.of(code) if code in mine else None
    begun = {"prefecture": code} | (vars(now) if now else {})
    typed = request.POST if request.method == "POST" else None
    form = OfficeForm(typed, user=request.user, initial=begun)
    if form.is_bound and form.is_valid() and (made := stored(request, form)):
        messages.success(request, "起案しました。別の担当者が承認してください。")
        return redirect("admin:payouts_officechange_change", made.pk)
    status = 422 if form.is_bound else 200
    return rendered(request, "propose", {"title": "事務局の口座の起案", "form": form}, status)


def stored(request: HttpRequest, form: OfficeForm) -> OfficeChange | None:
    """The proposal; None where it was refused, told at its box."""
    cleaned = form.cleaned_data
    try:
        return offices.prepare(
            cleaned["prefecture"], form.account(), reason=cleaned["reason"], by=request.user
        )
    except Refused as why:
        form.add_error(why.code if why.code in form.fields else None, why.message)
        return None


@require_safe
def show_change(request: HttpRequest, pk: int) -> HttpResponse:
    """What is in force beside what is proposed, and the buttons of this clerk."""
    row = get_object_or_404(of_the_clerk(request, OfficeChange, VIEW), pk=pk)
    seen(request, "officechange", pk)
    waits = not (row.approved_at or row.dropped_at)
    now = dict(rows_of(offices.of(row.prefecture_code))) if waits else {}
    own = row.prepared_by_id == request.user.pk
    context = {
        "title": f"事務局の口座の変更　{prefecture_name(row.prefecture_code)}",
        "row": row,
        "stands": StageFilter.of(row),
        "waits": waits,
        "rows": [
            (label, now.get(label, ""), new) for label, new in rows_of(offices.account_of(row))
        ],
        "own": own,
        "may_approve": waits and not own and request.user.has_perm(DECIDE),
        "may_drop": waits and may_drop(request.user),
    }
    return rendered(request, "change", context)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person puts it in force."""
    if not request.user.has_perm(DECIDE):
        raise PermissionDenied
    done = "承認しました。次に確定する振込データから、この口座です。"
    return tried(request, pk, offices.approve, done)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """The account stays as it is."""
    if not may_drop(request.user):
        raise PermissionDenied
    return tried(request, pk, offices.drop, "取りやめました。口座は変わりません。")


def tried(request: HttpRequest, pk: int, act: Callable[..., Any], done: str) -> HttpResponse:
    """Do an act with a proposal, tell what came of it, and back to its page."""
    row = get_object_or_404(of_the_clerk(request, OfficeChange, VIEW), pk=pk)
    try:
        act(row, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, done)
    return redirect("admin:payouts_officechange_change", pk)


def may_drop(user: Any) -> bool:
    """Who may propose or decide may also take back."""
    return user.has_perm(PROPOSE) or user.has_perm(DECIDE)


def of_the_clerk(request: HttpRequest, model: Any, right: str) -> QuerySet[Any]:
    """Rows of the clerk's prefectures, for who has this right (N25)."""
    if not request.user.has_perm(right):
        raise PermissionDenied
    return clerks.scoped(model.objects.all(), request.user)


def rendered(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    known = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/offices/{name}.html", known, status=status)
