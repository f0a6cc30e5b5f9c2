from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from config import clock

NOON = datetime(2023, 4, 10, 12, tzinfo=clock.JST)


def test_now_is_aware_and_japanese() -> None:
    before = datetime.now(UTC)  # noqa: TID251 - what the clock is measured by
    assert before <= clock.now() <= before + timedelta(seconds=10)
    assert clock.now().utcoffset() == timedelta(hours=9)


def test_offset_moves_business_time_and_not_real_time() -> None:
    clock.set_offset(timedelta(days=-1000))
    behind = clock.real_now() - clock.now()
    assert timedelta(days=1000) <= behind + timedelta(seconds=1) < timedelta(days=1000, seconds=10)
    clock.set_offset(timedelta())
    assert clock.real_now() - clock.now() < timedelta(seconds=1)


def test_at_holds_one_moment_whatever_the_offset() -> None:
    clock.set_offset(timedelta(days=3))
    with clock.at(NOON):
        assert [clock.now(), clock.now()] == [NOON, NOON]
        assert clock.real_now() != NOON


def test_at_gives_back_what_was_held_before() -> None:
    with clock.at(NOON):
        with pytest.raises(LookupError), clock.at(NOON + timedelta(hours=1)):
            raise LookupError
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_at_shows_another_zone_in_japanese_time() -> None:
    with clock.at(datetime(2023, 4, 30, 15, tzinfo=UTC)):
        assert clock.now().isoformat() == "2023-05-01T00:00:00+09:00"


def test_at_takes_aware_moments_only() -> None:
    with (
        pytest.raises(ValueError, match="aware"),
        clock.at(datetime(2023, 4, 30)),  # noqa: DTZ001 - the naive moment it refuses
    ):
        pass


def test_at_holds_this_thread_only() -> None:
    seen = []
    with clock.at(NOON):
        other = Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()
    assert NOON not in seen
