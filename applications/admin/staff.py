"""The accounts of the office on plain pages: who there is, one of them, a new one."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from applications import roles, staff
from applications.forms.staff import StaffForm, initial
from config import access, second_factor
from config.clock import JST
from config.models import AccessLog, HandedPassword
from config.states import Refused
from payouts.admin.exporting import as_file
from payouts.admin.listing import prefecture_name

VIEW, CHANGE = "payouts.view_clerk", "payouts.change_clerk"
SECOND = "config.change_handedpassword"  # the right to give second halves of first passwords
PAGE, SHOWN = 50, 30
HEADS = (
    *("ログイン名", "氏名", "役割", "担当の都道府県"),
    *("認証アプリ登録済み", "最後のログイン", "状態"),
)
Act = Callable[[Any, QueryDict, Any], str | None]

# Accounts, roles and devices change on these pages only, where each change is noted.
admin.site.unregister([get_user_model(), Group, TOTPDevice, StaticDevice])


def _device(user: Any, posted: QueryDict, by: Any) -> None:
    staff.reset_device(user, posted.getlist("facts"), by=by)


ACTS: dict[str, tuple[Act, str]] = {
    "disable": (lambda user, posted, by: staff.disable(user, by=by), "停止しました。"),
    "enable": (lambda user, posted, by: staff.enable(user, by=by), "再開しました。"),
    "unlock": (
        lambda user, posted, by: staff.unlock(user, by=by),
        "ログインの停止を解除しました。",
    ),
    "password": (
        lambda user, posted, by: staff.new_password(user, by=by),
        "初期パスワードの前半を作りました。",
    ),
    "second": (
        lambda user, posted, by: staff.second_half(user, by=by),
        "初期パスワードの後半を作りました。",
    ),
    "device": (_device, "認証アプリの登録を消しました。次のログインで登録し直せます。"),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every account of the own prefectures; `all` shows the stopped ones too."""
    require(request, VIEW)
    found = Paginator(chosen(request), PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [line(user) for user in found],
        "locked": staff.locked(user.username for user in found),
        "found": found,
        "roles": roles.LABELS,
        "role": request.GET.get("role", ""),
        "asked": request.GET.get("q", "").strip(),
        "everybody": "all" in request.GET,
        "may_change": request.user.has_perm(CHANGE),
        "may_export": request.user.has_perm(access.EXPORT),
        "query": request.GET.urlencode(),
        "title": "担当者",
    }
    return page(request, "list", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same accounts as a file, noted."""
    require(request, VIEW)
    require(request, access.EXPORT)
    access.exported(request.user, "user")
    return as_file(HEADS, map(written, chosen(request)), "staff")


def chosen(request: HttpRequest) -> QuerySet[Any]:
    """The accounts of the list, narrowed by what is asked for."""
    rows = staff.accounts(request.user)
    if "all" not in request.GET:
        rows = rows.filter(is_active=True)
    role, asked = request.GET.get("role", ""), request.GET.get("q", "").strip()
    rows = rows.filter(groups__name=role) if role in roles.LABELS else rows
    rows = rows.filter(Q(username__icontains=asked) | Q(last_name__icontains=asked))
    return rows.annotate(apps=Count("totpdevice", Q(totpdevice__confirmed=True), distinct=True))


def written(user: Any) -> list[object]:
    """One account of the file."""
    told = line(user)
    last = f"{user.last_login.astimezone(JST):%Y-%m-%d %H:%M:%S}" if user.last_login else ""
    device, state = ("はい" if user.apps else "いいえ"), ("有効" if user.is_active else "停止")
    return [user.username, user.last_name, told["role_names"], told["places"], device, last, state]


def new(request: HttpRequest) -> HttpResponse:
    """A new account; the first half of its first password is shown once."""
    require(request, CHANGE)
    form = StaffForm(request.POST or None, by=request.user, new=True)
    if form.is_valid():
        try:
            name = form.cleaned_data["username"]
            user, half = staff.open_account(name, form.wanted(), by=request.user)
        except Refused as refused:
            form.add_error(refused.code if refused.code in form.fields else None, refused.message)
        else:
            messages.success(request, "担当者を追加しました。")
            return one_page(request, user, half=half)
    status = 422 if form.is_bound else 200
    return page(request, "new", {"form": form, "title": "担当者を追加"}, status)


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: what it may do, to see and to change."""
    require(request, CHANGE if request.method == "POST" else VIEW)
    user = found(request, pk)
    if request.method != "POST":
        return one_page(request, user)
    form = StaffForm(request.POST, by=request.user, new=False)
    if form.is_valid():
        try:
            staff.change(user, form.wanted(), by=request.user)
        except Refused as refused:
            form.add_error(refused.code if refused.code in form.fields else None, refused.message)
        else:
            messages.success(request, "変更しました。")
            return redirect("admin:staff_one", pk)
    return one_page(request, user, form=form, status=422)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One button on an account."""
    require(request, SECOND if verb == "second" else CHANGE)
    if verb not in ACTS:
        raise Http404(verb)
    user = found(request, pk)
    run, done = ACTS[verb]
    try:
        half = run(user, request.POST, request.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return one_page(request, user, status=409)
    messages.success(request, done)
    if half:
        return one_page(request, user, half=half)
    return redirect("admin:staff_one", pk)


def require(request: HttpRequest, right: str) -> None:
    if not request.user.has_perm(right):
        raise PermissionDenied


def found(request: HttpRequest, pk: int) -> Any:
    """The account, where it works for the own prefectures only (N25)."""
    return get_object_or_404(staff.accounts(request.user), pk=pk)


def line(user: Any) -> dict[str, Any]:
    """One account of the list."""
    clerk = getattr(user, "clerk", None)
    names = [group.name for group in user.groups.all()]
    return {
        "account": user,
        "role_names": "・".join(roles.LABELS.get(name, name) for name in names),
        "places": places(clerk),
    }


def places(clerk: Any) -> str:
    """The prefectures of an account in words."""
    if clerk is None:
        return "なし"
    return "全都道府県" if clerk.everywhere else "、".join(map(prefecture_name, clerk.prefectures))


def one_page(
    request: HttpRequest,
    user: Any,
    *,
    form: StaffForm | None = None,
    half: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an account."""
    mine = user.pk == request.user.pk
    handed = HandedPassword.objects.filter(user=user).select_related("asked_by").first()
    waits = bool(handed and handed.approved_by_id is None)
    second = waits and not mine and request.user.has_perm(SECOND)
    user = staff.accounts(request.user).get(pk=user.pk)
    noted = AccessLog.objects.filter(act__in=("account", "sign_in"), subject="user")
    context = {
        **line(user),
        "form": form or StaffForm(initial=initial(user), by=request.user, new=False),
        "half": half,
        "waits": waits,
        "may_second": second and handed.asked_by_id != request.user.pk,
        "mine": mine,
        "may_change": request.user.has_perm(CHANGE) and not mine,
        "device": second_factor.device_of(user),
        "left": second_factor.codes_left(user),
        "handed": handed,
        "locked": staff.locked([user.username]).get(user.username),
        "facts": staff.FACTS,
        "noted": noted.filter(subject_id=str(user.pk)).select_related("by").order_by("-pk")[:SHOWN],
        "title": f"担当者 {user.username}",
    }
    return page(request, "one", context, status)


def page(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/staff/{name}.html", context, status=status)
