"""E-mail by vendors with an HTTP API and delivery receipts, through django-anymail."""

import warnings
from typing import Any

from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
    AnymailWarning,
)
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.core.exceptions import SuspiciousOperation
from django.core.mail import EmailMessage
from django.http import HttpRequest
from requests import ConnectionError, ConnectTimeout

from config import clock
from payouts.outbound.mail import Mail
from payouts.outbound.messages import CODE, REF, Accepted, Outcome, Refused, Text, Told, Unknown

ABOUT_US = {401, 402, 403, 404, 405}
LATER = {408, 425, 429, 503}
KINDS = {  # what anymail calls it: what it is to us
    "delivered": ("delivered", False),
    "bounced": ("failed", True),
    "rejected": ("failed", True),
    "failed": ("failed", False),
    "deferred": ("delayed", False),
    "complained": ("complained", True),
}


class Vendor(Mail):
    """One of anymail's back ends. Our reference travels as metadata and comes back in receipts."""

    receipts = True

    def message(self, reference: str, address: str, text: Text, connection: Any) -> EmailMessage:
        """Without a Message-ID of ours, which most vendors replace."""
        local, _, domain = address.rpartition("@")
        if ".." in local or local.endswith("."):  # as carriers gave them out
            address = f'"{local}"@{domain}'
        message = super().message(reference, address, text, connection)
        del message.extra_headers["Message-ID"]
        message.metadata = {"reference": reference}
        return message

    def handed(self, connection: Any, message: EmailMessage) -> Outcome:
        """One call of the vendor's API, and what it said of the one receiver."""
        try:
            connection.send_messages([message])
        except AnymailInvalidAddress:
            return Refused("address", permanent=True)
        except AnymailRecipientsRefused:
            return Refused("recipient", permanent=True)
        except AnymailRequestsAPIError as error:
            return _failed(error)
        except AnymailAPIError:
            return Unknown("answer")
        finally:
            connection.close()
        status, given = message.anymail_status.status or set(), message.anymail_status.message_id
        if status & {"invalid", "rejected", "failed"}:
            return Refused(min(status)[:CODE], permanent="failed" not in status)
        refs = sorted(filter(None, given if isinstance(given, set) else [given]))
        return Accepted(str(refs[0])[:REF]) if refs else Unknown("answer")


def _failed(error: AnymailAPIError) -> Outcome:
    """The meaning of a call without a whole answer, or with an answer that says no."""
    if error.status_code is None:
        reached = not isinstance(error, ConnectTimeout) and "NewConnectionError" not in str(error)
        if isinstance(error, ConnectionError | ConnectTimeout) and not reached:
            return Refused("unreachable", permanent=False, technical=True)
        return Unknown()
    code = error.status_code
    if code in ABOUT_US or code in LATER:
        return Refused(str(code), permanent=False, technical=code in ABOUT_US)
    if code < 400 or code >= 500:
        return Unknown("answer" if code < 400 else str(code))
    blame = _blame(_json(error))
    return Refused(blame or str(code), permanent=bool(blame), technical=not blame)


def _blame(content: dict[str, Any]) -> str:
    """ "recipient" for a refusal of Mailgun's that is about the address.

    Any other is about our sender, text or account. Postmark's are told apart by anymail itself.
    """
    said = str(content.get("message", ""))
    return "recipient" if said.startswith(("to parameter", "'to' parameter")) else ""


def _json(error: AnymailAPIError) -> dict[str, Any]:
    try:
        content = error.response.json()
    except (AttributeError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def told(provider: str, secret: str, request: HttpRequest) -> list[Told] | None:
    """The receipts in a call of a vendor's webhook. None where it does not prove who calls.

    `secret`: USER:PASSWORD of Postmark's address, or Mailgun's signing key for webhooks. Raises
    ValueError for a call that is proved and can't be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailWarning)
        if provider == "postmark":
            view = PostmarkTrackingWebhookView(webhook_secret=secret)
        else:
            view = MailgunTrackingWebhookView(webhook_signing_key=secret)
    try:
        view.run_validators(request)
    except (SuspiciousOperation, ValueError, TypeError, AttributeError):
        return None
    try:
        events = view.parse_events(request)
    except (LookupError, TypeError, AttributeError, OSError) as error:
        raise ValueError(str(error)) from error
    return [_told(event) for event in events if event.event_type in KINDS]


def _told(event: Any) -> Told:
    outcome, permanent = KINDS[event.event_type]
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    return Told(
        reference=str(metadata.get("reference", ""))[:REF],
        provider_ref=str(event.message_id or "")[:REF],
        outcome=outcome,
        happened_at=event.timestamp or clock.real_now(),
        permanent=permanent,
        code=str(event.reject_reason or event.event_type)[:CODE],
        event=str(event.event_id or ""),
    )
