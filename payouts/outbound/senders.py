"""Which sender serves a channel: SMS_PROVIDER and EMAIL_URL decide.

SMS_PROVIDER: `demo`, or `http_json+https://KEY:SECRET@host/path[?concurrency=8]`.
EMAIL_URL: `demo://`, or what django-environ reads: `consolemail://`, `filemail:///dir`,
`smtp://USER:PASSWORD@host:25`, `smtp+tls://…`, `smtp+ssl://…`, each with `[?concurrency=4]`.
"""

from functools import cache
from urllib.parse import parse_qs, urlsplit

import environ
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payouts.outbound.demo import Demo
from payouts.outbound.letter import ByPerson
from payouts.outbound.mail import Mail
from payouts.outbound.messages import Sender
from payouts.outbound.signed_http import Endpoint
from payouts.outbound.sms import HttpJson

BY_HAND = ("letter", "call")
SMTP_PORTS = {"smtp": 25, "smtps": 587, "smtp+tls": 587, "smtp+ssl": 465}


def sender_for(channel: str) -> Sender:
    """The sender of "sms", "email", "letter" or "call". Raises ImproperlyConfigured."""
    if channel == "sms":
        return sms_sender(settings.SMS_PROVIDER, settings.PROVIDER_TIMEOUT_SECONDS)
    if channel == "email":
        return mail_sender(
            settings.EMAIL_URL,
            settings.PROVIDER_TIMEOUT_SECONDS,
            settings.MAIL_FROM,
            urlsplit(settings.SITE_URL).hostname or "localhost",
        )
    if channel in BY_HAND:
        return ByPerson()
    raise ImproperlyConfigured(f"no sender for the channel {channel!r}")


@cache
def sms_sender(provider: str, timeout: float) -> Sender:
    """The sender behind one value of SMS_PROVIDER; `timeout` in seconds."""
    if provider == "demo":
        return Demo("sms")
    kind, _, url = provider.partition("+")
    endpoint = Endpoint.of(url, timeout)
    if kind != "http_json" or endpoint.scheme not in ("http", "https") or not endpoint.host:
        raise ImproperlyConfigured("SMS_PROVIDER: neither demo nor http_json+https://…")
    if not (endpoint.key and endpoint.secret):
        raise ImproperlyConfigured("SMS_PROVIDER: the address lacks KEY:SECRET@")
    return HttpJson(endpoint, _concurrency(url, 8))


@cache
def mail_sender(url: str, timeout: float, sender: str, host: str) -> Sender:
    """The sender behind one value of EMAIL_URL; `timeout` in seconds."""
    if url == "demo://":
        return Demo("mail")
    found = environ.Env.email_url_config(url.partition("?")[0])
    backend = found["EMAIL_BACKEND"]
    options: dict[str, object] = {}
    if backend.endswith("smtp.EmailBackend"):
        options = {
            "host": found["EMAIL_HOST"],
            "port": found["EMAIL_PORT"] or SMTP_PORTS[urlsplit(url).scheme],
            "username": found["EMAIL_HOST_USER"] or "",
            "password": found["EMAIL_HOST_PASSWORD"] or "",
            "use_tls": found.get("EMAIL_USE_TLS", False),
            "use_ssl": found.get("EMAIL_USE_SSL", False),
            "timeout": timeout,
        }
    elif backend.endswith("filebased.EmailBackend"):
        options = {"file_path": "/" + found["EMAIL_FILE_PATH"].lstrip("/")}
    return Mail(backend, options, sender, host, _concurrency(url, 4))


def _concurrency(url: str, otherwise: int) -> int:
    """How many sends side by side: `?concurrency=N` of an address."""
    given = parse_qs(urlsplit(url).query).get("concurrency", [str(otherwise)])[0]
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 64):
        raise ImproperlyConfigured("concurrency: a number from 1 to 64")
    return int(given)
