"""Lines and payout, guarded by statement, still have every single row caught (promise 1)."""

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from config import clock
from payouts import opening
from payouts.models import Payout, PayoutLine
from tests.payouts import rows, sealed_rows

pytestmark = pytest.mark.django_db


def payouts(count: int) -> list[Payout]:
    """Waiting payouts of one sealed coupon each."""
    made = []
    for number in range(1, count + 1):
        coupon = rows.coupon(f"{number:012d}", yen=1000)
        rows.seal(coupon)
        made.append(rows.payout(coupon))
    return made


def test_one_bad_row_of_many_stops_the_statement() -> None:
    made = payouts(20)
    with pytest.raises(DatabaseError, match=f"payout {made[13].pk} "), transaction.atomic():
        PayoutLine.objects.update(yen=1000)
        Payout.objects.exclude(pk=made[13].pk).update(state="ready", amount=1000)
        Payout.objects.filter(pk=made[13].pk).update(state="ready", amount=999)
        sealed_rows.check_now()


def test_a_payout_without_a_line_is_refused() -> None:
    (payout,) = payouts(1)
    with pytest.raises(DatabaseError, match="has no line"), transaction.atomic():
        payout.pk = None
        payout.save()
        sealed_rows.check_now()


def test_a_line_taken_away_is_refused() -> None:
    (payout,) = payouts(1)
    with pytest.raises(DatabaseError, match="has no line"), transaction.atomic():
        payout.lines.all().delete()
        sealed_rows.check_now()


def test_a_line_moved_to_another_payout_is_refused() -> None:
    first, second = payouts(2)
    with pytest.raises(DatabaseError, match=f"payout {first.pk} has no line"), transaction.atomic():
        first.lines.update(payout=second)
        sealed_rows.check_now()


def test_what_is_put_right_before_the_end_is_right() -> None:
    (payout,) = payouts(1)
    with transaction.atomic():
        payout.lines.update(yen=999)
        payout.lines.update(yen=1000)
        sealed_rows.check_now()


def test_a_savepoint_taken_back_leaves_the_rest_guarded() -> None:
    first, second = payouts(2)
    with pytest.raises(DatabaseError, match=f"payout {first.pk} "), transaction.atomic():
        first.lines.update(yen=999)
        with pytest.raises(DatabaseError), transaction.atomic():
            second.lines.update(yen=999)
            sealed_rows.check_now()
        sealed_rows.check_now()


def test_checked_once_a_later_change_is_checked_again() -> None:
    (payout,) = payouts(1)
    sealed_rows.check_now()
    with pytest.raises(DatabaseError, match="differs from the seal"), transaction.atomic():
        payout.lines.update(yen=999)
        sealed_rows.check_now()


@pytest.mark.django_db(transaction=True)
def test_the_role_of_the_processes_is_guarded_at_commit(app_role: psycopg.Connection) -> None:
    (payout,) = payouts(1)
    change = "UPDATE payouts_payoutline SET yen = 999 WHERE payout_id = %s"
    with pytest.raises(psycopg.errors.CheckViolation, match="differs from the seal"):
        app_role.execute(change, [payout.pk])
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app_role.transaction():
        app_role.execute(change, [payout.pk])
        app_role.execute("DELETE FROM payouts_unproven")
    assert app_role.execute("SELECT yen FROM payouts_payoutline").fetchone() == (None,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payouts_unproven")
        assert cursor.fetchone() == (0,)


def test_a_second_live_line_is_refused_also_in_bulk() -> None:
    made = payouts(3)
    with pytest.raises(IntegrityError, match="payoutline_one_live"), transaction.atomic():
        PayoutLine.objects.bulk_create(
            PayoutLine(
                payout=payout, coupon=payout.lines.get().coupon, prefecture_code="22", edition=0
            )
            for payout in made
        )


def test_release_in_bulk_passes_the_guards() -> None:
    payouts(20)
    with clock.at(rows.LINKS_GO):
        assert opening.release_due() == {"ready": 20, "nothing_due": 0}
    sealed_rows.check_now()
