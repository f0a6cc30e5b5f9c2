from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from applications import periods
from config import clock
from config.models import Postponement

pytestmark = pytest.mark.django_db
UNTIL = datetime(2023, 5, 8, tzinfo=clock.JST)


@pytest.fixture
def decided(django_user_model):
    one, two = (django_user_model.objects.create_user(name) for name in ("one", "two"))
    return Postponement.objects.create(
        key="applications_close",
        until=UNTIL,
        reason="障害",
        prepared_at=UNTIL - timedelta(days=1),
        prepared_by=one,
        approved_at=UNTIL - timedelta(days=1),
        approved_by=two,
    )


def test_postponements_are_read_once_in_a_while(decided, django_assert_num_queries):
    assert periods.extended() == {"applications_close": UNTIL}
    with django_assert_num_queries(0):
        assert periods.extended() == {"applications_close": UNTIL}


def test_without_a_database_the_last_known_ones_hold(decided, monkeypatch):
    def away():
        raise DatabaseError("away")

    known = periods.extended()
    monkeypatch.setattr(periods, "KEPT_SECONDS", 0)
    monkeypatch.setattr(Postponement, "approved", away)
    assert periods.extended() == known
