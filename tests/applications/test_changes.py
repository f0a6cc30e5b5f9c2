"""What an applicant may change, and when: never both roads alive, two people for a new account."""

from datetime import datetime, timedelta

import pytest

from applications import changes, review, tokens
from applications.answers import AccountAnswer
from applications.changes import Wish
from applications.models import Amendment, Application, Correction
from config import clock
from config.clock import JST
from config.notice import NOTICE
from config.states import Refused
from payouts import accounts, links, opening, transfers
from payouts.models import Link, Message, Payout, PayoutLine
from tests.applications import rows
from tests.payouts import bank_rows
from tests.payouts import rows as money

pytestmark = pytest.mark.django_db
AT = datetime(2023, 4, 10, 10, tzinfo=JST)
ACCOUNT = AccountAnswer("0001", "見本銀行", "002", "支店", "1", "7654321", "シズオカ ハナコ")
HOLDER = {"holder_relation": "self", "postal_code": "4200001", "address": "静岡市1-2-3"}
BANK = Wish("bank", "sms", "+819012345678", ACCOUNT, HOLDER)
POINTS = Wish("points", "sms", "+819012345678")


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(AT):
        yield


def decided(*, ready: bool = True, **values: object) -> Application:
    """An application that two people approved; its payout is ready, or waits for the seal."""
    coupon = rows.coupon()
    if ready:
        money.seal(coupon)
    row = rows.application(coupon, **values)
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))
    opening.release_due()
    return row


def refusal(act: object, *given: object, **named: object) -> str:
    with pytest.raises(Refused) as caught:
        act(*given, **named)
    return caught.value.code


def change(row: Application, wish: Wish, at: datetime = AT) -> Application:
    return changes.change_road(row, wish, arrived_at=at)


def test_before_the_decision_the_application_changes() -> None:
    row = change(rows.application(rows.coupon()), BANK)
    row.refresh_from_db()
    assert (row.state, row.method, row.address) == ("received", "bank", "静岡市1-2-3")
    assert accounts.read(row.bank_account).account_number == "7654321"
    fields = set(Amendment.objects.values_list("field", flat=True))
    assert fields == {"method", "bank_account", "holder_relation", "postal_code", "address"}
    assert Message.objects.get().kind == "changed"
    assert row.steps.last().reason == "changed_by_applicant"


def test_and_back_to_points_forgets_the_account() -> None:
    row = rows.application(rows.coupon(), method="bank", holder_relation="self")
    change(row, POINTS)
    row.refresh_from_db()
    assert (row.method, row.bank_account, row.holder_relation) == ("points", None, "")
    assert Message.objects.get().kind == "receipt"  # the first message to this contact


def test_a_checked_case_is_checked_anew() -> None:
    row = rows.application(rows.coupon())
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    change(row, BANK)
    row.refresh_from_db()
    assert (row.state, row.checked_by) == ("received", None)


@pytest.mark.parametrize("ready", [True, False])
def test_after_the_decision_an_account_goes_back_to_the_office(ready: bool) -> None:
    row = decided(ready=ready)
    payout = Payout.objects.get()
    change(row, BANK)
    row.refresh_from_db()
    payout.refresh_from_db()
    assert (row.state, row.method, row.marks) == ("received", "bank", ["changed_after"])
    assert (row.claims.get().state, payout.state) == ("pending", "cancelled")
    assert not Link.objects.filter(replaced_at=None).exists()
    assert not PayoutLine.objects.filter(released_at=None).exists()
    assert refusal(review.check_clean, row) == "unclean"


def test_the_new_road_is_decided_by_two_people_and_pays_once() -> None:
    row = change(decided(), BANK)
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    review.approve(row, by=rows.clerk("approver"))
    opening.release_due()
    live = Payout.objects.exclude(state="cancelled").get()
    assert (live.road, live.state, live.bank_account) == ("bank", "ready", row.bank_account)


@pytest.mark.parametrize("ready", [True, False])
def test_from_bank_to_the_contact_on_record_moves_at_once(ready: bool) -> None:
    contact = {"channel": "sms", "delivery": "+819012345678"}
    row = decided(ready=ready, method="bank", holder_relation="self", **contact)
    change(row, POINTS)
    payout = Payout.objects.get()
    assert (row.state, row.method) == ("decided", "points")
    assert (payout.road, payout.bank_account) == ("points", None)
    assert Link.objects.filter(replaced_at=None).count() == (1 if ready else 0)


def test_from_bank_to_a_new_contact_goes_back_to_the_office() -> None:
    row = change(decided(method="bank", holder_relation="self"), POINTS)
    assert (row.state, row.method, row.marks) == ("received", "points", ["changed_after"])
    assert Payout.objects.get().state == "cancelled"


def test_only_the_contact_after_the_decision_takes_a_request() -> None:
    row = decided()
    wish = Wish("points", "email", "a@example.jp")
    assert refusal(changes.change_road, row, wish, arrived_at=AT) == "contact"
    assert Payout.objects.get().address == "+819012345678"


def test_the_same_again_is_told() -> None:
    row = rows.application(rows.coupon())
    assert refusal(changes.change_road, row, POINTS, arrived_at=AT) == "same"


def test_it_may_be_changed_until_receiving_closes() -> None:
    row, end = rows.application(rows.coupon()), NOTICE.dates.receiving_closes
    assert refusal(changes.change_road, row, BANK, arrived_at=end) == "late"
    assert not changes.changeable(row, end)
    assert change(row, BANK, end - timedelta(microseconds=1)).method == "bank"


@pytest.mark.parametrize("state", ["issuing", "lapsed"])
def test_a_payout_that_has_gone_binds(state: str) -> None:
    row = decided()
    Payout.objects.get().move(state)
    assert refusal(changes.change_road, row, BANK, arrived_at=AT) == "moved"
    assert not changes.changeable(row, AT)


def test_a_batch_binds() -> None:
    row = decided(method="bank", holder_relation="self")
    bank_rows.office()
    transfers.cut("22", bank_rows.MONDAY, by=bank_rows.clerk("payer"))
    assert Payout.objects.get().state == "listed"
    assert refusal(changes.change_road, row, POINTS, arrived_at=AT) == "moved"


def test_withdrawal_before_the_decision() -> None:
    row = rows.application(rows.coupon(), rows.coupon())
    review.ask(row, ["person"], by=rows.clerk())
    changes.withdraw(row)
    assert row.state == "withdrawn"
    assert {claim.state for claim in row.claims.all()} == {"withdrawn"}
    assert Message.objects.filter(kind="withdrawn").count() == 1
    assert Correction.objects.get().replaced_at == AT
    assert refusal(changes.withdraw, row) == "moved"


def test_a_checked_case_is_withdrawn_by_way_of_received() -> None:
    row = rows.application(rows.coupon())
    review.check(row, {row.claims.get().pk: ("approved", "")}, by=rows.clerk())
    changes.withdraw(row)
    last = list(row.steps.order_by("id").values_list("old", "new", "by"))[-2:]
    assert last == [("checked", "received", None), ("received", "withdrawn", None)]


def test_no_withdrawal_after_the_decision() -> None:
    row = decided()
    assert refusal(changes.withdraw, row) == "moved"
    assert Payout.objects.get().state == "ready"


def test_the_link_is_sent_again_three_times_a_day() -> None:
    row = decided()
    for generation in (2, 3, 4):
        assert changes.send_again(row) == "link"
        assert Link.objects.get(replaced_at=None).generation == generation
    assert refusal(changes.send_again, row) == "limit"
    assert Message.objects.filter(kind="link").count() == 4


def test_a_locked_link_is_opened_by_the_office_alone() -> None:
    row = decided()
    for _ in range(links.TRIES):
        with pytest.raises(Refused):
            links.prove(Link.objects.get(), ["0000"])
    assert refusal(changes.send_again, row) == "locked"
    assert Link.objects.count() == 1


def test_an_open_question_is_sent_again() -> None:
    row = review.ask(rows.application(rows.coupon()), ["person"], by=rows.clerk())
    old = tokens.token_of(Correction.objects.get())
    assert changes.send_again(row) == "correct"
    assert tokens.find(Correction, old) is None


def test_nothing_is_sent_where_nothing_is_open() -> None:
    assert refusal(changes.send_again, rows.application(rows.coupon())) == "nothing"
