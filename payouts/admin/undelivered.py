"""届かなかった通知: each with its reason and what to do; and late first links, to be decided."""

from datetime import datetime, time, timedelta

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from config import access
from config.clock import JST
from config.states import Refused
from payouts import brakes, clerks, late_links, opening, undelivered
from payouts.admin import exporting
from payouts.models import LateLink, Message, Payout

SEE, DO = "payouts.view_message", "payouts.resend_link"
PROPOSE, DECIDE = "payouts.add_latelink", "payouts.change_latelink"
PER_PAGE = 25
HEADS = ("作成日時", "対象", "通知", "送信方法", "宛先", "理由", "理由コード", "対応")
SAID = {
    "again": "もう一度送ります。",
    "handle": "対応済みにしました。",
    "lift": "この宛先への送信の停止を解除しました。",
}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What is left to do, oldest first, by channel and reason; each opened page is noted."""
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    rows = clerks.scoped(undelivered.undelivered(), request.user)
    channel, reason = request.GET.get("channel", ""), request.GET.get("reason")
    if channel in brakes.CHANNELS:
        rows = rows.filter(channel=channel)
    if reason is not None and "\0" not in reason:
        rows = rows.filter(failure=reason[:40])
    if exporting.is_file(request):
        lines = (line(row) for row in rows.order_by("id").iterator(exporting.FETCHED))
        return exporting.taken_out(request, "undelivered", HEADS, lines)
    page = Paginator(rows.order_by("id"), PER_PAGE).get_page(request.GET.get("p"))
    barred = brakes.barred(page.object_list)
    for each in page.object_list:
        access.viewed(request.user, "message", each.pk)
    context = {
        **admin.site.each_context(request),
        "page": page,
        "rows": [
            (row, undelivered.reason(row.state, row.failure, row.cause), way(row), row.pk in barred)
            for row in page.object_list
        ],
        "query": "".join(f"&{k}={v}" for k, v in (("channel", channel), ("reason", reason)) if v),
        "may": request.user.has_perm(DO),
        "title": "届かなかった通知",
    }
    return TemplateResponse(request, "admin/dispatch/undelivered.html", context)


def line(row: Message) -> tuple[object, ...]:
    """One row of the file."""
    reason = undelivered.reason(row.state, row.failure, row.cause)
    words = (row.get_kind_display(), row.get_channel_display(), row.address)
    return (row.written_at, row.subject, *words, reason.label, row.failure, reason.advice)


def way(message: Message) -> tuple[str, int | None]:
    """The kind and number of what the message is about."""
    kind, _, number = message.subject.partition(":")
    return kind, int(number) if number.isdecimal() else None


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Send it again, book it as seen to, or lift the bar of its address."""
    if not request.user.has_perm(DO):
        raise PermissionDenied
    message = get_object_or_404(clerks.scoped(Message.objects.all(), request.user), pk=pk)
    try:
        getattr(undelivered, verb)(message, by=request.user)
        messages.success(request, f"通知{message.pk}：{SAID[verb]}")
    except Refused as refused:
        messages.error(request, f"通知{message.pk}：{refused.message}")
    return redirect("admin:payouts_message_undelivered")


@require_safe
def late(request: HttpRequest) -> HttpResponse:
    """First links that no longer go by themselves, and those proposed."""
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    rows = clerks.scoped(late_links.undecided(), request.user)
    proposed = LateLink.objects.filter(approved_at=None).select_related("payout", "prepared_by")
    context = {
        **admin.site.each_context(request),
        "page": Paginator(rows.filter(late_link=None).order_by("id"), PER_PAGE).get_page(
            request.GET.get("p")
        ),
        "proposed": clerks.scoped(proposed, request.user, "payout__prefecture_code"),
        "until": opening.common_end(),
        "may_propose": request.user.has_perm(PROPOSE),
        "may_decide": request.user.has_perm(DECIDE),
        "title": "期限間際の受取案内",
    }
    return TemplateResponse(request, "admin/dispatch/late.html", context)


@require_POST
def late_propose(request: HttpRequest, pk: int) -> HttpResponse:
    """First signature: last day and reason."""
    if not request.user.has_perm(PROPOSE):
        raise PermissionDenied
    payout = get_object_or_404(clerks.scoped(Payout.objects.all(), request.user), pk=pk)
    try:
        end = last_day(request.POST.get("until", ""))
        late_links.propose(payout, end, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, f"{payout}：起案しました。別の担当者が承認すると送られます。")
    except Refused as refused:
        messages.error(request, f"{payout}：{refused.message}")
    return redirect("admin:payouts_message_late")


def last_day(typed: str) -> datetime:
    """The first moment after a last day, JST. Raises Refused for what is no day."""
    try:
        day = parse_date(typed.strip())
    except ValueError:
        day = None
    if day is None:
        raise Refused("受取期限の日を選んでください。", "until")
    return datetime.combine(day + timedelta(days=1), time(), JST)


@require_POST
def late_decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Second signature, or the proposal taken back."""
    if not request.user.has_perm(DECIDE if verb == "approve" else PROPOSE):
        raise PermissionDenied
    rows = clerks.scoped(LateLink.objects.all(), request.user, "payout__prefecture_code")
    row = get_object_or_404(rows, pk=pk)
    try:
        getattr(late_links, verb)(row, by=request.user)
        said = "承認しました。案内を送ります。" if verb == "approve" else "起案を取り下げました。"
        messages.success(request, f"{row.payout}：{said}")
    except Refused as refused:
        messages.error(request, f"{row.payout}：{refused.message}")
    return redirect("admin:payouts_message_late")
