"""The give-back list: prepared by one, released by another, answered by an export."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction

from config import clock
from config.states import Refused
from coupons import double_charges, give_backs, sealing, supplements
from coupons.models import DoubleCharge, GiveBackList, LateMovement
from tests.coupons.exports import AFTER, CUT_OFF, NUMBER, coupon, give_back, movement, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[User]:
    return [User.objects.create_user(name, is_staff=True) for name in ("a", "b", "c")]


def debits() -> list[dict[str, str]]:
    return [
        movement(name, occurred_at=f"2023-02-24T18:00:{i * 20:02}+09:00")
        for i, name in enumerate(("T1", "T2", "T3"))
    ]


def confirmed(tmp_path: Path, by: User) -> DoubleCharge:
    take_in(tmp_path, [coupon()], debits())
    row = double_charges.take(
        case_number="B1", by=by, case="pressed_again", inquiry_number=NUMBER, prefecture_code="22"
    )
    return double_charges.confirm(double_charges.ask_shop(row, by), by, ["T2", "T3"])


def test_a_list_is_asked_for_by_a_second_person_and_matched_with_the_export(
    tmp_path: Path, people: list[User]
) -> None:
    first, second, _ = people
    row = confirmed(tmp_path, first)

    made = give_backs.prepare("22", first)
    released = give_backs.release(made, second)

    row.refresh_from_db()
    assert (made.cases, made.total_yen, row.state) == (1, 600, "instructed")
    assert (row.instructed_by, released.sha256) == (second, give_backs.sha256(made))
    assert list(give_backs.lines(made)) == [
        (str(made), "B1", NUMBER, "T2", 300, "2023-03-31T23:59:59+09:00"),
        (str(made), "B1", NUMBER, "T3", 300, "2023-03-31T23:59:59+09:00"),
    ]
    back = [give_back(f"T{i + 4}", debits()[i], "2023-03-06T15:00:00") for i in (1, 2)]
    assert take_in(tmp_path, [coupon()], [*debits(), *back]).reflected == 1


def test_who_made_the_list_or_confirmed_a_case_does_not_release_it(
    tmp_path: Path, people: list[User]
) -> None:
    first, second, third = people
    confirmed(tmp_path, first)
    made = give_backs.prepare("22", second)

    for person in (first, second):
        with pytest.raises(Refused) as caught:
            give_backs.release(made, person)
        assert caught.value.code == "two_people"
    assert give_backs.release(made, third).released_by == third


def test_a_released_list_is_not_released_or_dropped_again(
    tmp_path: Path, people: list[User]
) -> None:
    first, second, third = people
    confirmed(tmp_path, first)
    made = give_backs.release(give_backs.prepare("22", first), second)

    for act in (lambda: give_backs.release(made, third), lambda: give_backs.drop(made)):
        with pytest.raises(Refused, match="確定済み"):
            act()


def test_a_dropped_list_leaves_its_cases_waiting(tmp_path: Path, people: list[User]) -> None:
    row = confirmed(tmp_path, people[0])
    made = give_backs.prepare("22", people[0])

    with pytest.raises(Refused, match="ありません"):
        give_backs.prepare("22", people[1])
    give_backs.drop(made)

    assert list(give_backs.waiting("22")) == [row]


def test_an_office_lists_its_own_cases_only(tmp_path: Path, people: list[User]) -> None:
    confirmed(tmp_path, people[0])

    with pytest.raises(Refused, match="ありません"):
        give_backs.prepare("24", people[0])


def test_the_database_refuses_a_list_released_by_its_maker(
    tmp_path: Path, people: list[User]
) -> None:
    confirmed(tmp_path, people[0])
    made = give_backs.prepare("22", people[0])

    with pytest.raises(IntegrityError, match="give_back_list_two_people"):
        GiveBackList.objects.filter(pk=made.pk).update(
            released_at=made.prepared_at, released_by=people[0]
        )


def test_a_released_list_and_its_cases_stay_as_they_were_asked_for(
    tmp_path: Path, people: list[User]
) -> None:
    row = confirmed(tmp_path, people[0])
    made = give_backs.release(give_backs.prepare("22", people[0]), people[1])
    lists, cases = GiveBackList.objects.all(), DoubleCharge.objects.all()

    for break_it in (
        lambda: lists.update(total_yen=1),
        lambda: lists.update(sha256=""),
        lambda: cases.update(give_back_list=None),
        lambda: cases.update(state="confirmed", instructed_by=None, give_back_list=None),
        lambda: lists._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            break_it()
    row.refresh_from_db()
    assert (row.state, row.give_back_list) == ("instructed", made)


def test_what_an_export_gave_back_since_is_not_asked_for_again(
    tmp_path: Path, people: list[User]
) -> None:
    first, second, _ = people
    row = confirmed(tmp_path, first)
    with clock.at(CUT_OFF - timedelta(days=9)):
        made = give_backs.prepare("22", first)
        back = give_back("T5", debits()[1], "2023-03-06T15:00:00")
        take_in(tmp_path, [coupon()], [*debits(), back])

        with pytest.raises(Refused, match="B1") as caught:
            give_backs.release(made, second)
        assert caught.value.code == "given_back"
        give_backs.drop(made)
        row.refresh_from_db()
        assert double_charges.deny(row, second, "given_back").state == "denied"


def test_a_second_person_turns_a_confirmed_case_down_until_it_is_listed(
    tmp_path: Path, people: list[User]
) -> None:
    row = confirmed(tmp_path, people[0])
    with pytest.raises(Refused, match="別の担当者"):
        double_charges.deny(row, people[0], "mistake")
    made = give_backs.prepare("22", people[0])
    with pytest.raises(Refused, match="とりやめて"):
        double_charges.deny(DoubleCharge.objects.get(pk=row.pk), people[1], "mistake")
    give_backs.drop(made)

    denied = double_charges.deny(DoubleCharge.objects.get(pk=row.pk), people[1], "mistake")

    assert denied.state == "denied"


def test_after_the_cut_off_our_own_supplement_takes_its_place(
    tmp_path: Path, people: list[User]
) -> None:
    first, second, third = people
    row = confirmed(tmp_path, first)
    with clock.at(AFTER):
        sealing.seal()
        give_backs.release(give_backs.prepare("22", first), second)
        own = list(LateMovement.objects.filter(kind="own").order_by("restores"))
        assert [(each.restores, each.yen) for each in own] == [("T2", 300), ("T3", 300)]

        for each in own:
            row.refresh_from_db()
            assert row.state == "instructed"
            supplements.decide(supplements.propose(each, accepts=True, by=first), by=third)

    row.refresh_from_db()
    assert row.state == "reflected"


def test_a_supplement_of_another_amount_does_not_end_the_case(
    tmp_path: Path, people: list[User]
) -> None:
    first, second, third = people
    row = confirmed(tmp_path, first)
    with clock.at(AFTER):
        sealing.seal()
        give_backs.release(give_backs.prepare("22", first), second)
        LateMovement.objects.filter(restores="T3").update(yen=299)
        for each in LateMovement.objects.filter(kind="own"):
            supplements.decide(supplements.propose(each, accepts=True, by=first), by=third)

    row.refresh_from_db()
    assert row.state == "instructed"


def test_a_give_back_that_an_export_told_first_is_not_listed_twice(
    tmp_path: Path, people: list[User]
) -> None:
    row = confirmed(tmp_path, people[0])
    with clock.at(AFTER):
        sealing.seal()
        back = [give_back(f"T{i + 4}", debits()[i], "2023-04-03T15:00:00") for i in (1, 2)]
        take_in(tmp_path, [coupon()], [*debits(), *back])
        give_backs.release(give_backs.prepare("22", people[0]), people[1])

    row.refresh_from_db()
    assert row.state == "reflected"
    assert set(LateMovement.objects.values_list("kind", flat=True)) == {"give_back"}
