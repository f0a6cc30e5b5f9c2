"""The app-holder run as the office works it: who asks for a coupon themselves gets no link."""

from django.contrib.auth.models import AbstractBaseUser

from payouts import app_holders
from payouts.models import AppHolderRun

# Coupons of applications not decided yet, or approved: the office decides those.
RESERVED = """
    SELECT FROM applications_claim claim
    JOIN applications_application application ON application.id = claim.application_id
    WHERE claim.coupon_id = item.coupon_id
      AND (claim.state = 'approved' OR claim.state = 'pending' AND application.state <> 'withdrawn')
"""


def preview(prefectures: list[str]) -> list[app_holders.Preview]:
    """What a run over these prefectures would open now. Raises Refused before the seal."""
    return app_holders.preview(prefectures, RESERVED)


def prepare(by: AbstractBaseUser) -> AppHolderRun:
    """First signature, with the figures of now. Raises Refused."""
    return app_holders.prepare(by, RESERVED)


def open_for_app_holders(limit: int | None = None) -> dict[str, int]:
    """Go on with the approved runs; returns counts."""
    return app_holders.open_for_app_holders(RESERVED, limit=limit)
