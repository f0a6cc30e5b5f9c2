"""Money that nobody can be paid: given up by two, after the last day, and still in the books."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from applications import giving_up, reconcile, returns
from applications.models import Application
from applications.standing import standing
from config import clock
from config.notice import NOTICE
from config.owner import SETTLED
from config.states import Refused
from payouts.models import GivingUp, Payout
from tests.applications import rows
from tests.applications.test_changes import decided
from tests.applications.test_returns import ANSWER, AT, OWN, come_back
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
END = NOTICE.dates.bank_corrections_until
REASON = "電話3回、郵送1回。連絡がつかない"


@pytest.fixture(autouse=True)
def _after_the_last_day() -> Iterator[None]:
    with clock.at(END):
        yield


@pytest.fixture
def payout() -> Payout:
    """A payout whose transfer came back in May."""
    with clock.at(bank_rows.CUT_AT):
        decided(method="bank", holder_relation="self")
        bank_rows.office()
    with clock.at(AT):
        come_back()
    return Payout.objects.get()


def test_two_people_give_up_and_the_books_say_so(payout: Payout) -> None:
    owed = reconcile.reconcile().outcome()["buckets"]["owed"]
    row = giving_up.propose(payout, reason=f" {REASON} ", by=(first := rows.clerk()))
    with pytest.raises(Refused) as refusal:
        giving_up.approve(row, by=first)
    assert refusal.value.code == "two_people"
    assert reconcile.reconcile().outcome()["buckets"]["owed"] == owed
    giving_up.approve(row, by=rows.clerk("approver"))
    outcome = reconcile.reconcile().outcome()
    assert (outcome["buckets"]["owed"], outcome["buckets"]["given_up"]) == ([0, 0], owed)
    assert outcome["differences"] == 0
    payout.refresh_from_db()
    assert payout.state == "given_up"
    assert "お振り込みの手続きを終えました" in standing(Application.objects.get()).next_step


def test_nothing_is_given_up_before_the_last_day(payout: Payout) -> None:
    with clock.at(END - timedelta(seconds=1)), pytest.raises(Refused, match="6月30日"):
        giving_up.propose(payout, reason=REASON, by=rows.clerk())


def test_who_gave_an_account_in_time_is_not_given_up(payout: Payout) -> None:
    row = giving_up.propose(payout, reason=REASON, by=rows.clerk())
    application = Application.objects.get()
    with clock.at(END - timedelta(minutes=1)):
        returns.ask(application)
        new = returns.give(application, ANSWER, OWN, arrived_at=clock.now())
    with pytest.raises(Refused, match="訂正された口座"):
        giving_up.approve(row, by=rows.clerk("approver"))
    returns.approve(returns.check(new, by=rows.clerk()), by=rows.clerk("approver"))
    with pytest.raises(Refused, match="振込不能になった支払いではありません"):
        giving_up.approve(row, by=rows.clerk("approver"))
    giving_up.drop(row, by=rows.clerk())


def test_one_proposal_at_a_time_with_a_reason(payout: Payout) -> None:
    for reason in (" ", "x" * 201):
        with pytest.raises(Refused, match="理由"):
            giving_up.propose(payout, reason=reason, by=rows.clerk())
    row = giving_up.propose(payout, reason=REASON, by=rows.clerk())
    with pytest.raises(Refused, match="すでに起案"):
        giving_up.propose(payout, reason=REASON, by=rows.clerk())
    giving_up.drop(row, by=rows.clerk())
    assert giving_up.propose(payout, reason=REASON, by=rows.clerk()).pk != row.pk


def test_the_database_wants_two_people_and_a_decision(payout: Payout) -> None:
    first = rows.clerk()
    giving_up.propose(payout, reason=REASON, by=first)
    with pytest.raises(IntegrityError, match="givingup_two_people"), transaction.atomic():
        GivingUp.objects.update(approved_at=END, approved_by=first)
    with pytest.raises(DatabaseError, match="without a decision"), transaction.atomic():
        payout.lines.update(released_at=END)
        payout.move("given_up")
        transaction.get_connection().cursor().execute(SETTLED)
