"""What a provider's delivery receipts look like, and how each proves that it is theirs."""

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from config.clock import JST
from payouts.outbound import vendors
from payouts.outbound.messages import CODE, REF, Told
from payouts.outbound.signed_http import is_signed

OUTCOMES = {"delivered", "failed", "delayed"}
MOST = 500  # receipts in one call


def read(provider: str, secret: str, request: HttpRequest) -> list[Told] | None:
    """The receipts in a call of `/hooks/<provider>/`. None where it proves nothing.

    Raises ValueError for a call that is proved and can't be read.
    """
    if provider in ("postmark", "mailgun"):
        return vendors.told(provider, secret, request)
    return signed(secret, request)


def signed(secret: str, request: HttpRequest) -> list[Told] | None:
    """{"receipts": [{"reference" or "id", "status", "at", "permanent", "code", "event"}, ...]}.

    Signed as our own calls are: X-Hosho-Moment and X-Hosho-Signature over method, path and body.
    """
    moment = request.headers.get("X-Hosho-Moment", "")
    given = request.headers.get("X-Hosho-Signature", "")
    path = request.get_full_path()
    if not is_signed(secret, request.method or "", path, moment, request.body, given):
        return None
    content = json.loads(request.body)
    rows = content.get("receipts") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("receipts: a list of objects")
    if len(rows) > MOST:
        raise ValueError(f"receipts: {MOST} at the most")
    return [_told(row) for row in rows if row.get("status") in OUTCOMES]


def _told(row: dict[str, Any]) -> Told:
    return Told(
        reference=_word(row, "reference", REF),
        provider_ref=_word(row, "id", REF),
        outcome=row["status"],
        happened_at=_moment(row.get("at")),
        permanent=row.get("permanent") is True,
        code=_word(row, "code", CODE),
        event=_word(row, "event", REF),
    )


def _word(row: dict[str, Any], key: str, length: int) -> str:
    value = row.get(key, "")
    if not isinstance(value, str | int) or "\0" in str(value):
        raise ValueError(key)
    return str(value)[:length]


def _moment(value: object) -> datetime:
    """The provider's moment; Japanese time where it names no zone."""
    found = parse_datetime(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("at: a moment in ISO 8601")
    return found if found.tzinfo else found.replace(tzinfo=JST)
