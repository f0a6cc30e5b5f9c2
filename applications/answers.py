"""What an applicant said, in stored forms: what the forms make and intake takes."""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from config.cipher import keyed_hash
from payouts.accounts import Account


@dataclass(frozen=True)
class CouponAnswer:
    """One coupon: the number as typed and as stored, and where the coupon is (N23)."""

    typed: str
    inquiry_number: str
    use: str


@dataclass(frozen=True)
class AccountAnswer:
    """A bank account in the forms that a transfer needs (N48).

    `known` is False where the bank master could not confirm bank and branch; `looks_right` is the
    soft check digit of 記号・番号, which are kept as typed beside it.
    """

    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: str
    account_number: str
    holder_kana: str
    symbol: str = ""
    number: str = ""
    known: bool = True
    looks_right: bool = True

    def account(self) -> Account:
        """What is kept of it: all but how sure we are."""
        return Account(**{each.name: getattr(self, each.name) for each in fields(Account)})


@dataclass(frozen=True)
class Answers:
    """A whole application. Phones E.164, days dates, kana full width; "" where not asked."""

    prefecture: str
    travel_type: str
    travel_start: date | None
    travel_end: date
    expires_on_outage_day: str
    coupons: tuple[CouponAnswer, ...]
    number_unknown: bool
    issuer: str
    name: str
    kana: str
    phone: str
    email: str
    method: str
    channel: str
    delivery: str
    account: AccountAnswer | None = None
    holder_relation: str = ""
    holder_consent: bool = False
    postal_code: str = ""
    address: str = ""
    lodging: str = ""
    booking_name: str = ""
    agency: str = ""
    app_contact: str = ""

    def content_hash(self) -> bytes:
        """Equal for the same content sent twice, whatever the spelling of its numbers."""
        coupons = tuple(replace(coupon, typed="") for coupon in self.coupons)
        content: dict[str, Any] = asdict(replace(self, coupons=coupons))
        return keyed_hash("content", json.dumps(content, default=str, sort_keys=True))
