"""Wishes to be reached elsewhere: two people, one living link."""

import pytest

from applications import requests
from applications.models import Application, ChangeRequest
from config import clock
from config.states import Refused
from payouts import links, opening
from payouts.models import Link, Message, Payout
from tests.applications import rows
from tests.applications.test_changes import AT, decided
from tests.payouts import rows as money

pytestmark = pytest.mark.django_db
SAID = {
    "prefecture_code": "22",
    "inquiry_number": "100000004321",
    "name": "静岡 花子",
    "old_contact": "+819011112222",
    "channel": "email",
    "delivery": "new@example.jp",
}


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(AT):
        yield


def refusal(act: object, *given: object, **named: object) -> str:
    with pytest.raises(Refused) as caught:
        act(*given, **named)
    return caught.value.code


def followed(wish: ChangeRequest) -> ChangeRequest:
    """The wish, checked and approved."""
    requests.check(wish, by=rows.clerk())
    return requests.approve(wish, by=rows.clerk("approver"))


def test_nothing_changes_before_two_people_agree() -> None:
    row = decided()
    wish = requests.ask(row, "email", "new@example.jp")
    by = rows.clerk()
    requests.check(wish, by=by)
    assert refusal(requests.approve, wish, by=by) == "two_people"
    assert Payout.objects.get().address == row.delivery == "+819012345678"


def test_after_both_the_link_goes_to_the_new_contact_alone() -> None:
    row = decided()
    followed(requests.ask(row, "email", "new@example.jp"))
    payout = Payout.objects.get()
    row.refresh_from_db()
    assert (payout.address, row.delivery, row.state) == (*["new@example.jp"] * 2, "decided")
    assert Link.objects.get(replaced_at=None).generation == 2
    assert links.proof_hash("5678") in [bytes(proof) for proof in payout.proofs]
    assert payout.phone_proof
    told = Message.objects.filter(kind__in=["changed", "receipt"]).order_by("id")
    assert [message.address for message in told] == ["+819012345678", "new@example.jp"]
    assert ChangeRequest.objects.get().state == "done"


def test_before_the_decision_the_application_changes() -> None:
    row = rows.application(rows.coupon())
    followed(requests.ask(row, "email", "new@example.jp"))
    assert Application.objects.get().delivery == "new@example.jp"


def test_a_payout_that_has_gone_stays() -> None:
    row = decided()
    wish = requests.check(requests.ask(row, "email", "new@example.jp"), by=rows.clerk())
    Payout.objects.get().move("issuing")
    assert refusal(requests.approve, wish, by=rows.clerk("approver")) == "paid"
    assert Application.objects.get().delivery == "+819012345678"
    assert ChangeRequest.objects.get().state == "checked"


def test_the_same_contact_and_too_many_wishes_are_told() -> None:
    row = rows.application(rows.coupon())
    assert refusal(requests.ask, row, "sms", row.delivery) == "same"
    for n in range(3):
        requests.ask(row, "email", f"{n}@example.jp")
    assert refusal(requests.ask, row, "email", "4@example.jp") == "limit"


def test_an_app_holders_wish_is_stored_only_so_often() -> None:
    for _ in range(5):
        requests.ask_for_app_holder(SAID)
    assert ChangeRequest.objects.count() == 3
    assert requests.heading(ChangeRequest.objects.first()) == "アプリ会員 100000004321"


def test_an_app_holders_payout_then_asks_for_the_number() -> None:
    coupon = money.coupon(SAID["inquiry_number"])
    money.seal(coupon)
    payout = money.payout(coupon, proofs=(), app_account="A1", address="+819011112222")
    Payout.objects.update(origin="app_holder")
    opening.release_due()
    requests.ask_for_app_holder(SAID)
    followed(ChangeRequest.objects.get())
    payout.refresh_from_db()
    assert (payout.channel, payout.address) == ("email", "new@example.jp")
    assert [bytes(proof) for proof in payout.proofs] == [links.proof_hash("4321")]


def test_an_app_holder_who_is_none_is_found_by_the_office() -> None:
    requests.ask_for_app_holder(SAID)
    wish = requests.check(ChangeRequest.objects.get(), by=rows.clerk())
    assert refusal(requests.approve, wish, by=rows.clerk("approver")) == "missing"


def test_another_prefectures_clerk_may_not() -> None:
    wish = requests.ask(rows.application(rows.coupon()), "email", "new@example.jp")
    with pytest.raises(Refused):
        requests.check(wish, by=rows.clerk("reviewer", "13"))


def test_a_wish_is_put_aside() -> None:
    wish = requests.ask(rows.application(rows.coupon()), "email", "new@example.jp")
    requests.dismiss(wish, by=rows.clerk(), reason="unreached")
    assert wish.steps.last().reason == "unreached"
