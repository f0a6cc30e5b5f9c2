"""Category B from the call to the give-back in an export."""

from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from config.states import Refused
from coupons import double_charges
from coupons.models import Coupon, DoubleCharge
from tests.coupons.exports import NUMBER, coupon, give_back, movement, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> User:
    return User.objects.create_user("first", is_staff=True)


@pytest.fixture
def second() -> User:
    return User.objects.create_user("second", is_staff=True)


def debits() -> list[dict[str, str]]:
    return [
        movement(name, occurred_at=f"2023-02-24T18:00:{i * 20:02}+09:00")
        for i, name in enumerate(("T1", "T2", "T3"))
    ]


def taken(by: User, case_number: str = "B-1", **told: object) -> DoubleCharge:
    told = {"case": "pressed_again", "inquiry_number": NUMBER, "prefecture_code": "22"} | told
    return double_charges.take(case_number=case_number, by=by, **told)


def confirmed(by: User, *transactions: str, case_number: str = "B-1") -> DoubleCharge:
    row = double_charges.ask_shop(taken(by, case_number), by)
    return double_charges.confirm(row, by, transactions)


def instructed(row: DoubleCharge, by: User) -> DoubleCharge:
    """A case as a released list leaves it."""
    return row.move("instructed", by=by, instructed_by=by)


def test_call_keeps_the_four_facts_and_finds_the_coupon(tmp_path: Path, first: User) -> None:
    take_in(tmp_path, [coupon()])
    row = taken(first, told_expiry=date(2023, 2, 24), shop_name="みやげ店")
    assert (row.coupon.inquiry_number, row.shop_name) == (NUMBER, "みやげ店")
    assert list(row.steps.values_list("old", "new", "by")) == [("", "taken", first.pk)]


def test_call_about_an_unknown_number_is_kept(first: User) -> None:
    row = taken(first, inquiry_number="わからない")
    assert row.coupon is None
    row = double_charges.ask_shop(row, first)
    with pytest.raises(Refused, match="まだ特定されていません"):
        double_charges.confirm(row, first, ["T1"])


def test_case_lives_until_the_export_shows_every_give_back(
    tmp_path: Path, first: User, second: User
) -> None:
    moves = debits()
    take_in(tmp_path, [coupon()], moves)
    row = instructed(confirmed(first, "T2", "T3"), second)
    moves.append(give_back("T4", moves[1], "2023-03-06T15:00:00"))
    assert take_in(tmp_path, [coupon()], moves).reflected == 0
    moves.append(give_back("T5", moves[2], "2023-03-06T15:00:00"))
    assert take_in(tmp_path, [coupon()], moves).reflected == 1
    assert take_in(tmp_path, [coupon()], moves).reflected == 0
    assert list(row.steps.order_by("id").values_list("new", flat=True)) == [
        "taken",
        "asked_shop",
        "confirmed",
        "instructed",
        "reflected",
    ]


def test_give_back_of_another_amount_does_not_reflect(
    tmp_path: Path, first: User, second: User
) -> None:
    moves = debits()
    take_in(tmp_path, [coupon()], moves)
    instructed(confirmed(first, "T2"), second)
    moves.append(give_back("T4", moves[1], "2023-03-06T15:00:00", amount="299"))
    assert take_in(tmp_path, [coupon()], moves).reflected == 0


@pytest.mark.parametrize(
    "second_one",
    [
        {},  # given back twice: more than was asked for
        {"kind": "cancellation"},  # the shop's own cancellation beside it
    ],
)
def test_a_debit_that_came_back_twice_does_not_reflect(
    tmp_path: Path, first: User, second: User, second_one: dict[str, str]
) -> None:
    moves = debits()
    take_in(tmp_path, [coupon()], moves)
    row = instructed(confirmed(first, "T2"), second)
    moves.append(give_back("T4", moves[1], "2023-03-06T15:00:00", amount="200"))
    moves.append(give_back("T5", moves[1], "2023-03-06T15:00:00", amount="200") | second_one)
    tally = take_in(tmp_path, [coupon()], moves)
    row.refresh_from_db()
    assert (tally.reflected, tally.differences["restored_too_much"]) == (0, 1)
    assert row.state == "instructed"


def test_the_shops_own_cancellation_is_not_the_give_back_asked_for(
    tmp_path: Path, first: User, second: User
) -> None:
    moves = debits()
    take_in(tmp_path, [coupon()], moves)
    instructed(confirmed(first, "T2"), second)
    moves.append(give_back("T4", moves[1], "2023-03-06T15:00:00", kind="cancellation"))
    assert take_in(tmp_path, [coupon()], moves).reflected == 0


@pytest.mark.parametrize("kind", ["restoration", "cancellation"])
def test_what_came_back_already_is_not_asked_for(tmp_path: Path, first: User, kind: str) -> None:
    moves = debits()
    moves.append(give_back("T4", moves[1], "2023-02-24T19:00:00", kind=kind))
    take_in(tmp_path, [coupon()], moves)
    with pytest.raises(Refused, match="すでに戻入"):
        confirmed(first, "T2", "T3")
    row = DoubleCharge.objects.get()
    assert double_charges.confirm(row, first, ["T3"]).state == "confirmed"


def test_a_give_back_taken_back_by_a_newer_export_may_be_asked_for(
    tmp_path: Path, first: User
) -> None:
    moves = debits()
    take_in(tmp_path, [coupon()], [*moves, give_back("T4", moves[1], "2023-02-24T19:00:00")])
    take_in(tmp_path, [coupon()], [*moves, give_back("T4", moves[2], "2023-02-24T19:00:00")])
    assert double_charges.given_back([Coupon.objects.get().pk]) == {"T3"}
    assert confirmed(first, "T2").state == "confirmed"


def test_same_person_does_not_sign_twice(tmp_path: Path, first: User) -> None:
    take_in(tmp_path, [coupon()], debits())
    row = confirmed(first, "T2")
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        instructed(row, first)
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_debit_is_given_back_once(tmp_path: Path, first: User) -> None:
    take_in(tmp_path, [coupon()], debits())
    confirmed(first, "T2")
    with pytest.raises(Refused, match="別の受付"):
        confirmed(first, "T1", "T2", case_number="B-2")
    again = DoubleCharge.objects.get(case_number="B-2")
    assert (again.state, again.debits.count()) == ("asked_shop", 0)


@pytest.mark.parametrize("transactions", [(), ("T9",), ("T1", "T9")])
def test_only_payments_of_the_coupon_go_back(
    tmp_path: Path, first: User, transactions: tuple[str, ...]
) -> None:
    take_in(
        tmp_path, [coupon(), coupon("000000000002")], [*debits(), movement("T9", "000000000002")]
    )
    with pytest.raises(Refused, match="このクーポンの決済から"):
        confirmed(first, *transactions)


def test_denied_case_ends(first: User) -> None:
    row = double_charges.deny(double_charges.ask_shop(taken(first), first), first, "not_found")
    step = row.steps.latest("id")
    assert (step.old, step.new, step.reason) == ("asked_shop", "denied", "not_found")
    with pytest.raises(Refused, match="進められません"):
        double_charges.ask_shop(row, first)


def test_payments_in_the_band_are_those_of_the_outage(tmp_path: Path) -> None:
    before = movement("T0", occurred_at="2023-02-24T16:59:59+09:00")
    row = take_in(tmp_path, [coupon()], [before, *debits()]).run
    assert row.entries_new == 4
    of = Coupon.objects.get().pk
    found = double_charges.payments_in_band(of).values_list("transaction_id", flat=True)
    assert list(found) == ["T1", "T2", "T3"]


def test_corrected_payment_is_offered_as_it_is_now(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [movement()])
    take_in(tmp_path, [coupon()], [movement(amount=500)])
    of = Coupon.objects.get().pk
    assert [entry.amount for entry in double_charges.payments(of)] == [500]


def test_number_that_a_later_export_brings_gets_its_coupon(tmp_path: Path, first: User) -> None:
    row = taken(first)
    other = taken(first, "B-2", prefecture_code="24")
    take_in(tmp_path, [coupon()], debits())
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.coupon, other.coupon) == (Coupon.objects.get(), None)
