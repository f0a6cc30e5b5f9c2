"""SMS by a provider that takes a signed JSON POST, as the Japanese direct vendors do.

POST <address> {"reference", "to" (E.164), "text"} is answered by 2xx {"id"}; a reference sent twice
is one message. GET <address>/<reference> tells what became of it: 200 {"id", "status"}, or 404.
"""

from urllib.parse import quote

from payouts.outbound.messages import CODE, REF, Accepted, Outcome, Refused, Text, Unknown
from payouts.outbound.signed_http import Answer, Endpoint, NoAnswer, NotSent

ABOUT_US = {401, 402, 403, 404, 405}  # our key, our account, our address: not the receiver's
LATER = {408, 425, 429, 503}


class HttpJson:
    """A configurable provider: SMS_PROVIDER=http_json+https://KEY:SECRET@host/path."""

    def __init__(
        self, endpoint: Endpoint, concurrency: int = 8, rate: float = 0, receipts: bool = True
    ) -> None:
        self.endpoint, self.concurrency = endpoint, concurrency
        self.rate, self.receipts = rate, receipts

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        """One POST. Only an answer that blames the receiver is a refusal for good."""
        content = {"reference": reference, "to": address, "text": text.body}
        try:
            answer = self.endpoint.call("POST", "", content, **{"Idempotency-Key": reference})
        except NotSent:
            return Refused("unreachable", permanent=False, technical=True)
        except NoAnswer:
            return Unknown()
        return _outcome(answer, reference)

    def lookup(self, reference: str) -> Outcome | None:
        """Ask for a reference. None: the provider says that it never had it."""
        try:
            answer = self.endpoint.call("GET", "/" + quote(reference, safe=""))
        except (NotSent, NoAnswer):
            return Unknown()
        if answer.status == 404 and answer.content.get("code") == "unknown_reference":
            return None  # a bare 404 may as well be a wrong path: that proves nothing
        if answer.status != 200:
            return Unknown(str(answer.status))
        if answer.content.get("status") in ("failed", "refused"):
            return Refused(str(answer.content.get("code", "failed"))[:CODE], permanent=True)
        return _outcome(answer, reference)


def _outcome(answer: Answer, reference: str) -> Outcome:
    """The meaning of an answer: a 5xx may have sent before it broke."""
    code = str(answer.content.get("code") or answer.status)[:CODE]
    if 200 <= answer.status < 300:
        return Accepted(str(answer.content.get("id") or reference)[:REF])
    if answer.status in LATER or answer.status in ABOUT_US or answer.status < 400:
        return Refused(code, permanent=False, technical=answer.status in ABOUT_US)
    if answer.status < 500:
        return Refused(code, permanent=True)
    return Unknown(code)
