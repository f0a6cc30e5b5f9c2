"""Error reports to a Sentry of the office's own, where SENTRY_DSN names one: no person in them.

What is sent: the kind of error, the stack without its variables, and the name of the page.
"""

from typing import Any

import sentry_sdk

KEPT = (
    "event_id",
    "timestamp",
    "level",
    "platform",
    "exception",
    "logger",
    "transaction",
)


def start(dsn: str, transport: Any = None) -> None:
    """Report errors to `dsn`."""
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0,
        before_send=scrubbed,
        transport=transport,
    )


def scrubbed(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event without request, user, address, words of the database and lines of source."""
    kept = {name: event[name] for name in KEPT if name in event}
    for error in kept.get("exception", {}).get("values", []):
        # What a library puts into its words may be what somebody typed.
        error["value"] = error.get("type")
        for frame in error.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    return kept
