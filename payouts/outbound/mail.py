"""E-mail through Django's mail connection, with the refusals of SMTP told apart."""

import re
from email.utils import formataddr, parseaddr
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address

from payouts.outbound.messages import REF, Accepted, Outcome, Refused, Text, Unknown

# Enhanced status classes that blame us or the way, not the mailbox: system, network, policy.
NOT_THE_MAILBOX = re.compile(r"\b[45]\.[3457]\.\d")
NOT_ATOM = re.compile(r"[^0-9A-Za-z_-]")


class Mail:
    """One message, one connection; `reference` is the Message-ID, so a second copy is seen as one.

    SMTP can't be asked what became of a message: `lookup` never knows.
    """

    receipts = False

    def __init__(
        self,
        backend: str,
        options: dict[str, Any],
        sender: str,
        host: str,
        concurrency: int = 4,
        rate: float = 0,
    ) -> None:
        self.backend, self.options = backend, options
        self.sender, self.host = sender, host
        self.concurrency, self.rate = concurrency, rate

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        """Send to one address. 5xx about the mailbox is for good, all other refusals are not."""
        try:
            sanitize_address(address, "utf-8")  # lets through the carriers' a..b.@docomo.ne.jp
        except ValueError:
            return Refused("address", permanent=True)
        connection = get_connection(self.backend, **self.options)
        message = self.message(reference, address, text, connection)
        return self.handed(connection, message)

    def message(self, reference: str, address: str, text: Text, connection: Any) -> EmailMessage:
        """The e-mail as it leaves: our reference is its Message-ID."""
        name, own = parseaddr(self.sender)
        return EmailMessage(
            text.subject,
            text.body,
            formataddr((text.sender or name, own)),
            [address],
            connection=connection,
            headers={
                "Message-ID": f"<{NOT_ATOM.sub('.', reference)}@{self.host}>",
                "X-Hosho-Reference": reference,
                "Auto-Submitted": "auto-generated",
            },
        )

    def handed(self, connection: Any, message: EmailMessage) -> Outcome:
        """Hand it to the server, and what the server said."""
        try:
            connection.open()
        except (OSError, SMTPException) as error:
            return Refused(_code(error, "unreachable"), permanent=False, technical=True)
        try:
            connection.send_messages([message])
        except SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            return _refused(code, reason)
        except SMTPDataError as error:
            return _refused(error.smtp_code, error.smtp_error)
        except SMTPSenderRefused as error:
            return Refused(str(error.smtp_code), permanent=False, technical=True)
        except (OSError, SMTPException) as error:
            return Unknown(_code(error, "no_answer"))
        finally:
            _close(connection)
        return Accepted(message.extra_headers["Message-ID"][:REF])

    def lookup(self, reference: str) -> Outcome | None:
        """Always Unknown."""
        return Unknown()


def _refused(code: int, reason: bytes | str) -> Refused:
    """A refusal by SMTP code and, where given, enhanced status (RFC 3463)."""
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return Refused(str(code), permanent=code >= 500 and not NOT_THE_MAILBOX.search(words))


def _code(error: Exception, otherwise: str) -> str:
    return str(error.smtp_code) if isinstance(error, SMTPResponseException) else otherwise


def _close(connection: Any) -> None:
    """Close, whatever the other side does: the outcome is known by now."""
    try:
        connection.close()
    except (OSError, SMTPException):
        return
