"""The stock as a provider: soonest first, once each, by places of their own (N71)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from config import clock
from payouts import gifts
from payouts.models import Code, Order, OrderPart
from payouts.outbound.gifts.provider import Ask, Issued, Rejected
from payouts.shelf import MOST_PARTS, Shelf
from tests.payouts import rows
from tests.payouts.test_gifts import ready

EARLIEST = date(2023, 7, 31)
SHELF = Shelf("22", "ponta", EARLIEST)


def part(number: int = 1, yen: int = 500) -> Ask:
    """A part that wants a code, of an order that nobody looks at."""
    payout = ready(yen=yen, number=f"{number:012d}")
    with transaction.atomic():
        order = Order.objects.create(
            payout=payout, brand="ponta", provider="api", amount=yen, placed_at=rows.LINKS_GO
        )
        ask = Ask(SHELF.request_id(order.pk, 1), "ponta", yen)
        OrderPart.objects.create(order=order, number=1, amount=yen, request_id=ask.request_id)
    return ask


@pytest.mark.django_db
def test_the_same_request_gets_the_same_code() -> None:
    rows.codes("ponta", 500, 3)
    ask = part()
    first, again = SHELF.issue(ask), SHELF.issue(ask)
    assert isinstance(first, Issued)
    assert isinstance(again, Issued)
    assert first.ref == again.ref
    assert Code.objects.exclude(taken_at=None).count() == 1
    assert SHELF.reveal(ask).code.code.startswith("22ponta500-")
    assert SHELF.lookup(ask) == SHELF.reveal(ask)


@pytest.mark.django_db
def test_a_code_that_is_out_is_not_taken_back() -> None:
    rows.codes("ponta", 500, 1)
    ask = part()
    taken = SHELF.issue(ask)
    assert SHELF.cancel(ask, taken.ref) == Rejected("given_out", permanent=True)
    assert [row.request_id for row in SHELF.ledger()] == [ask.request_id]


@pytest.mark.django_db
def test_an_empty_shelf_says_so() -> None:
    ask = part()
    assert SHELF.issue(ask) == Rejected("stock", permanent=False)
    assert SHELF.lookup(ask) == Rejected("not_taken", permanent=False)
    assert SHELF.quote(500).reason_ja == "ただいま在庫がありません。"
    assert (SHELF.funds(), SHELF.counts()) == (0, {})


@pytest.mark.django_db
def test_the_first_to_expire_go_first() -> None:
    rows.codes("ponta", 500, 6)
    soon = list(Code.objects.order_by("id").values_list("id", flat=True)[2:4])
    Code.objects.filter(pk__in=soon).update(expires_on=EARLIEST + timedelta(days=1))
    taken = [int(SHELF.issue(part(number)).ref) for number in range(1, 4)]
    assert sorted(taken[:2]) == soon
    assert taken[2] not in soon


@pytest.mark.django_db
def test_counts_stop_at_what_one_person_may_get_and_pass_over_short_ones() -> None:
    rows.codes("ponta", 500, MOST_PARTS + 5)
    rows.codes("ponta", 100, 2)
    rows.codes("edy", 100, 9)
    Code.objects.filter(brand="ponta", face_value=100).update(
        expires_on=EARLIEST - timedelta(days=1)
    )
    assert SHELF.counts() == {500: MOST_PARTS}
    assert SHELF.funds() == 500 * (MOST_PARTS + 5)


@pytest.mark.django_db(transaction=True)
def test_a_code_in_other_hands_is_stepped_over() -> None:
    rows.codes("ponta", 500, 2)
    first, second = part(1), part(2)

    def other() -> str:
        try:
            return SHELF.issue(second).ref
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        mine = SHELF.issue(first).ref
        assert pool.submit(other).result(timeout=20) != mine


@pytest.mark.django_db(transaction=True)
def test_the_last_codes_go_to_as_many_people() -> None:
    """Sixteen people and twelve codes: twelve get one each, four are told and lose nothing."""
    payouts = [ready(yen=500, number=f"{i:012d}") for i in range(16)]
    rows.codes("ponta", 500, 12)

    def take(payout: object) -> str:
        try:
            with clock.at(rows.LINKS_GO):
                return gifts.choose(payout, "ponta").state
        except gifts.Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(take, payouts))
    while Code.objects.filter(taken_at=None).exists():  # one that stepped over a lock in vain
        missed = [p for p, state in zip(payouts, got, strict=True) if state == "stock"]
        got[payouts.index(missed[0])] = take(missed[0])
    assert sorted(got) == ["issued"] * 12 + ["stock"] * 4
    assert OrderPart.objects.values("code").distinct().count() == 12
