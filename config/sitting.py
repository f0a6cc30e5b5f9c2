"""How long an account stays logged in, by real time, and what becomes of a form sent too late."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from config import cipher, clock

WHY = {
    "idle": "しばらく操作がなかったため、ログアウトしました。",
    "long": "ログインから長い時間がたったため、ログアウトしました。",
}
KEPT_SECONDS = 3600  # a form sent too late waits so long for its sender
SECRETS = ("password", "token", "code")  # forms with such a field are not kept
STEP = 60  # seconds between two notes of the last visit
Respond = Callable[[HttpRequest], HttpResponse]


def sitting(respond: Respond) -> Respond:
    """End a sitting that was idle or lasted too long, before the office's page is asked."""

    def middleware(request: HttpRequest) -> HttpResponse:
        office = request.path.startswith("/" + settings.ADMIN_PATH)
        if office and request.user.is_authenticated and (why := ended(request)):
            return sent_back(request, why)
        return respond(request)

    return middleware


def begin(request: HttpRequest) -> None:
    """The sitting begins now."""
    request.session["since"] = request.session["seen"] = _now()


def ended(request: HttpRequest) -> str:
    """Why the sitting is over, a key of WHY; else its last visit is noted."""
    now, session = _now(), request.session
    if "since" not in session:
        begin(request)
        return ""
    if now - session["since"] >= settings.OFFICE_LONGEST_HOURS * 3600:
        return "long"
    if now - session["seen"] >= settings.OFFICE_IDLE_MINUTES * 60:
        return "idle"
    if now - session["seen"] >= STEP:
        session["seen"] = now
    return ""


def sent_back(request: HttpRequest, why: str) -> HttpResponse:
    """To the log-in, which says why; a form that was on its way is kept for its sender."""
    form, user = keepable(request), request.user.pk
    posted, back = request.method == "POST", page_of(request)
    logout(request)
    if form:
        kept = {"user": user, "path": request.path, "back": back, "form": form, "at": _now()}
        request.session["kept"] = cipher.encrypt_text(json.dumps(kept).encode(), "kept form")
    asked = {"why": why, "next": back} | ({"lost": "1"} if posted and not form else {})
    return redirect(f"{reverse('admin:login')}?{urlencode(asked)}")


def page_of(request: HttpRequest) -> str:
    """Where somebody was: the page asked for, or the one whose form was sent."""
    if request.method != "POST":
        return request.get_full_path()
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return reverse("admin:index")
    office = came.netloc == request.get_host() and came.path.startswith("/" + settings.ADMIN_PATH)
    return f"{came.path}?{came.query}".rstrip("?") if office else reverse("admin:index")


def keepable(request: HttpRequest) -> str:
    """The form of a request, as sent; empty where it is long, carries a file or a secret."""
    plain = request.content_type == "application/x-www-form-urlencoded"
    if request.method != "POST" or not plain or len(request.body) > settings.BODY_LIMIT:
        return ""
    form = request.POST.copy()
    form.pop("csrfmiddlewaretoken", None)
    secret = any(word in name for name in form for word in SECRETS)
    return "" if secret else form.urlencode()


def taken(request: HttpRequest) -> tuple[str, str, QueryDict] | None:
    """Page, path and form of who was sent back, once; nobody else's, not after KEPT_SECONDS."""
    blob = request.session.pop("kept", "")
    try:
        kept: dict[str, Any] = json.loads(cipher.decrypt_text(blob, "kept form")) if blob else {}
    except cipher.Unreadable:
        return None
    if kept.get("user") != request.user.pk or _now() - kept["at"] > KEPT_SECONDS:
        return None
    return kept["back"], kept["path"], QueryDict(kept["form"])


def _now() -> int:
    """Seconds of real time."""
    return int(clock.real_now().timestamp())
