"""The own account: second factor, recovery codes, password, a form that was sent too late."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_otp import login as otp_login
from django_otp.plugins.otp_static.models import StaticDevice

from config import access, second_factor, sitting
from config.signing_in import CodeForm, PasswordForm

WRONG = (
    "確認コードが違います。スマートフォンの時刻が合っているかを確かめ、"
    "新しいコードが表示されてから入力してください。"
)


def first(request: HttpRequest) -> HttpResponse:
    """Set up the app: picture, secret, and a code that proves that it was taken over."""
    user = request.user
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return redirect("admin:login")
    if second_factor.device_of(user):
        return redirect("admin:account" if user.is_verified() else "admin:login")
    device, form = second_factor.begun(user), CodeForm(request.POST or None)
    if form.is_valid():
        proved = second_factor.confirm(user, form.cleaned_data["code"])
        if proved:
            otp_login(request, proved)
            access.noted(user, "sign_in", "user", user.pk, "app")
            return codes(request, fresh=True)
        form.add_error("code", WRONG)
    context = {
        "form": form,
        "secret": second_factor.secret_of(device),
        "picture": second_factor.picture(device, admin.site.site_title),
        "next": after(request),
        "title": "認証アプリの登録",
    }
    return page(request, "first", context)


def show(request: HttpRequest, form: CodeForm | None = None) -> HttpResponse:
    """What the account has; a form that was refused comes with its faults."""
    context = {
        "left": second_factor.codes_left(request.user),
        "by_code": isinstance(request.user.otp_device, StaticDevice),
        "form": form or CodeForm(),
        "title": "自分のアカウント",
    }
    return page(request, "show", context, 422 if form else 200)


@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes for who holds the app now; the old ones end."""
    form = CodeForm(request.POST)
    return codes(request, fresh=False) if holds_app(request, form) else show(request, form)


@require_POST
def replace(request: HttpRequest) -> HttpResponse:
    """Another phone: the old app ends, for who holds it or came in by a recovery code."""
    form = CodeForm(request.POST)
    by_code = isinstance(request.user.otp_device, StaticDevice)
    if not (by_code or holds_app(request, form)):
        return show(request, form)
    second_factor.forget_app(request.user)
    access.noted(request.user, "sign_in", "user", request.user.pk, "app_ended")
    return redirect("admin:account_first")


def holds_app(request: HttpRequest, form: CodeForm) -> bool:
    """Whether the form has a fresh code of the own app; a wrong one becomes its fault."""
    if not form.is_valid():
        return False
    if second_factor.proved(request.user, form.cleaned_data["code"]):
        return True
    form.add_error("code", WRONG)
    return False


def codes(request: HttpRequest, *, fresh: bool) -> HttpResponse:
    """The recovery codes, this once."""
    made = second_factor.new_recovery_codes(request.user)
    access.noted(request.user, "sign_in", "user", request.user.pk, "recovery_codes")
    context = {"codes": made, "fresh": fresh, "next": after(request), "title": "回復コード"}
    return page(request, "codes", context)


def password(request: HttpRequest) -> HttpResponse:
    """Change the own password; what somebody else chose has to be changed before anything else."""
    form = PasswordForm(request.user, request.POST or None)
    handed = bool(request.session.get("handed"))
    if form.is_valid():
        update_session_auth_hash(request, form.save())
        request.session.pop("handed", None)
        messages.success(request, "パスワードを変更しました。")
        return redirect(after(request))
    context = {"form": form, "handed": handed, "next": after(request)}
    return page(request, "password", {**context, "title": "パスワードの変更"})


def kept(request: HttpRequest) -> HttpResponse:
    """A form that was sent after the sitting had ended, to be sent again by its sender."""
    found = sitting.taken(request)
    if found is None:
        return redirect("admin:index")
    back, path, form = found
    fields = [(name, value) for name, values in form.lists() for value in values]
    context = {"back": back, "path": path, "fields": fields, "title": "送信されていない内容"}
    return page(request, "kept", context)


def after(request: HttpRequest) -> str:
    """Where the way goes on: what was asked for first, of this site only."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=settings.HTTPS
    )
    return asked if own and asked.startswith("/" + settings.ADMIN_PATH) else reverse("admin:index")


def page(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/account/{name}.html", context, status=status)
