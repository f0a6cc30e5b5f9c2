"""Counting tries: exact under many at once, and by windows of real time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection

from config import clock, limits
from config.models import Limit

HOUR = timedelta(hours=1)
ERA = timedelta(days=36500)  # a window that does not end while a test runs


def hit_and_leave(key: str) -> int:
    """One try from a connection of its own."""
    try:
        return limits.hit("test", key, ERA)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted() -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(hit_and_leave, ["same"] * 40))
    assert sorted(counts) == list(range(1, 41))


@pytest.mark.django_db
def test_scopes_and_keys_count_apart() -> None:
    assert [limits.hit("test", "a", ERA), limits.hit("test", "b", ERA)] == [1, 1]
    assert limits.hit("other", "a", ERA) == 1
    assert limits.hit("test", "a", ERA, by=3) == 4


@pytest.mark.django_db
def test_the_key_is_not_kept_in_clear() -> None:
    limits.hit("test", "192.0.2.1", ERA)
    row = Limit.objects.get()
    assert len(bytes(row.key)) == 32
    assert b"192.0.2.1" not in bytes(row.key)


@pytest.mark.django_db
def test_windows_begin_at_whole_multiples_of_real_time() -> None:
    limits.hit("test", "a", HOUR)
    row = Limit.objects.get()
    assert (row.window.minute, row.window.second, row.window.microsecond) == (0, 0, 0)
    assert row.window <= clock.real_now() + timedelta(seconds=5)


@pytest.mark.django_db
def test_another_window_counts_from_one() -> None:
    limits.hit("test", "a", HOUR)
    Limit.objects.update(window=datetime(2020, 1, 1, tzinfo=clock.JST))
    assert limits.hit("test", "a", HOUR) == 1
    assert Limit.objects.count() == 2


@pytest.mark.django_db
def test_a_jump_of_the_rehearsal_clock_opens_no_window() -> None:
    with clock.at(datetime(2023, 6, 1, tzinfo=clock.JST)):
        limits.hit("test", "a", HOUR)
    assert clock.real_now() - Limit.objects.get().window < 2 * HOUR


@pytest.mark.django_db
def test_several_keys_are_counted_at_once_and_the_highest_is_told() -> None:
    limits.hit("test", "b", ERA)
    assert limits.hit_each("test", ["a", "b", "b"], ERA) == 2
    assert limits.hit_each("test", [], ERA) == 0
    assert limits.hit("test", "a", ERA) == 2


@pytest.mark.django_db
def test_a_try_that_was_right_is_given_back() -> None:
    for _ in range(2):
        limits.hit("test", "a", ERA)
    for _ in range(3):
        limits.give_back("test", "a", ERA)
    assert limits.hit("test", "a", ERA) == 1


@pytest.mark.django_db
def test_counters_that_nobody_asks_any_more_are_deleted() -> None:
    for key in "abc":
        limits.hit("test", key, HOUR)
    ages = zip(Limit.objects.order_by("pk"), (0, 13, 15), strict=True)
    for row, days in ages:
        Limit.objects.filter(pk=row.pk).update(window=row.window - timedelta(days=days))
    assert limits.purge() == 1
    assert Limit.objects.count() == 2
