"""One case in one person's hands."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from applications import cases, review
from applications.models import Application
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db


def pending(count: int, **values: Any) -> list[Application]:
    """Applications that arrived a minute apart."""
    return [
        rows.application("", arrived_at=rows.ARRIVED + timedelta(minutes=minute), **values)
        for minute in range(count)
    ]


def test_the_oldest_case_comes_first_and_stays_in_the_same_hands() -> None:
    first, _ = pending(2)
    by = rows.clerk()

    assert cases.next_case(by) == first
    assert cases.next_case(by) == first


def test_two_clerks_get_two_cases_and_the_third_none() -> None:
    found = pending(2)

    assert [cases.next_case(rows.clerk()) for _ in range(3)] == [*found, None]


def test_a_case_given_back_is_the_next_one_of_a_colleague() -> None:
    first, second = pending(2)
    by = rows.clerk()
    cases.release_case(cases.next_case(by), by=by)

    assert cases.next_case(rows.clerk()) == first
    assert cases.next_case(by, passed=(first.pk,)) == second


def test_a_lease_that_ran_out_frees_the_case() -> None:
    (row,) = pending(1)
    cases.next_case(rows.clerk())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE applications_application SET taken_until = clock_timestamp() - interval '1 s'"
        )

    assert cases.next_case(rows.clerk()) == row


def test_only_cases_of_the_own_prefectures_are_handed_out() -> None:
    pending(1, prefecture_code="24")
    (own,) = pending(1)
    by = rows.clerk("reviewer", "22")

    assert cases.next_case(by) == own
    assert cases.next_case(rows.clerk("reviewer", "22")) is None


def test_the_second_signature_goes_to_somebody_else_than_the_first() -> None:
    by = rows.clerk("manager")
    row = rows.application(rows.coupon())
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=by)

    assert cases.next_case(by, stage="approve") is None
    assert cases.next_case(rows.clerk("approver"), stage="approve") == row


def test_a_case_in_other_hands_can_not_be_taken() -> None:
    (row,) = pending(1)
    cases.take(row, by=rows.clerk())

    with pytest.raises(Refused) as caught:
        cases.take(row, by=rows.clerk())
    assert caught.value.code == "taken"


def test_a_decided_case_can_not_be_taken() -> None:
    (row,) = pending(1)
    review.withdraw(row, by=None, reason="by_applicant")

    with pytest.raises(Refused) as caught:
        cases.take(row, by=rows.clerk())
    assert caught.value.code == "taken"


@pytest.mark.django_db(transaction=True)
def test_a_case_that_another_connection_is_taking_is_stepped_over() -> None:
    first, second = pending(2)
    clerk, found = rows.clerk(), []

    def ask(by: Any) -> None:
        found.append(cases.next_case(by))
        connection.close()

    with transaction.atomic():
        Application.objects.select_for_update(of=("self",)).get(pk=first.pk)
        other = Thread(target=ask, args=[clerk])
        other.start()
        other.join()

    assert found == [second]


@pytest.mark.django_db(transaction=True)
def test_eight_clerks_at_once_get_eight_cases() -> None:
    expected = {row.pk for row in pending(8)}
    clerks, found = [rows.clerk() for _ in range(8)], []

    def ask(by: Any) -> None:
        found.append(cases.next_case(by).pk)
        connection.close()

    threads = [Thread(target=ask, args=[by]) for by in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(found), set(found)) == (8, expected)


def test_next_goes_on_past_all_that_was_put_aside_and_round_at_the_end() -> None:
    first, second, third = pending(3)
    by, aside, passed, seen = rows.clerk(), None, [], []
    for _ in range(5):
        aside, passed = cases.go_on(by, stage="check", aside=aside, passed=passed)
        seen.append(aside)

    assert seen == [first, second, third, first, second]
    assert list(cases.in_hands(by)) == [second]


def test_a_long_sitting_goes_past_more_than_one_look() -> None:
    found = pending(cases.LOOKED_AT + 2)
    passed = [row.pk for row in found[:-1]]

    case, _ = cases.go_on(rows.clerk(), stage="check", aside=found[-2], passed=passed)

    assert case == found[-1]


def test_from_the_list_the_oldest_comes_first_again() -> None:
    first, second = pending(2)

    assert cases.go_on(rows.clerk(), stage="check", aside=None, passed=[first.pk]) == (first, [])
    assert cases.go_on(rows.clerk(), stage="check", aside=None, passed=[]) == (second, [])


def test_the_minutes_left_follow_the_database_s_clock() -> None:
    (row,) = pending(1)
    assert cases.minutes_left(row) == 0
    cases.next_case(rows.clerk())
    assert cases.minutes_left(row) == cases.LEASE_MINUTES
