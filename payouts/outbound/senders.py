"""Which sender serves a channel: SMS_PROVIDER and EMAIL_URL decide.

SMS_PROVIDER: `demo`, `http_json+https://KEY:SECRET@host/path` or `aws-sns://[KEY:SECRET@]REGION`.
EMAIL_URL: `demo://`, or what django-environ reads: `consolemail://`, `filemail:///dir`,
`smtp://USER:PASSWORD@host:25`, `smtp+tls://…`, `smtp+ssl://…`; or a vendor: `postmark://TOKEN@`,
`mailgun://API_KEY@DOMAIN`.
Each takes `?concurrency=8&rate=20`: calls side by side in a process, and calls a second of all
processes together. SMS: `receipts=no` for a provider that sends none. Another address of a vendor's
or of AWS's API: `api=https://…`. AWS: `sender=` for a sender id.
"""

from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payouts.outbound.demo import Demo
from payouts.outbound.letter import ByPerson
from payouts.outbound.mail import Mail
from payouts.outbound.messages import Sender
from payouts.outbound.signed_http import Endpoint
from payouts.outbound.sms import HttpJson
from payouts.outbound.sns import Sns
from payouts.outbound.vendors import Vendor

BY_HAND = ("letter", "call")
VENDORS = ("postmark", "mailgun")
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
    if provider.startswith("aws-sns://"):
        return _sns(provider, timeout)
    kind, _, url = provider.partition("+")
    endpoint = Endpoint.of(url, timeout)
    if kind != "http_json" or endpoint.scheme not in ("http", "https") or not endpoint.host:
        raise ImproperlyConfigured("SMS_PROVIDER: none of demo, http_json+https://…, aws-sns://…")
    if not (endpoint.key and endpoint.secret):
        raise ImproperlyConfigured("SMS_PROVIDER: the address lacks KEY:SECRET@")
    return HttpJson(endpoint, _concurrency(url, 8), _rate(url), _receipts(url, True))


def _sns(provider: str, timeout: float) -> Sns:
    parts = urlsplit(provider)
    if not parts.hostname:
        raise ImproperlyConfigured("SMS_PROVIDER: aws-sns:// lacks the region")
    options: dict[str, object] = {"region_name": parts.hostname}
    if parts.username and parts.password:
        options["aws_access_key_id"] = unquote(parts.username)
        options["aws_secret_access_key"] = unquote(parts.password)
    if api := _given(provider, "api"):
        options["endpoint_url"] = api
    return Sns(
        options,
        timeout,
        _concurrency(provider, 8),
        _rate(provider),
        _receipts(provider, False),
        _given(provider, "sender"),
    )


@cache
def mail_sender(url: str, timeout: float, sender: str, host: str) -> Sender:
    """The sender behind one value of EMAIL_URL; `timeout` in seconds."""
    if url == "demo://":
        return Demo("mail")
    if urlsplit(url).scheme in VENDORS:
        return _vendor(url, timeout, sender, host)
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
    return Mail(backend, options, sender, host, _concurrency(url, 4), _rate(url))


def _vendor(url: str, timeout: float, sender: str, host: str) -> Vendor:
    parts = urlsplit(url)
    key = unquote(parts.username or "")
    if not key:
        raise ImproperlyConfigured(f"EMAIL_URL: {parts.scheme}:// lacks its key")
    options: dict[str, object] = {"timeout": timeout}
    if parts.scheme == "postmark":
        options["server_token"] = key
    elif not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL: mailgun:// lacks the domain")
    else:
        options |= {"api_key": key, "sender_domain": parts.hostname}
    if api := _given(url, "api"):
        options["api_url"] = api
    backend = f"anymail.backends.{parts.scheme}.EmailBackend"
    return Vendor(backend, options, sender, host, _concurrency(url, 8), _rate(url))


def provider_of(channel: str) -> tuple[str, str]:
    """Which provider's receipts a channel takes, and their secret; ("", "") for none."""
    if channel == "sms":
        name = settings.SMS_PROVIDER.partition("+")[0].partition(":")[0]
        own = urlsplit(settings.SMS_PROVIDER.partition("+")[2]).password
        secret = settings.SMS_HOOK_SECRET or unquote(own or "")
        return (name, secret) if name in ("http_json", "aws-sns") and secret else ("", "")
    name, secret = urlsplit(settings.EMAIL_URL).scheme, settings.EMAIL_HOOK_SECRET
    return (name, secret) if name in VENDORS and secret else ("", "")


def _given(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


def _concurrency(url: str, otherwise: int) -> int:
    """How many sends side by side: `?concurrency=N` of an address."""
    given = _given(url, "concurrency") or str(otherwise)
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 64):
        raise ImproperlyConfigured("concurrency: a number from 1 to 64")
    return int(given)


def _rate(url: str) -> float:
    """How many sends a second: `?rate=N` of an address, 0 for no bound."""
    given = _given(url, "rate") or "0"
    if not (given.isascii() and given.isdigit() and int(given) <= 10_000):
        raise ImproperlyConfigured("rate: a number from 1 to 10000, a second")
    return int(given)


def _receipts(url: str, otherwise: bool) -> bool:
    given = _given(url, "receipts")
    if given not in ("", "yes", "no"):
        raise ImproperlyConfigured("receipts: yes or no")
    return given == "yes" if given else otherwise
