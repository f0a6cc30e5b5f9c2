"""The office's admin site: password and one-time code, Japanese throughout.

The admin runs without scripts, under the same content policy as the rest of the site.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.views.decorators.cache import never_cache
from django_otp import devices_for_user
from django_otp.admin import OTPAdminSite

from config import account, second_factor, sitting
from config.models import HandedPassword
from config.signing_in import LoginForm, locked_until

View = Callable[..., HttpResponse]
ALWAYS = ("password_change", "logout", "login")  # open while a handed password is unchanged


class OfficeSite(OTPAdminSite):
    """Django's admin behind a second factor."""

    site_header = "補償事務局"
    site_title = "補償事務局"
    index_title = "事務局の業務"
    site_url = None
    enable_nav_sidebar = False
    login_form = LoginForm
    login_template = "admin/login.html"

    def __init__(self) -> None:
        super().__init__("admin")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The own account, the office's pages of no model, and Django's."""
        view = self.admin_view
        ours = [
            path("account/", view(account.show), name="account"),
            path("account/codes/", view(account.new_codes), name="account_codes"),
            path("account/replace/", view(account.replace), name="account_replace"),
            path("account/kept/", view(account.kept), name="account_kept"),
            path("account/first/", never_cache(account.first), name="account_first"),
            path("", include("applications.urls.office")),
        ]
        return [*ours, *super().get_urls()]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Every page of the office: a handed password is changed before anything else."""
        inside = super().admin_view(view, cacheable)

        @wraps(inside)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            name = request.resolver_match.url_name if request.resolver_match else ""
            held = request.session.get("handed") and name not in ALWAYS
            if held and self.has_permission(request):
                return redirect("admin:password_change")
            return inside(request, *args, **kwargs)

        return asked

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The door: says why one stands before it, and leads on to what is still to be set up."""
        if request.method == "GET" and self.may_set_up(request):
            return redirect("admin:account_first")
        told = {
            "why": sitting.WHY.get(request.GET.get("why", ""), ""),
            "lost": "lost" in request.GET,
            "kept": "kept" in request.session,
        }
        answer = super().login(request, told | (extra_context or {}))
        if answer.status_code != 302 or request.method != "POST":
            return answer
        sitting.begin(request)
        if HandedPassword.objects.filter(user=request.user).exists():
            request.session["handed"] = True
        return redirect(self.onwards(request, answer["Location"]))

    def may_set_up(self, request: HttpRequest) -> bool:
        """Somebody who gave the password and has nothing yet to make a code with."""
        user = request.user
        own = user.is_authenticated and user.is_active and user.is_staff
        return own and not (user.is_verified() or any(devices_for_user(user)))

    def onwards(self, request: HttpRequest, asked: str) -> str:
        """Where somebody goes who has just logged in."""
        query = "?" + urlencode({"next": asked})
        if not second_factor.device_of(request.user):
            return reverse("admin:account_first") + query
        if request.session.get("handed"):
            return reverse("admin:password_change") + query
        return reverse("admin:account_kept") if "kept" in request.session else asked

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return account.password(request)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """429 after too many wrong passwords, whether or not there is such an account."""
    context = {
        **admin.site.each_context(request),
        "title": "ログインを止めています",
        "until": locked_until(request, credentials),
    }
    return TemplateResponse(request, "admin/locked.html", context, status=429).render()
