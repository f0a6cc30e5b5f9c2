"""Give-back lists: prepared by one, released by another, taken out as a file (N41, promise 7)."""

import io

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from applications.admin.desk_case import CHANGE
from applications.admin.verbs import APPROVE
from config import access, clock
from config.notice import NOTICE
from config.states import Refused
from coupons import give_backs
from coupons.models import DoubleCharge, GiveBackList
from payouts import clerks
from payouts.admin.listing import prefecture_name
from payouts.outbound import csvsafe

TEMPLATE = "admin/desk/give_backs.html"
SHOWN = 50


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What waits, by office, and the lists made so far."""
    if not request.user.has_perm("coupons.view_doublecharge"):
        raise PermissionDenied
    waiting = [
        (code, prefecture_name(code), count)
        for code in clerks.prefectures_of(request.user)
        if (count := give_backs.waiting(code).count())
    ]
    rows = GiveBackList.objects.select_related("prepared_by", "released_by")
    lists = clerks.scoped(rows, request.user).order_by("-pk")[:SHOWN]
    context = {
        **admin.site.each_context(request),
        "title": "戻入依頼",
        "opts": DoubleCharge._meta,
        "waiting": waiting,
        "lists": [(row, list(give_backs.lines(row))) for row in lists],
        "heads": give_backs.HEADS,
        "may_prepare": request.user.has_perm(CHANGE),
        "may_release": request.user.has_perm(APPROVE),
        "after_cut_off": clock.now() >= NOTICE.dates.cut_off,
    }
    return TemplateResponse(request, TEMPLATE, context)


@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """First signature: one office's confirmed cases as one list."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    code = request.POST.get("prefecture", "")
    try:
        clerks.require(request.user, code)
        row = give_backs.prepare(code, request.user)
        messages.success(request, f"戻入依頼 {row} を作成しました。別の担当者が確定してください。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:coupons_doublecharge_give_backs")


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Second signature (release), or the list undone (drop)."""
    rights = {"release": APPROVE, "drop": CHANGE}
    if verb not in rights:
        raise Http404(verb)
    if not request.user.has_perm(rights[verb]):
        raise PermissionDenied
    row = get_object_or_404(clerks.scoped(GiveBackList.objects.all(), request.user), pk=pk)
    try:
        if verb == "release":
            give_backs.release(row, request.user)
            messages.success(request, "確定しました。ファイルをクーポンシステムへ渡してください。")
        else:
            give_backs.drop(row)
            messages.success(request, "依頼をとりやめました。受付は確認済みのままです。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:coupons_doublecharge_give_backs")


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a released list; each time the same, each time noted (N84)."""
    if not (request.user.has_perm(CHANGE) or request.user.has_perm(APPROVE)):
        raise PermissionDenied
    rows = GiveBackList.objects.exclude(released_at=None)
    row = get_object_or_404(clerks.scoped(rows, request.user), pk=pk)
    text = io.StringIO(newline="")
    csvsafe.write(text, give_backs.HEADS, give_backs.lines(row))
    exported(request, "givebacklist", str(row.pk))
    return as_file(text.getvalue(), f"modoshiire-{row}.csv")


def exported(request: HttpRequest, subject: str, subject_id: str = "") -> None:
    """Write down that this clerk took a list out."""
    access.exported(request.user, subject, subject_id)


def as_file(text: str, name: str) -> HttpResponse:
    """A CSV to be saved."""
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
