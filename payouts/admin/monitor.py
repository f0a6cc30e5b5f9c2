"""送信状況: how the sending stands, the pause, and a sample of each text."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import brakes, checks, clerks, dispatch_figures, late_links, texts
from payouts.models import Message, Pause

SEE, PAUSE = "payouts.view_message", "payouts.pause_sending"
LANGUAGES = {"ja": "日本語", "en": "English"}
PAST_PAUSES = 10


@require_safe
def monitor(request: HttpRequest) -> HttpResponse:
    """Counts, pace, reasons, money and pauses, of the clerk's prefectures."""
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    at = clock.now()
    extended = Postponement.approved()
    found = dispatch_figures.figures(clerks.prefectures_of(request.user))
    context = {
        **admin.site.each_context(request),
        "figures": found,
        "at": at,
        "links_go": NOTICE.sends_links(at, extended),
        "links_next": NOTICE.next_link_moment(at, extended),
        "money": [(row, brakes.limit(row.budget)) for row in brakes.spent_today()],
        "pauses": Pause.objects.exclude(ended_at=None)
        .select_related("by", "ended_by")
        .order_by("-id")[:PAST_PAUSES],
        "may_pause": request.user.has_perm(PAUSE),
        "running": {c.key: c.label for c in found.channels if c.pause is None},
        "late": late_links.undecided().count() if request.user.has_perm(SEE) else 0,
        "contradictions": checks.contradictions(),
        "title": "送信状況",
    }
    return TemplateResponse(request, "admin/dispatch/monitor.html", context)


@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Stop or let go on; `act`, `channel`, `reason`. What is refused is told on the monitor."""
    if not request.user.has_perm(PAUSE):
        raise PermissionDenied
    channel = request.POST.get("channel", "")
    try:
        if request.POST.get("act") == "resume":
            brakes.resume(channel, by=request.user)
            messages.success(request, f"{brakes.CHANNELS[channel]}の送信を再開しました。")
        else:
            reason = request.POST.get("reason", "")
            for each in brakes.CHANNELS if channel == "all" else [channel]:
                if channel != "all" or not brakes.paused(each):
                    brakes.pause(each, by=request.user, reason=reason)
            messages.success(request, "送信を停止しました。送信待ちの通知はそのまま残ります。")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("admin:payouts_message_monitor")


@require_safe
def samples(request: HttpRequest) -> HttpResponse:
    """The text of each kind, as its receiver would read it: the real templates, sample values."""
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    language = request.GET.get("language", "ja")
    language = language if language in LANGUAGES else "ja"
    own = clerks.prefectures_of(request.user)
    code = request.GET.get("prefecture", "")
    code = code if code in own else NOTICE.home if NOTICE.home in own else next(iter(own))
    office = NOTICE.prefectures[code]
    rows = []
    for kind, label in Message.Kind.choices:
        facts = texts.sample(kind, language)
        sms = texts.compose(kind, "sms", office, facts, language).body
        mail = texts.compose(kind, "email", office, facts, language)
        rows.append((label, sms, texts.units(sms), texts.room(sms), mail))
    context = {
        **admin.site.each_context(request),
        "rows": rows,
        "language": language,
        "languages": LANGUAGES,
        "office": office,
        "prefectures": [NOTICE.prefectures[each] for each in own],
        "title": "文面の見本",
    }
    return TemplateResponse(request, "admin/dispatch/samples.html", context)
