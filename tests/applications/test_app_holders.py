"""App holders and applications beside each other: never two ways for one coupon (N24, N46)."""

import pytest

from applications import app_holders, matching, review, tasks
from applications.models import Application, Claim
from config import clock
from config.states import Refused
from coupons.models import Coupon
from payouts import app_holders as runs
from payouts import opening
from payouts.models import AppHolderRun, Payout
from tests.applications import rows
from tests.payouts import rows as payout_rows
from tests.payouts import sealed_rows

pytestmark = pytest.mark.django_db


def sealed(number: str = "", **values: object) -> Coupon:
    """A coupon charged to the app, sealed with the contact of its account."""
    coupon = rows.charged(number, app_phone="+819011112222", **values)
    payout_rows.seal()
    coupon.sealed_items.create(
        edition=0,
        balance=2000,
        yen=2000,
        category="A1",
        eligible=True,
        in_app=True,
        route="app_link",
        app_account=coupon.app_account,
        app_phone=coupon.app_phone,
        at=sealed_rows.SEALED_AT,
    )
    return coupon


def opened() -> int:
    """Two people sign a run and it is opened; returns the payouts."""
    run = app_holders.prepare(rows.clerk("payer"))
    runs.approve(run, rows.clerk("approver"))
    return app_holders.open_for_app_holders()["payouts"]


def application(coupon: Coupon, **values: object) -> Application:
    row = rows.application(coupon, **values)
    matching.match(row.claims.all())
    row.claims.update(coupon=coupon)
    return row


def approved(row: Application) -> Application:
    """Checked and approved by two people."""
    review.check(
        row, {claim.pk: ("approved", "") for claim in row.claims.all()}, by=rows.clerk("reviewer")
    )
    return review.approve(row, by=rows.clerk("approver"))


def test_whoever_applies_gets_no_link_before_the_office_decided() -> None:
    asked = sealed()
    row = application(asked)
    with pytest.raises(Refused):
        app_holders.prepare(rows.clerk("payer"))
    review.check(row, {row.claims.get().pk: ("not_covered", "app_link")}, by=rows.clerk("reviewer"))
    review.approve(row, by=rows.clerk("approver"))
    assert opened() == 1


def test_a_withdrawn_application_gives_the_link_back() -> None:
    row = application(sealed())
    review.withdraw(row, by=None, reason="by_applicant")
    assert opened() == 1


def test_an_application_by_bank_replaces_the_link() -> None:
    wanted, rest = sealed(), sealed()
    assert opened() == 1
    with clock.at(payout_rows.LINKS_GO):
        opening.release_due()
    row = application(wanted, method="bank", app_contact="09011112222")
    assert row.claims.get().match == Claim.Match.CLEAN
    approved(row)
    sealed_rows.check_now()
    states = list(Payout.objects.order_by("id").values_list("origin", "road", "state"))
    assert states == [
        ("app_holder", "points", "cancelled"),
        ("app_holder", "points", "waiting"),
        ("application", "bank", "waiting"),
    ]
    assert Payout.objects.get(state="waiting", road="points").lines.get().coupon == rest


def test_an_application_by_points_does_not() -> None:
    wanted = sealed()
    assert opened() == 1
    row = application(wanted)
    assert row.claims.get().match == Claim.Match.CONTESTED


def test_a_used_link_stops_the_bank() -> None:
    wanted = sealed()
    assert opened() == 1
    with clock.at(payout_rows.LINKS_GO):
        opening.release_due()
    row = application(wanted, method="bank", app_contact="09011112222")
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk("reviewer"))
    Payout.objects.get().move("issuing")
    with pytest.raises(Refused) as refused:
        review.approve(row, by=rows.clerk("approver"))
    assert refused.value.code == "contested"
    assert Payout.objects.count() == 1


def test_the_job_opens_what_was_signed() -> None:
    sealed()
    run = app_holders.prepare(rows.clerk("payer"))
    tasks.open_for_app_holders("2023-04-03T10:00:00+09:00")
    assert not Payout.objects.exists()
    runs.approve(run, rows.clerk("approver"))
    tasks.open_for_app_holders("2023-04-03T10:00:10+09:00")
    assert Payout.objects.get().origin == "app_holder"
    assert AppHolderRun.objects.get().state == "finished"
