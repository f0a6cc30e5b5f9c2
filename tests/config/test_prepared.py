"""Statements that are planned once a connection."""

import pytest
from django.db import DatabaseError, connection

from config import prepared
from payouts.models import Payout
from tests.payouts.test_gifts import ready

COUNT = "SELECT count(*) + %(more)s::int FROM payouts_payout"
ISSUED = "UPDATE payouts_payout SET state = 'issued' WHERE id = %(id)s::bigint RETURNING id"


@pytest.mark.django_db
def test_a_statement_is_planned_once_a_connection() -> None:
    assert [prepared.fetch_one(COUNT, {"more": more}) for more in range(3)] == [(0,), (1,), (2,)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(generic_plans + custom_plans) FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT count(*) + $1::int FROM payouts_payout'"
        )
        assert cursor.fetchone() == (1, 3)


@pytest.mark.django_db
def test_no_row_is_none() -> None:
    assert prepared.fetch_one(ISSUED, {"id": 1}) is None


@pytest.mark.django_db(transaction=True)
def test_a_guard_that_speaks_at_commit_is_heard() -> None:
    payout = ready(yen=500)
    with pytest.raises(DatabaseError, match="without an issued order"):
        prepared.fetch_one(ISSUED, {"id": payout.pk})
    assert Payout.objects.get(pk=payout.pk).state == "ready"
