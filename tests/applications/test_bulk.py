"""Approving many clean cases together: by two people, case by case, never what changed."""

import psycopg
import pytest
from django.db import IntegrityError, transaction

from applications import bulk, matching, review
from applications.models import Application, Bulk, BulkItem
from config.states import Refused
from payouts.models import Payout
from tests.applications import rows

pytestmark = pytest.mark.django_db


def clean(count: int) -> list[Application]:
    """Cases that agree with the ledger."""
    made = [
        rows.application(rows.coupon(), phone=f"+8190111122{i:02}", delivery=f"+8190333322{i:02}")
        for i in range(count)
    ]
    matching.rematch()
    return made


def approved(made: Bulk) -> Bulk:
    return bulk.approve(made, by=rows.clerk("approver"))


def results(made: Bulk) -> list[tuple[str, str]]:
    return list(made.items.order_by("id").values_list("result", "why"))


def test_clean_cases_are_put_forward_and_nothing_else() -> None:
    good = clean(2)
    rows.application(rows.coupon(), marks=["twin"])
    rows.application("999999999999")
    rows.application(rows.coupon(prefecture_code="24"), prefecture_code="24")
    rows.application(rows.coupon(), entered_by=rows.clerk("call_centre"))
    rows.application(rows.coupon(), "")
    rows.application(rows.coupon(), method="bank", holder_relation="family")
    review.take(rows.application(rows.coupon()), by=rows.clerk())
    matching.rematch()

    made = bulk.prepare("22", by=rows.clerk())

    assert [item.application for item in made.items.order_by("id")] == good
    assert (made.count, made.yen) == (2, 4000)


def test_a_case_stands_in_one_open_list_only() -> None:
    clean(1)
    bulk.prepare("22", by=rows.clerk())

    with pytest.raises(Refused) as refused:
        bulk.prepare("22", by=rows.clerk())
    assert refused.value.code == "nothing"


def test_a_dropped_list_frees_its_cases() -> None:
    clean(1)
    first = bulk.prepare("22", by=rows.clerk())
    bulk.drop(first, by=rows.clerk())

    assert results(first) == [("dropped", "")]
    assert bulk.prepare("22", by=rows.clerk()).count == 1


def test_who_prepared_a_list_never_approves_it() -> None:
    clean(1)
    by = rows.clerk("manager")
    made = bulk.prepare("22", by=by)

    with pytest.raises(Refused) as refused:
        bulk.approve(made, by=by)
    assert refused.value.code == "two_people"
    with pytest.raises(IntegrityError), transaction.atomic():
        Bulk.objects.filter(pk=made.pk).update(approved_at=made.prepared_at, approved_by=by)


def test_nothing_is_decided_before_the_approval_and_all_after_it() -> None:
    cases = clean(3)
    made = bulk.prepare("22", by=rows.clerk())
    assert bulk.go_on() == {"approved": 0, "skipped": 0}

    approved(made)
    assert bulk.go_on() == {"approved": 3, "skipped": 0}

    made.refresh_from_db()
    states = set(Application.objects.filter(pk__in=[c.pk for c in cases]).values_list("state"))
    assert (states, Payout.objects.count()) == ({("decided",)}, 3)
    assert made.finished_at is not None
    assert Payout.objects.filter(by_matching=True, approved_by=made.approved_by).count() == 3


def test_an_interrupted_run_goes_on_and_pays_nobody_twice() -> None:
    clean(3)
    made = approved(bulk.prepare("22", by=rows.clerk()))

    assert bulk.go_on(limit=1) == {"approved": 1, "skipped": 0}
    assert Bulk.objects.get().finished_at is None
    assert bulk.go_on() == {"approved": 2, "skipped": 0}
    assert bulk.go_on() == {"approved": 0, "skipped": 0}
    assert (Payout.objects.count(), results(made)) == (3, [("approved", "")] * 3)


def test_what_changed_since_is_skipped_and_says_why() -> None:
    marked, moved, taken, rival, good = clean(5)
    made = approved(bulk.prepare("22", by=rows.clerk()))
    Application.objects.filter(pk=marked.pk).update(marks=["twin"])
    review.hold(moved, by=rows.clerk(), reason="other")
    review.take(taken, by=rows.clerk())
    rows.application(rival.claims.get().inquiry_number)

    assert bulk.go_on() == {"approved": 1, "skipped": 4}

    unclean = "照合だけでは確認できない申請です。担当者が審査してください。"
    assert results(made) == [
        ("skipped", unclean),
        ("skipped", bulk.CHANGED),
        ("skipped", "ほかの担当者が処理中です。"),
        ("skipped", unclean),
        ("approved", ""),
    ]
    assert Application.objects.get(pk=marked.pk).state == "received"
    assert Payout.objects.get().lines.get().coupon_id == good.claims.get().coupon_id


def test_the_approvers_own_application_is_skipped() -> None:
    clean(1)
    made = bulk.prepare("22", by=rows.clerk())
    bulk.approve(made, by=rows.clerk("approver", last_name="静岡", first_name="花子"))

    assert bulk.go_on() == {"approved": 0, "skipped": 1}


def test_the_sample_is_spread_and_stays() -> None:
    clean(25)
    made = bulk.prepare("22", by=rows.clerk())

    shown = [item.pk for item in bulk.sample(made)]
    assert (len(shown), shown) == (10, [item.pk for item in bulk.sample(made)])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications_bulk SET count = count + 1",
        "UPDATE applications_bulk SET approved_by_id = prepared_by_id",
        "UPDATE applications_bulkitem SET yen = 1",
        "UPDATE applications_bulkitem SET result = '', at = NULL",
        "DELETE FROM applications_bulkitem",
        "INSERT INTO applications_bulkitem (bulk_id, application_id, yen, result, why)"
        " SELECT bulk_id, application_id, yen, '', '' FROM applications_bulkitem",
    ],
)
def test_an_approved_list_stays_as_it_was(app_role: psycopg.Connection, statement: str) -> None:
    clean(1)
    approved(bulk.prepare("22", by=rows.clerk()))
    bulk.go_on()
    assert BulkItem.objects.get().result == "approved"

    with pytest.raises(psycopg.Error), app_role.transaction():
        app_role.execute(statement)
