"""Parts put together: a question of the office, the number to follow, the way of receiving."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.forms import BoundField

from applications.corrections.answering import Answer
from applications.forms.status_parts import (
    LASTING,
    NUMBER,
    TRIP,
    USE,
    AccountPart,
    BankPart,
    DeliveryPart,
    LodgingPart,
    NumbersPart,
    PersonPart,
    RoadPart,
    TripPart,
    Typed,
)
from applications.models import Application, Claim
from applications.validators.phones import national
from applications.validators.postal import written

BANK_STEP = "bank_step"


class Parts:
    """Several parts on one page, as one form to templates; `hidden` ones are only carried on.

    `follow` makes the page that comes before the check, where there is one; `step` marks it.
    """

    def __init__(
        self,
        parts: list[Any],
        hidden: Iterable[Any] = (),
        *,
        step: str = "",
        follow: Callable[[Typed], "Parts"] | None = None,
    ) -> None:
        self.parts, self.hidden, self.step, self.follow = parts, list(hidden), step, follow

    def is_valid(self) -> bool:
        """Whether every part is, the carried ones too."""
        return all([part.is_valid() for part in self.all()])

    def all(self) -> list[Any]:
        """The carried parts before the shown ones."""
        return [*self.hidden, *self.parts]

    @property
    def errors(self) -> dict[str, Any]:
        """The mistakes of the shown parts."""
        return {name: told for part in self.parts for name, told in part.errors.items()}

    def non_field_errors(self) -> list[Any]:
        """Mistakes that belong to no box."""
        return [told for part in self.parts for told in part.non_field_errors()]

    def __iter__(self) -> Iterator[BoundField]:
        return (field for part in self.parts for field in part)

    def carried(self, parts: Iterable[Any]) -> list[tuple[str, str]]:
        """Names and typed values of parts, for hidden boxes."""
        marks = [(self.step, "1")] if self.step else []
        return [*marks, *(pair for part in parts for pair in part.raw().items())]

    def answer(self) -> Answer:
        """What all parts set together."""
        values: dict[str, Any] = {}
        of_claims: dict[int, Mapping[str, Any]] = {}
        account = None
        for found in (part.answer() for part in self.all()):
            values |= found.values
            of_claims |= found.of_claims
            account = found.account or account
        return Answer(values, of_claims, account)

    def refuse(self, message: str) -> None:
        """A word about the whole page, at its first part."""
        self.parts[0].add_error(None, message)


def asked_parts(
    row: Application, claims: list[Claim], items: Iterable[str], data: Typed, at: datetime
) -> Parts:
    """The parts that a question of the office consists of; `claims` are those still open."""
    items, times = set(items), {"at": at, "extended": LASTING}
    pending = [claim for claim in claims if claim.state == Claim.State.PENDING]
    others = {claim.inquiry_number for claim in claims if claim not in pending}
    stay = row.travel_type == Application.TravelType.STAY
    parts: list[Any] = []
    if items & set(TRIP):
        parts.append(TripPart(data, items=items, **times))
    if items & {NUMBER, "use"} and pending:
        parts.append(NumbersPart(data, claims=pending, others=others - {""}, items=items, **times))
    if "person" in items:
        parts.append(PersonPart(data, **times))
    if "delivery" in items:
        parts.append(DeliveryPart(data, method=row.method, **times))
    if "account" in items and row.method == Application.Method.BANK:
        parts.append(AccountPart(data, **times))
    if "lodging" in items:
        parts.append(LodgingPart(data, stay=stay, **times))
    return Parts(parts)


def number_parts(row: Application, claims: list[Claim], data: Typed, at: datetime) -> Parts:
    """The boxes for the numbers that are to follow."""
    missing = [claim for claim in claims if not claim.inquiry_number and claim.state == "pending"]
    others = {claim.inquiry_number for claim in claims} - {""}
    part = NumbersPart(data, claims=missing, others=others, items=[NUMBER], at=at, extended=LASTING)
    return Parts([part])


def road_parts(row: Application, claims: list[Claim], data: Typed, at: datetime) -> Parts:
    """The way of receiving, and for the bank its step as a page of its own."""
    times = {"at": at, "extended": LASTING}
    charged = any(claim.coupon_use == Claim.Use.CHARGED for claim in claims)
    trip = {"stay": row.travel_type == Application.TravelType.STAY, "charged": charged}
    road = RoadPart(data, **times)

    def bank(typed: Typed) -> Parts:
        return Parts([BankPart(typed, **trip, **times)], [road], step=BANK_STEP)

    if data.get("method") != "bank":
        return Parts([road])
    return bank(data) if BANK_STEP in data else Parts([road], follow=bank)


def stored(row: Application, claims: list[Claim]) -> dict[str, str]:
    """What an application says, as its boxes would have it; the account is never shown again."""
    known = {
        "prefecture": row.prefecture_code,
        "method": row.method,
        "channel": row.channel,
        "delivery_phone": national(row.delivery) if row.channel == "sms" else "",
        "delivery_email": row.delivery if row.channel == "email" else "",
        "phone": national(row.phone) if row.phone else "",
    }
    for name in ("travel_type", "expires_on_outage_day", "name", "kana", "email"):
        known[name] = getattr(row, name)
    for name in ("holder_relation", "address", "lodging", "booking_name", "agency", "app_contact"):
        known[name] = getattr(row, name)
    known["postal_code"] = written(row.postal_code) if row.postal_code else ""
    for end in ("travel_start", "travel_end"):
        day = getattr(row, end)
        for part in ("year", "month", "day"):
            known[f"{end}_{part}"] = str(getattr(day, part)) if day else ""
    for claim in claims:
        known[f"{NUMBER}_{claim.position}"] = claim.typed_number or claim.inquiry_number
        known[f"{USE}_{claim.position}"] = claim.coupon_use
    return known
