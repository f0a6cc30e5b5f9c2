"""From the form to the code: a traveller applies, two clerks decide, the points arrive."""

from datetime import datetime
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from applications import review
from applications.models import Application, Claim
from config import clock
from payouts import links, texts
from payouts.models import Message, Payout, Reveal
from tests.payouts import rows
from tests.stories.conftest import Site
from tests.stories.traveller import Traveller, apply, receipt_number
from tests.stories.waiting import until

pytestmark = pytest.mark.story


def sent(kind: str) -> Message:
    """The message of a kind, once the worker has sent it."""
    return until(lambda: Message.objects.filter(kind=kind, state="sent").first(), f"{kind} sent")


def decide(application: Application) -> None:
    """The reviewer proposes, the approver approves."""
    people = {user.username: user for user in get_user_model().objects.all()}
    claims = application.claims.all()
    proposals = {claim.pk: ("approved", "") for claim in claims}
    review.check(application, proposals, by=people["reviewer"])
    review.approve(application, by=people["approver"])


def test_a_traveller_applies_and_the_points_arrive(site: Site) -> None:
    coupon = rows.coupon("123456784321", yen=1731)
    rows.seal(coupon)
    traveller = Traveller(site.url)
    assert "まだ申請は終わっていません" in apply(traveller, "１２３４－５６７８－４３２１")
    done = traveller.send(consent="on", submit="1")
    number = receipt_number(done)
    assert traveller.path == "/apply/done/"
    assert receipt_number(traveller.get("/apply/done/")) == number

    application = Application.objects.get()
    assert (application.phone, application.delivery) == ("+81542025555", "+819012345678")
    assert application.claims.get().match == Claim.Match.CLEAN
    assert number in texts.render(sent("receipt")).body

    decide(application)
    link = sent("link")
    address = texts.render(link).body.split()[-1]
    assert address == f"{site.url}/r/{links.token_of(link.link)}"
    for _ in range(3):
        Traveller(site.url).get(address)  # a scanner follows the link
    assert Payout.objects.get().state == "ready"

    receiver = Traveller(site.url)
    receiver.get(address)
    receiver.send(proof="5555")
    receiver.send(brand="amazon", choose="1")
    assert "1,731円" in receiver.page
    first = receiver.send(brand="amazon", confirm="1")
    assert '<p class="code">' in first
    assert receiver.get(address) == first
    assert site.simulator.report()["issues"] == 1
    assert Reveal.objects.count() == 2
    call_command("reconcile", stdout=StringIO())


def test_double_submit_back_and_reload_do_no_harm(site: Site) -> None:
    traveller = Traveller(site.url)
    check = apply(traveller, "123456784321")
    first = receipt_number(traveller.send(consent="on", submit="1"))
    traveller.page = check  # Back: the old page is still there
    assert receipt_number(traveller.send("/apply/check/", consent="on", submit="1")) == first
    traveller.get("/apply/done/")
    assert Application.objects.count() == 1


def test_a_form_opened_before_the_deadline_and_sent_after_it(site: Site) -> None:
    traveller = Traveller(site.url)
    site.go_to(datetime(2023, 4, 30, 23, 55, tzinfo=clock.JST))
    apply(traveller, "123456784321")
    site.go_to(datetime(2023, 5, 1, tzinfo=clock.JST))
    page = traveller.send(consent="on", submit="1")
    assert "この申請は、受け付けられていません" in page
    assert Application.objects.count() == 0
