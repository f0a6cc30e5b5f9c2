"""Looking for the coupon of a lost number: issuer, days of the trip, prefecture (N30, N31)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from applications.models import Claim
from applications.validators.kana import katakana
from config.notice import NOTICE
from coupons.models import Coupon

MOST = 60  # coupons shown; more are narrowed by more facts
# What the same house is called with or without.
FORMS = re.compile(r"株式会社|有限会社|合同会社|\((株|有|同)\)|[㈱㈲]|ホテル・?旅館|支店$|営業所$")
SIGNS = re.compile(r"[\s・･.,、。'’\-ーｰ()（）「」『』&＆]")


@dataclass(frozen=True)
class Wanted:
    """What is known of the coupon; an empty issuer finds all of the trip."""

    prefecture_code: str
    issuer: str = ""
    travel_start: date | None = None
    travel_end: date | None = None


def folded(name: str) -> str:
    """A house's name as it is compared: width, kana, company forms and signs do not count."""
    text = FORMS.sub("", katakana(FORMS.sub("", name)))
    return SIGNS.sub("", text).casefold()


def candidates(wanted: Wanted) -> tuple[list[Coupon], bool]:
    """Coupons that fit, with `asked` where an application has the number; and whether all are here.

    The spelling is compared over the houses of the trip, not over the coupons.
    """
    rows = of_the_trip(wanted)
    if wanted.issuer.strip():
        sought = folded(wanted.issuer)
        houses = rows.order_by().values_list("issuer", flat=True).distinct()
        rows = rows.filter(issuer__in=[house for house in houses if fits(sought, folded(house))])
    asked = Claim.objects.filter(inquiry_number=OuterRef("inquiry_number"))
    asked = asked.exclude(state__in=["withdrawn", "not_covered"])
    found = list(
        rows.annotate(asked=Exists(asked)).order_by("issuer", "inquiry_number")[: MOST + 1]
    )
    return found[:MOST], len(found) <= MOST


def of_the_trip(wanted: Wanted) -> QuerySet[Coupon]:
    """The coupons of these days and this prefecture."""
    rows = Coupon.objects.filter(prefecture_code=wanted.prefecture_code)
    if wanted.travel_end:
        rows = rows.filter(travel_end=wanted.travel_end)
    if wanted.travel_start:
        rows = rows.filter(travel_start=wanted.travel_start)
    return rows


def fits(sought: str, house: str) -> bool:
    """One name holds the other; two letters at least."""
    return len(sought) > 1 and len(house) > 1 and (sought in house or house in sought)


def of_claim(claim: Claim) -> dict[str, Any]:
    """What the application says, to begin the search with."""
    row = claim.application
    end = row.travel_end or NOTICE.dates.outage_day
    return {
        "prefecture": row.prefecture_code,
        "issuer": row.issuer or row.lodging or row.agency,
        "travel_start": row.travel_start,
        "travel_end": end,
    }
