"""What could not be delivered goes to the other contact that the person gave."""

from datetime import timedelta

import pytest

from applications import channels, other_contacts, review
from config import clock
from payouts import brakes, dispatch, links, opening
from payouts.models import Link, Message, Payout
from payouts.outbound.demo import Demo
from tests.applications import rows
from tests.payouts import rows as payout_rows

pytestmark = pytest.mark.django_db
GONE, MAIL = "+819011110550", "hana@example.jp"


@pytest.fixture(autouse=True)
def at_the_moment() -> None:
    with clock.at(payout_rows.LINKS_GO + timedelta(minutes=5)):
        yield


def approved(**answers: object) -> Payout:
    """The released payout of an application whose SMS can't arrive."""
    coupon = rows.coupon()
    row = rows.application(coupon, channel="sms", delivery=GONE, **answers)
    review.approve(review.check_clean(row), by=rows.clerk("approver"))
    payout_rows.seal(coupon)
    opening.release_due()
    return Payout.objects.get()


def send() -> None:
    for channel in ("sms", "email"):
        dispatch.deliver(channel, sender=Demo("sms" if channel == "sms" else "mail"))


def test_a_link_goes_anew_to_the_mail_address_and_the_old_one_dies() -> None:
    payout = approved(email=MAIL, phone="+819033334444")
    before = Link.objects.get()
    send()
    assert brakes.is_barred("sms", GONE)
    assert other_contacts.follow()["went_on"] >= 1
    assert other_contacts.follow() == {"went_on": 0, "left": 0}
    payout.refresh_from_db()
    assert (payout.channel, payout.address) == ("email", MAIL)
    assert links.find(links.token_of(before)) is None
    send()
    latest = Message.objects.filter(kind="link").order_by("-id").first()
    assert (latest.address, latest.state, latest.link.generation) == (MAIL, "sent", 2)
    assert payout.steps.filter(reason="other_channel").count() == 1
    assert links.proof_hash("4444") in [bytes(proof) for proof in payout.proofs]


def test_the_end_of_the_phone_that_the_link_goes_to_proves_nothing() -> None:
    coupon = rows.coupon()
    row = rows.application(
        coupon, channel="email", delivery="permanent@example.jp", email="", phone="+819033334444"
    )
    review.approve(review.check_clean(row), by=rows.clerk("approver"))
    payout_rows.seal(coupon)
    opening.release_due()
    send()
    other_contacts.follow()
    payout = Payout.objects.get()
    assert (payout.channel, payout.address) == ("sms", "+819033334444")
    assert links.proof_hash("4444") not in [bytes(proof) for proof in payout.proofs]
    assert payout.phone_proof is False


def test_without_another_contact_it_stays_for_the_office_and_is_looked_at_once() -> None:
    approved(email="", phone=GONE)
    send()
    assert other_contacts.follow()["went_on"] == 0
    assert other_contacts.follow() == {"went_on": 0, "left": 0}
    left = Message.objects.filter(kind="link").get()
    assert (left.state, left.handled_at, left.other_at is None) == ("given_up", None, False)


def test_a_barred_contact_is_no_way_out() -> None:
    approved(email=MAIL, phone=GONE)
    brakes.bar("email", MAIL, "bounced")
    send()
    assert other_contacts.follow()["went_on"] == 0


def test_receipts_stay() -> None:
    row = rows.application(rows.coupon(), channel="sms", delivery=GONE, email=MAIL)
    channels.tell_receipt(row)
    send()
    kept = Message.objects.get()
    assert (kept.kind, kept.state, kept.cause) == ("receipt", "given_up", "permanent")
    assert other_contacts.follow() == {"went_on": 0, "left": 0}
