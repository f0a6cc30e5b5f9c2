"""A client for an issuing api in the manner of Amazon Incentives.

`creationRequestId` is ours and the same for every try, so asking again is both the look-up and the
reveal. Partners may not keep claim codes: nothing here stores one.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from payouts.outbound.gifts.provider import (
    Ask,
    Cancelled,
    GiftCode,
    Issued,
    LedgerRow,
    Quote,
    Rejected,
    Result,
    Unknown,
    request_id,
)
from payouts.outbound.signed_http import Answer, Endpoint, NoAnswer, NotSent

THROTTLED_SECONDS = 60
WRONG_AMOUNT_SECONDS = 3600
MOST_PARTS = 99  # two digits of the request id


class Api:
    """GIFT_PROVIDERS brand=api+https://PARTNER:SECRET@host[?min=1&max=500000]."""

    kind = "api"

    def __init__(self, endpoint: Endpoint, least: int = 1, most: int = 500_000) -> None:
        self.endpoint, self.least, self.most = endpoint, least, most

    def request_id(self, order: UUID | int, part: int) -> str:
        """Our key for one part of an order, with the partner id in front."""
        return request_id(self.endpoint.key, order, part)

    def quote(self, yen: int) -> Quote:
        """Any whole yen from the least; more than the most of one gift in several parts."""
        if yen < self.least:
            return Quote(
                (), _("この種類は%(least)s円からのお受け取りです。") % {"least": f"{self.least:,}"}
            )
        count = -(-yen // self.most)
        share, rest = divmod(yen, count)
        if share < self.least or count > MOST_PARTS:
            return Quote((), _("この種類ではお受け取りの額にちょうど合いません。"))
        return Quote(tuple(share + (part < rest) for part in range(count)))

    def issue(self, ask: Ask) -> Result:
        """Create the gift, or get the one that exists under this id.

        A gift of another amount than asked is cancelled at once; where that fails the answer stays
        Unknown("wrong_amount"), so that nobody asks under a new id while it lives.
        """
        content = {
            "creationRequestId": ask.request_id,
            "partnerId": self.endpoint.key,
            "brand": ask.brand,
            "value": {"currencyCode": "JPY", "amount": ask.yen},
        }
        try:
            answer = self.endpoint.call("POST", "/CreateGiftCard", content)
        except NotSent:
            return Unknown("unreachable")  # an earlier try under this id may have been heard
        except NoAnswer:
            return Unknown()
        if answer.status != 200 or answer.content.get("status") != "SUCCESS":
            return _failure(answer)
        gift = _gift(answer.content, ask)
        if isinstance(gift, Issued) and gift.yen != ask.yen:
            taken_back = self.cancel(ask, gift.ref)
            if isinstance(taken_back, Cancelled):
                return Rejected("wrong_amount", permanent=True)
            return Unknown("wrong_amount", WRONG_AMOUNT_SECONDS)
        return gift

    def lookup(self, ask: Ask) -> Result:
        """The same request again."""
        return self.issue(ask)

    def reveal(self, ask: Ask) -> Result:
        """The same request again."""
        return self.issue(ask)

    def cancel(self, ask: Ask, ref: str) -> Cancelled | Rejected | Unknown:
        """Possible while unclaimed and within the provider's minutes; twice is once."""
        content = {
            "creationRequestId": ask.request_id,
            "partnerId": self.endpoint.key,
            "gcId": ref,
        }
        try:
            answer = self.endpoint.call("POST", "/CancelGiftCard", content)
        except (NotSent, NoAnswer):
            return Unknown()
        if answer.status == 200 and answer.content.get("status") == "SUCCESS":
            return Cancelled(ref)
        return _failure(answer)

    def funds(self) -> int | None:
        """Prepaid yen left; None when the provider does not answer."""
        try:
            answer = self.endpoint.call(
                "POST", "/GetAvailableFunds", {"partnerId": self.endpoint.key}
            )
        except (NotSent, NoAnswer):
            return None
        return _yen(answer.content.get("availableFunds"))

    def ledger(self) -> Iterator[LedgerRow]:
        """Page by page, in the order of issue. Raises NotSent or NoAnswer."""
        after: Any = 0
        while after is not None:
            answer = self.endpoint.call(
                "POST", "/GetActivity", {"partnerId": self.endpoint.key, "after": after}
            )
            if answer.status != 200:
                raise NoAnswer(f"GetActivity: {answer.status}")
            for row in answer.content["activity"]:
                yield LedgerRow(
                    row["creationRequestId"], row["gcId"], row["brand"], row["yen"], row["state"]
                )
            after = answer.content["next"]


def _failure(answer: Answer) -> Rejected | Unknown:
    """F200 is our mistake, F300 our funds; F100, F400, F500 and anything unheard of may have acted.

    Throttling and F300 come before anything is created, but a known id is always answered, so a
    refusal for now never hides a gift.
    """
    code = str(answer.content.get("errorCode", ""))
    kind = str(answer.content.get("errorType", ""))[:60]
    if answer.status == 429 or kind == "Throttled":
        return Unknown("throttled", answer.retry_after or THROTTLED_SECONDS)
    if code == "F200":
        return Rejected(kind or "bad_request", permanent=True)
    if code == "F300":
        return Rejected(kind or "account", permanent=False)
    return Unknown(kind or str(answer.status), answer.retry_after)


def _gift(content: dict[str, Any], ask: Ask) -> Issued | Unknown:
    """The gift of a successful answer; Unknown where the answer is not about what was asked."""
    card = content.get("cardInfo")
    yen = _yen(card.get("value") if isinstance(card, dict) else None)
    ref, code = content.get("gcId"), content.get("gcClaimCode")
    if content.get("creationRequestId") != ask.request_id or yen is None:
        return Unknown("answer_not_understood")
    if not (isinstance(ref, str) and ref and isinstance(code, str) and code):
        return Unknown("answer_not_understood")
    return Issued(
        ref,
        yen,
        GiftCode(
            code,
            str(content.get("gcUrl") or ""),
            _day(content.get("gcExpirationDate")),
            str(content.get("managementNumber") or ""),
        ),
    )


def _yen(value: Any) -> int | None:
    """Whole yen of {"currencyCode": "JPY", "amount": n}; None for anything else."""
    if not isinstance(value, dict) or value.get("currencyCode") != "JPY":
        return None
    amount = value.get("amount")
    whole = isinstance(amount, int | float) and not isinstance(amount, bool) and amount % 1 == 0
    return int(amount) if whole else None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
