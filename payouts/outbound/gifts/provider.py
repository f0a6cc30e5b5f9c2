"""What a gift provider is to us: issue under our own request id, and the same id for every try."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol
from uuid import UUID

REQUEST_ID_LIMIT = 40  # alphanumerics
RETRY_SECONDS = (10, 60, 300, 1800, 3600)  # when to look up an unknown again: then hourly


@dataclass(frozen=True, slots=True)
class Ask:
    """One gift to be issued: our request id, the brand key, whole yen."""

    request_id: str
    brand: str
    yen: int


@dataclass(frozen=True, slots=True)
class Quote:
    """How a brand would pay a sum: the yen of its parts, or why it can't pay it exactly."""

    parts: tuple[int, ...]
    reason_ja: str = ""

    @property
    def exact(self) -> bool:
        """Whether the brand can be offered for this sum."""
        return bool(self.parts)


@dataclass(frozen=True, slots=True)
class GiftCode:
    """What the receiver sees. Never stored by us for an api brand: asked for again each time."""

    code: str
    url: str = ""
    expires_on: date | None = None
    management_number: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """The gift exists: the provider's name for it, the yen it carries, and its code."""

    ref: str
    yen: int
    code: GiftCode


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The gift was taken back before anyone used it; its request id is spent."""

    ref: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing was issued under this request id. `permanent`: asking again gives the same."""

    reason: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """A gift may exist: look up the same request id after so many seconds (None: by plan)."""

    reason: str = "no_answer"
    retry_after: int | None = None


Result = Issued | Rejected | Unknown


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the provider's own book, for reconciliation."""

    request_id: str
    ref: str
    brand: str
    yen: int
    state: Literal["issued", "cancelled"]


class GiftProvider(Protocol):
    """Who issues gifts: an api over the network, or the office's own stock (`payouts.shelf`)."""

    kind: str

    def request_id(self, order: UUID | int, part: int) -> str:
        """The key of one part of an order; stored and committed before `issue` is called."""
        ...

    def quote(self, yen: int) -> Quote:
        """The parts in which this provider would pay `yen` exactly."""
        ...

    def issue(self, ask: Ask) -> Result:
        """Issue once. The same ask again gives the same gift."""
        ...

    def lookup(self, ask: Ask) -> Result:
        """What became of an ask whose answer is missing; under the same id."""
        ...

    def reveal(self, ask: Ask) -> Result:
        """The code of an issued gift, to be shown and forgotten."""
        ...

    def cancel(self, ask: Ask, ref: str) -> Cancelled | Rejected | Unknown:
        """Take an issued gift back, as long as the provider allows it."""
        ...

    def funds(self) -> int | None:
        """Prepaid yen left at the provider, None when it doesn't tell."""
        ...

    def ledger(self) -> Iterator[LedgerRow]:
        """Every gift of this provider's book. Raises signed_http.NotSent or NoAnswer."""
        ...


def request_id(prefix: str, order: UUID | int, part: int) -> str:
    """Prefix + order in base32 (26 letters) + part (2 digits): at most 40 alphanumerics.

    The lengths are fixed, so that no two orders and parts ever spell the same id.
    """
    number = order.int if isinstance(order, UUID) else order
    name = base64.b32encode(number.to_bytes(16, "big")).decode().rstrip("=")
    whole = f"{prefix}{name}{part:02d}"
    if not (whole.isascii() and whole.isalnum() and 0 <= part <= 99):
        raise ValueError(f"not a request id: {whole}")
    if len(whole) > REQUEST_ID_LIMIT:
        raise ValueError(f"the partner prefix {prefix} is longer than 12 letters")
    return whole


def retry_seconds(tries: int) -> int:
    """Seconds before look-up number `tries` (from 1): soon, since a person waits; then hourly."""
    return RETRY_SECONDS[min(max(tries, 1), len(RETRY_SECONDS)) - 1]
