"""Marks for one hand behind many applications: they hold a case and refuse nobody."""

from datetime import timedelta

import pytest

from applications import matching, review, risks
from applications.intake import MARKS
from applications.models import Application
from config import clock
from config.states import Refused
from payouts import accounts
from tests.applications import rows

pytestmark = pytest.mark.django_db


def account() -> accounts.BankAccount:
    return accounts.store(
        accounts.Account("0001", "001", "1", "7654321", "シズオカ ハナコ", "見本銀行", "本店")
    )


def person(number: int, **values: object) -> Application:
    """An application that shares nothing with another one, but what is given."""
    own = {"phone": f"+81901{number:03}{number:04}", "delivery": f"+81801{number:03}{number:04}"}
    coupons = values.pop("coupons", [""])
    return rows.application(*coupons, **own | values)


def marked() -> dict[int, list[str]]:
    with clock.at(rows.ARRIVED + timedelta(hours=1)):
        risks.mark()
    return {row.pk: row.marks for row in Application.objects.filter(marks__len__gt=0)}


def test_nothing_shared_is_not_marked() -> None:
    for number in range(6):
        person(number)
    assert marked() == {}


def test_many_applications_with_one_account_are_marked() -> None:
    made = [person(n, method="bank", bank_account=account(), postal_code="") for n in range(3)]
    assert marked() == {row.pk: ["same_account"] for row in made}


def test_many_applications_with_one_contact_are_marked_at_the_fourth() -> None:
    made = [person(n, phone="+819099999999") for n in range(3)]
    assert marked() == {}
    made.append(person(3, phone="+819099999999"))
    assert marked() == {row.pk: ["same_contact"] for row in made}


def test_many_applications_from_one_address_are_marked() -> None:
    home = {"method": "bank", "postal_code": "4200001", "address": "静岡市9-9"}
    made = [person(n, bank_account=rows.account(), **home) for n in range(4)]
    assert {pk: "same_address" in marks for pk, marks in marked().items()} == {
        row.pk: True for row in made
    }


def test_numbers_in_sequence_over_several_applications_are_marked() -> None:
    pairs = (["500000000001", "500000000002"], ["500000000003", "500000000004"], ["500000000005"])
    made = [person(n, coupons=numbers) for n, numbers in enumerate(pairs)]
    person(9, coupons=["500000000099"])
    assert marked() == {row.pk: ["number_run"] for row in made}


def test_numbers_in_sequence_of_one_family_are_not() -> None:
    person(1, coupons=[f"50000000000{n}" for n in range(1, 7)])
    assert marked() == {}


def test_phones_of_one_block_within_minutes_are_marked() -> None:
    made = [person(n, phone=f"+8190555550{n:02}") for n in range(4)]
    person(9, phone="+819055555099", arrived_at=rows.ARRIVED - timedelta(hours=3))
    assert marked() == {row.pk: ["phone_burst"] for row in made}


def test_marking_twice_marks_once_and_leaves_decided_cases() -> None:
    made = [person(n, phone="+819099999999") for n in range(4)]
    Application.objects.filter(pk=made[0].pk).update(state="withdrawn")
    person(5, phone="+819099999999")

    first = marked()
    assert first == marked()
    assert sorted(first) == sorted(
        Application.objects.exclude(state="withdrawn").values_list("pk", flat=True)
    )


def test_a_mark_keeps_the_matching_from_signing_but_no_person() -> None:
    made = [person(n, phone="+819099999999", coupons=[rows.coupon()]) for n in range(4)]
    matching.rematch()
    marked()
    row = Application.objects.get(pk=made[0].pk)

    with pytest.raises(Refused) as refused:
        review.check_clean(row)
    assert refused.value.code == "unclean"
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    assert review.approve(row, by=rows.clerk("approver")).state == "decided"


def test_every_mark_has_its_words_and_its_likes() -> None:
    made = [person(n, phone="+819099999999") for n in range(4)]
    row = made[0]

    assert set(risks.WHY) == set(risks.RULES) | {"many_for_number"}  # counted at the door
    assert set(risks.WHY) <= set(MARKS)
    assert all(len(code) <= 20 for code in risks.WHY)
    like = Application.objects.filter(risks.like("same_contact", row)).order_by("pk")
    assert list(like) == made
    assert list(Application.objects.filter(risks.like("same_account", row))) == [row]
