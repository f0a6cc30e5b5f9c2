"""The addresses at which providers tell what became of a message: `/hooks/<provider>/`.

Nothing changes before the caller has proved to be the provider of the settings. The answer is the
same whether a message is known to us or not.
"""

import logging

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from payouts import delivery
from payouts.outbound import hooks
from payouts.outbound.senders import provider_of

log = logging.getLogger(__name__)


@never_cache
@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def receipts(request: HttpRequest, provider: str) -> HttpResponse:
    """Take receipts. 404 for a provider that we do not use, 403 without proof, 400 unreadable.

    Any fault of ours is a 5xx, after which providers come again.
    """
    channel, secret = used(provider)
    if request.method == "HEAD":  # some try the address when it is set up
        return HttpResponse()
    try:
        told = hooks.read(provider, secret, request)
    except (ValueError, RecursionError):
        log.warning("%s sent receipts that can't be read", provider)
        return HttpResponse("unreadable\n", status=400, content_type="text/plain; charset=utf-8")
    if told is None:
        log.warning("a call in the name of %s proved nothing", provider)
        return HttpResponseForbidden(
            "not signed by the provider\n", content_type="text/plain; charset=utf-8"
        )
    delivery.keep(provider, channel, told)
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def used(provider: str) -> tuple[str, str]:
    """The channel that a provider serves, and its secret. Raises Http404 for any other."""
    for channel in ("sms", "email"):
        name, secret = provider_of(channel)
        if name and name == provider:
            return channel, secret
    raise Http404
