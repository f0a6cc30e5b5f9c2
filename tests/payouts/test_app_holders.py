"""The app-holder run: one payout an account and prefecture, once, signed by two (N20 to N24)."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from config import clock
from config.notice import NOTICE
from config.states import Refused
from payouts import app_holders, opening
from payouts.models import AppHolderRun, Message, Payout, PayoutLine
from tests.payouts import rows, sealed_rows

pytestmark = pytest.mark.django_db


def opened() -> list[tuple[str, str, str, str, int]]:
    """account, prefecture, channel, address, lines of every app-holder payout."""
    return [
        (p.app_account, p.prefecture_code, p.channel, p.address, p.lines.count())
        for p in Payout.objects.filter(origin="app_holder").order_by("id")
    ]


def test_one_payout_an_account_and_prefecture() -> None:
    sealed_rows.in_app(1)
    sealed_rows.in_app(2)
    sealed_rows.in_app(3, prefecture="47")
    sealed_rows.in_app(4, "U2", app_phone="")
    run = sealed_rows.run()
    assert app_holders.open_for_app_holders() == {
        "runs": 1,
        "payouts": 3,
        "coupons": 4,
        "yen": 4010,
    }
    assert opened() == [
        ("U1", "22", "sms", "+819012345678", 2),
        ("U1", "47", "sms", "+819012345678", 1),
        ("U2", "22", "email", "a@example.jp", 1),
    ]
    payout = Payout.objects.earliest("id")
    assert (payout.state, payout.road, payout.proofs, payout.amount) == (
        "waiting",
        "points",
        [],
        None,
    )
    assert (payout.prepared_by, payout.approved_by) == (run.prepared_by, run.approved_by)
    assert list(payout.steps.values_list("old", "new", "reason")) == [("", "waiting", "app_holder")]
    run.refresh_from_db()
    assert (run.state, run.opened_payouts, run.opened_coupons, run.opened_yen) == (
        "finished",
        3,
        4,
        4010,
    )
    sealed_rows.check_now()


def test_the_preview_tells_what_a_run_opens() -> None:
    sealed_rows.in_app(1)
    sealed_rows.in_app(2, "U2", app_phone="+81312345678")  # no SMS to a landline
    sealed_rows.in_app(3, "U3", app_phone="", app_email="")
    sealed_rows.in_app(4, prefecture="47")
    assert app_holders.preview(["22", "47"]) == [
        app_holders.Preview("22", 2, 2, 2003, 1, 1, 1, 1003),
        app_holders.Preview("47", 1, 1, 1004, 1, 0, 0, 0),
    ]
    run = sealed_rows.run()
    assert (run.payouts, run.coupons, run.yen) == (3, 3, 3007)
    app_holders.open_for_app_holders()
    run.refresh_from_db()
    assert (run.opened_payouts, run.opened_coupons, run.opened_yen) == (3, 3, 3007)


def test_nobody_who_left_the_app_is_reached() -> None:
    coupon = rows.coupon()
    rows.seal(coupon)  # by application
    with pytest.raises(Refused) as refused:
        app_holders.prepare(sealed_rows.clerk("preparer"))
    assert refused.value.code == "empty"


def test_nothing_before_the_seal() -> None:
    with pytest.raises(Refused) as refused:
        app_holders.prepare(sealed_rows.clerk("preparer"))
    assert refused.value.code == "unsealed"


def test_a_run_twice_opens_nothing_new() -> None:
    sealed_rows.in_app(1)
    sealed_rows.run()
    app_holders.open_for_app_holders()
    assert app_holders.open_for_app_holders()["payouts"] == 0
    with pytest.raises(Refused):
        app_holders.prepare(sealed_rows.clerk("preparer"))
    sealed_rows.in_app(2)
    sealed_rows.run()
    assert app_holders.open_for_app_holders()["payouts"] == 1
    assert [lines for *_, lines in opened()] == [1, 1]


def test_a_coupon_that_another_road_holds_is_left_out() -> None:
    taken, free = sealed_rows.in_app(1), sealed_rows.in_app(2)
    rows.payout(taken, road="bank", bank_account=rows.account())
    sealed_rows.run()
    app_holders.open_for_app_holders()
    assert list(
        PayoutLine.objects.filter(payout__origin="app_holder").values_list("coupon", flat=True)
    ) == [free.pk]


def test_a_coupon_that_is_asked_for_is_left_out() -> None:
    asked, free = sealed_rows.in_app(1), sealed_rows.in_app(2)
    reserved = f"SELECT WHERE item.coupon_id = {asked.pk}"
    run = app_holders.prepare(sealed_rows.clerk("preparer"), reserved)
    assert run.yen == 1002
    app_holders.approve(run, sealed_rows.clerk("second"))
    app_holders.open_for_app_holders(reserved)
    assert PayoutLine.objects.get().coupon == free


def test_two_people() -> None:
    sealed_rows.in_app(1)
    run = app_holders.prepare(sealed_rows.clerk("preparer"))
    assert app_holders.open_for_app_holders()["payouts"] == 0
    with pytest.raises(Refused) as refused:
        app_holders.approve(run, sealed_rows.clerk("preparer"))
    assert refused.value.code == "two_people"
    with pytest.raises(IntegrityError, match="app_holder_run_two_people"), transaction.atomic():
        AppHolderRun.objects.update(approved_by=run.prepared_by, approved_at=clock.now())
    with pytest.raises(IntegrityError, match="approved_first"), transaction.atomic():
        AppHolderRun.objects.update(opened_payouts=1)


def test_each_office_its_own() -> None:
    sealed_rows.in_app(1)
    sealed_rows.in_app(2, prefecture="47")
    run = app_holders.prepare(sealed_rows.clerk("shizuoka", "22"))
    assert (run.prefectures, run.payouts) == (["22"], 1)
    with pytest.raises(Refused) as refused:
        app_holders.approve(run, sealed_rows.clerk("okinawa", "47"))
    assert refused.value.code == "prefecture"
    app_holders.approve(run, sealed_rows.clerk("second"))
    app_holders.open_for_app_holders()
    assert [prefecture for _, prefecture, *_ in opened()] == ["22"]


def test_a_second_run_there_waits_and_a_cancelled_one_opens_nothing() -> None:
    sealed_rows.in_app(1)
    run = app_holders.prepare(sealed_rows.clerk("preparer"))
    with pytest.raises(Refused) as refused:
        app_holders.prepare(sealed_rows.clerk("second"))
    assert refused.value.code == "open"
    app_holders.cancel(run, sealed_rows.clerk("preparer"))
    with pytest.raises(Refused):
        app_holders.approve(run, sealed_rows.clerk("second"))
    assert app_holders.open_for_app_holders()["payouts"] == 0


def test_chunks_go_on_where_they_were() -> None:
    for number in range(1, 8):
        sealed_rows.in_app(number, f"U{number}")
    run = sealed_rows.run()
    assert app_holders.open_for_app_holders(chunk=3, limit=1)["payouts"] == 3
    run.refresh_from_db()
    assert (run.reached, run.opened_payouts, run.state) == ("U3", 3, "approved")
    assert app_holders.open_for_app_holders(chunk=3)["payouts"] == 4
    assert [account for account, *_ in opened()] == [f"U{number}" for number in range(1, 8)]


def test_supplements_go_with_their_coupon_and_nothing_at_zero() -> None:
    more, gone = sealed_rows.in_app(1), sealed_rows.in_app(2, "U2")
    for coupon, yen in ((more, 300), (gone, -1002)):
        base = coupon.sealed_items.get()
        base.pk, base.edition, base.yen = None, 1, yen
        base.prepared_by, base.approved_by = rows.clerk("reviewer"), rows.clerk("approver")
        base.save()
    sealed_rows.run()
    assert app_holders.open_for_app_holders()["yen"] == 1301
    assert opened() == [("U1", "22", "sms", "+819012345678", 2)]


def test_links_go_out_in_the_hours_of_the_notice() -> None:
    sealed_rows.in_app(1)
    sealed_rows.in_app(2)
    sealed_rows.run()
    app_holders.open_for_app_holders()
    with clock.at(NOTICE.dates.first_links - timedelta(minutes=1)):
        assert opening.release_due()["ready"] == 0
    with clock.at(rows.LINKS_GO):
        assert opening.release_due()["ready"] == 1
    payout = Payout.objects.get()
    assert (payout.state, payout.amount) == ("ready", 2003)
    assert Message.objects.get().address == "+819012345678"


def test_a_hundred_go_in_waves_each_with_its_own_link() -> None:
    for number in range(1, 31):
        sealed_rows.in_app(number, f"U{number}")
    sealed_rows.run()
    app_holders.open_for_app_holders()
    with clock.at(rows.LINKS_GO):
        assert opening.release_due(limit=7) == {"ready": 7, "nothing_due": 0}
        assert opening.release_due() == {"ready": 23, "nothing_due": 0}
    assert Message.objects.values("key", "link").distinct().count() == 30
    assert set(Payout.objects.values_list("state", flat=True)) == {"ready"}
    assert Payout.objects.order_by("amount").first().amount == 1001
    sealed_rows.check_now()


def test_choosing_the_bank_cancels_the_unused_link() -> None:
    wanted, rest = sealed_rows.in_app(1), sealed_rows.in_app(2)
    sealed_rows.run()
    app_holders.open_for_app_holders()
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    before = Payout.objects.get()
    (after,) = app_holders.give_way([wanted], by=rows.clerk("approver"), reason="bank")
    bank = rows.payout(wanted, road="bank", bank_account=rows.account())
    sealed_rows.check_now()
    before.refresh_from_db()
    assert (before.state, before.links.filter(replaced_at=None).count()) == ("cancelled", 0)
    assert (after.state, after.origin, after.address) == (
        "waiting",
        "app_holder",
        "+819012345678",
    )
    assert after.lines.get().coupon == rest
    assert bank.lines.get().coupon == wanted
    with clock.at(rows.LINKS_GO):
        assert opening.release_due() == {"ready": 2, "nothing_due": 0}


def test_the_only_coupon_leaves_nothing_behind() -> None:
    wanted = sealed_rows.in_app(1)
    sealed_rows.run()
    app_holders.open_for_app_holders()
    assert app_holders.give_way([wanted], by=rows.clerk("approver"), reason="bank") == []
    assert Payout.objects.get().state == "cancelled"
    sealed_rows.check_now()


def test_a_used_link_stops_the_bank() -> None:
    wanted = sealed_rows.in_app(1)
    sealed_rows.run()
    app_holders.open_for_app_holders()
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    payout = Payout.objects.get()
    payout.move("issuing")
    with pytest.raises(Refused) as refused:
        app_holders.give_way([wanted], by=rows.clerk("approver"), reason="bank")
    assert refused.value.code == "app_used"
    assert app_holders.giving_way({payout.pk}) == frozenset()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_open_each_account_once() -> None:
    for number in range(1, 41):
        sealed_rows.in_app(number, f"U{number:02d}")
    sealed_rows.run()
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(app_holders.open_for_app_holders(chunk=3)["payouts"])
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 40
    assert sorted(account for account, *_ in opened()) == [f"U{n:02d}" for n in range(1, 41)]


@pytest.mark.django_db(transaction=True)
def test_a_road_that_was_faster_keeps_its_coupon() -> None:
    taken = sealed_rows.in_app(1)
    sealed_rows.in_app(2, "U2")
    sealed_rows.run()
    begun, go = threading.Event(), threading.Event()

    def approve_by_bank() -> None:
        try:
            with transaction.atomic():
                rows.payout(taken, road="bank", bank_account=rows.account())
                begun.set()
                go.wait(20)
        finally:
            connection.close()

    def open_run() -> None:
        try:
            app_holders.open_for_app_holders()
        finally:
            connection.close()

    office = threading.Thread(target=approve_by_bank)
    office.start()
    assert begun.wait(20)
    worker = threading.Thread(target=open_run)
    worker.start()
    for _ in range(1000):  # until the worker stands behind the office's line
        if go.wait(0.01) or waits_for_a_lock():
            break
    go.set()
    office.join()
    worker.join()
    assert opened() == [("U2", "22", "sms", "+819012345678", 1)]
    assert PayoutLine.objects.get(coupon=taken).payout.road == "bank"


def waits_for_a_lock() -> bool:
    """Whether some connection to this database stands in a queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'"""
        )
        return cursor.fetchone()[0] > 0
