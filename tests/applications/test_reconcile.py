"""The three books: every sealed yen in one bucket, and every difference of a yen found (N77)."""

from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from applications import matching, reconcile, review, tasks
from config import clock
from config.models import JobRun
from config.notice import NOTICE
from coupons.models import Coupon, SealedItem
from payouts import app_holders, gifts, opening
from payouts.models import GivingUp, Order, Payout, PayoutLine
from payouts.outbound.gifts.provider import Ask, Issued
from payouts.outbound.gifts.providers import provider_for
from payouts.outbound.gifts.simulator import Simulator
from tests.applications import rows as cases
from tests.payouts import bank_rows, rows, sealed_rows

pytestmark = pytest.mark.django_db


def unguarded(table: str, query: str) -> None:
    """Break a row on purpose, past the guards of the database (taken back with the test)."""
    sealed_rows.check_now()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(query)
        sealed_rows.check_now()
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def placed() -> dict[tuple[str, str, str], dict[str, tuple[int, int]]]:
    """Buckets by prefecture, road and category."""
    books = reconcile.reconcile()
    assert books.differences == []
    assert [row.difference for row in books.rows] == [0] * len(books.rows)
    assert books.sealed_yen == sum(row.sealed for row in books.rows)
    return {(row.prefecture_code, row.road, row.category): row.buckets for row in books.rows}


def release() -> None:
    with clock.at(rows.LINKS_GO):
        opening.release_due()


def sealed_paper(number: str, yen: int = 1000) -> Coupon:
    coupon = cases.coupon(number, face_value=yen)
    rows.seal(coupon)
    return coupon


def test_each_sealed_yen_stands_in_one_bucket() -> None:
    free, asked, refused, gone = (sealed_paper(f"{n:012d}", 1000 * n) for n in range(1, 5))
    nothing = rows.coupon("000000000009")
    rows.seal(nothing, yen=0)
    sealed_rows.in_app(7)
    for coupon in (asked, refused, gone):
        row = cases.application(coupon)
        claim = row.claims.get()
        matching.match([claim])
        if coupon == refused:
            review.check(row, {claim.pk: ("not_covered", "outside")}, by=cases.clerk())
            review.approve(row, by=cases.clerk("approver"))
        if coupon == gone:
            review.withdraw(row, by=None, reason="by_applicant")
    assert placed() == {
        ("22", "application", "A1"): {"not_claimed": (1, free.face_value)},
        ("22", "app_holder", "A1"): {"not_claimed": (1, 1007)},
        ("22", "points", "A1"): {
            "owed": (1, 2000),
            "not_covered": (1, 3000),
            "withdrawn": (1, 4000),
        },
    }


def test_the_roads_of_the_payouts() -> None:
    first, second, third, fourth = (rows.coupon(f"{n:012d}") for n in range(1, 5))
    rows.seal(first, second, third, fourth)
    sealed_rows.in_app(7)
    rows.payout(first)
    rows.payout(second, road="bank", bank_account=rows.account())
    lapsed = rows.payout(third)
    given_up = rows.payout(fourth, road="bank", bank_account=rows.account())
    sealed_rows.run()
    app_holders.open_for_app_holders()
    release()
    lapsed.refresh_from_db()
    lapsed.move("lapsed")
    given_up.refresh_from_db()
    at, people = clock.now(), [rows.clerk("payer"), rows.clerk("approver")]
    signed = {"prepared_at": at, "prepared_by": people[0], "approved_at": at}
    GivingUp.objects.create(payout=given_up, reason="x", approved_by=people[1], **signed)
    for state in ("listed", "handed_over", "returned", "given_up"):
        Payout.objects.filter(pk=given_up.pk).update(state=state)
    given_up.lines.update(released_at=clock.now())
    assert placed() == {
        ("22", "app_holder", "A1"): {"owed": (1, 1007)},
        ("22", "application", "A1"): {"given_up": (1, 2000)},
        ("22", "bank", "A1"): {"owed": (1, 2000)},
        ("22", "points", "A1"): {"owed": (1, 2000), "lapsed": (1, 2000)},
    }


def test_a_supplement_stands_beside_its_coupon() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    base = coupon.sealed_items.get()
    base.pk, base.edition, base.yen = None, 1, -400
    base.prepared_by, base.approved_by = rows.clerk("reviewer"), rows.clerk("approver")
    base.save()
    assert placed() == {("22", "application", "A1"): {"not_claimed": (2, 600)}}


def test_a_paid_payout_is_worth_its_order() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    rows.codes("ponta", 1000, 1)
    payout = rows.payout(coupon)
    release()
    payout.refresh_from_db()
    with clock.at(rows.LINKS_GO):
        order = gifts.choose(payout, "ponta")
        if order.state == "placed":
            gifts.settle(order)
    assert Order.objects.get().state == "issued"
    books = reconcile.reconcile()
    assert books.differences == []
    assert books.paid == [reconcile.Paid("22", "points", 1000, 1000)]


def test_a_yen_off_the_seal_is_red() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    release()
    unguarded("payouts_payoutline", "UPDATE payouts_payoutline SET yen = 999")
    books = reconcile.reconcile()
    assert [row.difference for row in books.rows] == [1]
    assert books.differences == [
        reconcile.Difference("lines", str(payout.pk), 1000, 999),
        reconcile.Difference("seal", str(payout.pk), 999, 1000),
        reconcile.Difference("seal", "total", 1000, 999),
    ]


def test_a_payout_called_paid_without_a_transfer_is_red() -> None:
    payout = bank_rows.ready(1730)
    unguarded("payouts_payout", "UPDATE payouts_payout SET state = 'paid'")
    books = reconcile.reconcile()
    assert books.paid == [reconcile.Paid("22", "bank", 1730, 0)]
    assert books.differences == [reconcile.Difference("transfers", str(payout.pk), 1730, 0)]


def test_the_rows_behind_a_number() -> None:
    coupons = [rows.coupon(f"{n:012d}", yen=1000 + n) for n in range(1, 4)]
    rows.seal(*coupons)
    payout = rows.payout(coupons[0])
    first = reconcile.rows_of(["22"], "application", "A1", "not_claimed")
    assert [row["inquiry_number"] for row in first] == ["000000000002", "000000000003"]
    after = (first[0]["coupon_id"], 0)
    assert len(reconcile.rows_of(["22"], "application", "A1", "not_claimed", after)) == 1
    (owed,) = reconcile.rows_of(["22"], "points", "A1", "")
    assert (owed["payout_id"], owed["sealed"], owed["bucket"]) == (payout.pk, 1001, "owed")


def test_the_rows_behind_a_total_and_behind_a_difference() -> None:
    here, there = rows.coupon(yen=1000), rows.coupon("000000000009", yen=500, prefecture="24")
    rows.seal(here, there)
    rows.payout(here)
    release()
    both = reconcile.rows_of(["22", "24"], "", "", "")
    assert [(row["coupon_id"], row["sealed"]) for row in both] == [(here.pk, 1000), (there.pk, 500)]
    assert [row["bucket"] for row in reconcile.rows_of(["24"], "", "", "")] == ["not_claimed"]
    assert reconcile.rows_of(["22", "24"], "", "", reconcile.DIFFERS) == []
    unguarded("payouts_payoutline", "UPDATE payouts_payoutline SET yen = 999")
    (red,) = reconcile.rows_of(["22", "24"], "", "", reconcile.DIFFERS)
    assert (red["coupon_id"], red["sealed"], red["booked"]) == (here.pk, 1000, 999)


def test_the_command_fails_on_a_difference() -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    rows.payout(coupon)
    release()
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert out.getvalue().splitlines()[-1] == "差異はありません。"
    unguarded("payouts_payoutline", "UPDATE payouts_payoutline SET yen = 999")
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", stdout=StringIO(), stderr=StringIO())
    assert ended.value.code == 1


def test_the_night_keeps_what_it_found(caplog: pytest.LogCaptureFixture) -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    rows.payout(coupon)
    release()
    tasks.reconcile_books("2023-04-11T02:00:00+09:00")
    night = JobRun.objects.get(job="reconcile").outcome
    assert (night["sealed"], night["differences"], night["buckets"]["owed"]) == (
        1000,
        0,
        [1, 1000],
    )
    unguarded("payouts_payoutline", "UPDATE payouts_payoutline SET yen = 999")
    tasks.reconcile_books("2023-04-12T02:00:00+09:00")
    night = JobRun.objects.latest("slot").outcome
    assert (night["differences"], len(night["first"])) == (3, 3)
    assert [record.getMessage() for record in caplog.records] == ["the books differ in 3 places"]


@pytest.mark.django_db(transaction=True)
def test_all_books_are_read_at_one_moment(app_role: psycopg.Connection) -> None:
    coupon = rows.coupon(yen=1000)
    rows.seal(coupon)
    rows.payout(coupon)
    with reconcile.snapshot():
        assert PayoutLine.objects.filter(yen=None).count() == 1
        app_role.execute("UPDATE payouts_payoutline SET yen = 1000")
        assert PayoutLine.objects.filter(yen=None).count() == 1
        assert SealedItem.objects.count() == 1
    assert PayoutLine.objects.filter(yen=None).count() == 0


def test_two_brands_at_one_provider_are_compared_once_and_a_silent_one_hides_nothing(
    tmp_path: Path, settings: Settings
) -> None:
    with Simulator(tmp_path / "gifts.sqlite", secret="a secret of the tests") as running:
        heard = f"api+{running.url.replace('://', '://Heard:a%20secret%20of%20the%20tests@')}"
        settings.GIFT_PROVIDERS = dict.fromkeys(NOTICE.brands, "stock") | {
            "amazon": heard,
            "paypay": heard + "?min=5",
            "edy": "api+http://Silent:key@127.0.0.1:9",
        }
        api = provider_for("amazon")
        issued = Ask(api.request_id(1, 1), "amazon", 700)
        assert isinstance(api.issue(issued), Issued)
        found = reconcile.provider_differences(
            {issued.request_id: 900, "Heard2": 50, "Silent1": 30, "Silent2": 20}, {}
        )
    assert [(each.subject, each.left, each.right) for each in found] == [
        ("no_answer", 50, 0),
        ("Heard2", 50, 0),
        (issued.request_id, 900, 700),
    ]
