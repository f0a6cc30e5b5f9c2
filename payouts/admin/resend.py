"""The button that sends a payout's link anew, on the page of the payout and of the application."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from config import clock
from config.states import Refused
from config.templatetags.notice import ja_moment
from payouts import clerks, resending
from payouts.models import Payout

RIGHT = "payouts.resend_link"


def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: the reason, and the page to come back to (`back`). What is refused is told there."""
    page = reverse("admin:payouts_payout_change", args=[pk])
    if request.method != "POST":
        return redirect(page)
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    payout = get_object_or_404(clerks.scoped(Payout.objects.all(), request.user), pk=pk)
    try:
        goes = resending.resend(payout, by=request.user, reason=request.POST.get("reason", ""))
        when = "まもなく" if goes <= clock.now() else f"{ja_moment(goes)}に"
        messages.success(request, f"受取用URLを作り直しました。{when}お送りします。")
    except Refused as refused:
        messages.error(request, refused.message)
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else page)
