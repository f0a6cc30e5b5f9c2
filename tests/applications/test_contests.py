"""Two people ask for one coupon: nobody is paid before the office decides (Q14)."""

from typing import Any

import pytest

from applications import contests, matching, review
from applications.models import Application, Claim, Contest
from config.states import Refused
from payouts.models import Message, Payout
from tests.applications import rows

pytestmark = pytest.mark.django_db


def two() -> tuple[Application, Application]:
    coupon = rows.coupon()
    found = rows.application(coupon), rows.application(coupon, name="別の人", phone="")
    matching.rematch()
    return found


def claim_of(row: Application) -> Claim:
    return row.claims.select_related("application").get()


def checked(row: Application, *decision: str) -> Application:
    decision = decision or ("approved", "")
    return review.check(row, {claim_of(row).pk: decision}, by=rows.clerk())


def decide(
    row: Application, by: Any = None, *, others: bool = True, text: str = "受領書"
) -> Contest:
    by = by or rows.clerk()
    return contests.decide(claim_of(row), by=by, others_not_covered=others, text=text)


def test_neither_is_approved_before_the_decision() -> None:
    for row in two():
        with pytest.raises(Refused) as caught:
            checked(row)
        assert caught.value.code == "contested"


def test_the_chosen_one_goes_on_and_the_other_does_not() -> None:
    one, other = two()
    decide(one)

    assert (claim_of(one).match, claim_of(other).match) == ("clean", "contested")
    paid = review.approve(checked(one), by=rows.clerk("approver"))
    assert (paid.state, Payout.objects.count()) == ("decided", 1)
    with pytest.raises(Refused) as caught:
        checked(other)
    assert caught.value.code == "contested"


def test_the_other_is_proposed_as_already_paid_and_told_nothing_of_the_first() -> None:
    one, other = two()
    decide(one)
    loser = claim_of(other)
    assert (loser.proposal, loser.reason, loser.state) == ("not_covered", "already", "pending")

    review.approve(checked(other, "not_covered", "already"), by=rows.clerk("approver"))

    assert claim_of(other).state == "not_covered"
    said = str(Message.objects.get(kind="decision").facts)
    assert one.receipt_number not in said
    assert "別の" not in said


def test_the_other_may_stay_open() -> None:
    one, other = two()
    decide(one, others=False)

    assert (claim_of(other).proposal, claim_of(other).state) == ("", "pending")


def test_who_decided_does_not_give_the_second_signature() -> None:
    one, _ = two()
    manager = rows.clerk("manager")
    decide(one, manager)
    checked(one)

    with pytest.raises(Refused) as caught:
        review.approve(one, by=manager)
    assert caught.value.code == "two_people"


def test_a_third_applicant_contests_anew() -> None:
    one, _ = two()
    decide(one)
    third = rows.application(claim_of(one).inquiry_number)
    matching.rematch()

    assert (claim_of(one).match, claim_of(third).match) == ("contested", "contested")
    row = contests.contested(rows.clerk())[0]
    assert (row.count, row.decided) == (3, False)


def test_the_latest_decision_holds() -> None:
    one, other = two()
    decide(one)
    decide(other)

    assert (claim_of(one).match, claim_of(other).match) == ("contested", "clean")
    assert (claim_of(one).proposal, claim_of(other).proposal) == ("not_covered", "")


def test_a_decision_needs_a_reason() -> None:
    one, _ = two()
    with pytest.raises(Refused, match="理由"):
        decide(one, text=" ")
    assert Contest.objects.count() == 0


def test_what_is_checked_is_sent_back_first() -> None:
    one, other = two()
    checked(other, "not_covered", "unconfirmed")
    matching.rematch()
    third = rows.application(claim_of(one).inquiry_number)
    matching.rematch()

    with pytest.raises(Refused, match="差し戻して"):
        decide(third)


def test_one_alone_is_no_contest() -> None:
    row = rows.application(rows.coupon())
    with pytest.raises(Refused, match="もうありません"):
        decide(row)


def test_a_clerk_decides_only_where_both_are_theirs() -> None:
    coupon = rows.coupon()
    one = rows.application(coupon)
    rows.application(coupon, prefecture_code="24")
    matching.rematch()

    with pytest.raises(Refused) as caught:
        decide(one, rows.clerk("reviewer", "22"))
    assert caught.value.code == "prefecture"


def test_the_list_names_each_number_once() -> None:
    one, _ = two()
    rows.application(rows.coupon())
    matching.rematch()

    found = contests.contested(rows.clerk())
    assert [(row.inquiry_number, row.count, row.open) for row in found] == [
        (claim_of(one).inquiry_number, 2, 2)
    ]
    assert contests.contested(rows.clerk("reviewer", "24")) == []
