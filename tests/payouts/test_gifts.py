"""Codes: exact sums only, one order a payout, one code a person (promise 5)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from config import clock
from config.notice import NOTICE
from config.states import Refused
from payouts import gifts, opening, shelf
from payouts.models import Code, Order, OrderPart, Payout, Reveal
from tests.payouts import rows

COUNTS = st.dictionaries(st.sampled_from([50, 100, 300, 500, 1000]), st.integers(1, 5))


@given(amount=st.integers(1, 6000), counts=COUNTS)
def test_parts_are_exact_and_in_stock(amount: int, counts: dict[int, int]) -> None:
    parts = shelf.exact_parts(amount, counts)
    if parts:
        assert sum(parts) == amount
        assert len(parts) <= shelf.MOST_PARTS
        assert all(parts.count(value) <= counts[value] for value in parts)


@given(chosen=st.lists(st.sampled_from([50, 100, 300, 500, 1000]), min_size=1, max_size=10))
def test_a_sum_that_the_stock_can_make_is_made(chosen: list[int]) -> None:
    counts = {value: chosen.count(value) for value in chosen}
    assert len(shelf.exact_parts(sum(chosen), counts)) <= len(chosen)
    assert sum(shelf.exact_parts(sum(chosen), counts)) == sum(chosen)


def ready(*, yen: int = 1500, number: str = "000000000001") -> Payout:
    """A payout that can be taken now."""
    coupon = rows.coupon(number, yen=yen)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    payout.refresh_from_db()
    return payout


@pytest.mark.django_db
def test_offers_are_exact_or_say_why() -> None:
    payout = ready(yen=1500)
    rows.codes("ponta", 500, 3)
    rows.codes("edy", 1000, 9)
    offers = {offer.brand.key: offer for offer in gifts.offers(payout)}
    assert list(offers) == ["amazon", "ponta", "paypay", "edy", "nanaco"]
    assert offers["ponta"].parts == (500, 500, 500)
    assert offers["edy"].parts == ()
    assert offers["edy"].reason == "1,000円単位のため、1,500円ちょうどではお渡しできません。"
    assert offers["nanaco"].reason == "ただいま在庫がありません。"


@pytest.mark.django_db
def test_the_stock_gives_its_codes_at_once() -> None:
    payout = ready(yen=1500)
    rows.codes("ponta", 500, 3)
    with clock.at(rows.LINKS_GO):
        order = gifts.choose(payout, "ponta")
        shown = gifts.reveal(payout.links.get())
    assert order.state == "issued"
    assert [item.yen for item in shown] == [500, 500, 500]
    assert len({item.code for item in shown}) == 3
    assert Code.objects.filter(taken_at=None).count() == 0
    assert Reveal.objects.count() == 1
    payout.refresh_from_db()
    assert payout.state == "issued"


@pytest.mark.django_db
def test_a_stored_code_is_not_readable() -> None:
    rows.codes("ponta", 500, 1)
    code = Code.objects.get()
    assert b"22ponta500-0" not in bytes(code.secret)


@pytest.mark.django_db
def test_another_offices_codes_are_not_offered() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1, prefecture="47")
    with clock.at(rows.LINKS_GO), pytest.raises(Refused):
        gifts.choose(payout, "ponta")
    assert Order.objects.count() == 0


@pytest.mark.django_db
def test_a_code_that_ends_too_soon_is_not_given() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 2)
    enough = gifts.kept_until(opening.receives_until(payout))
    assert enough == date(2023, 7, 31)  # 60 days after the last day of May
    Code.objects.update(expires_on=enough - timedelta(days=1))
    with clock.at(rows.LINKS_GO):
        assert gifts.offer(payout, NOTICE.brands["ponta"]).reason == "ただいま在庫がありません。"
        with pytest.raises(Refused) as refused:
            gifts.choose(payout, "ponta")
        assert refused.value.code == "stock"
        good = Code.objects.latest("pk")
        Code.objects.filter(pk=good.pk).update(expires_on=enough)
        assert gifts.offer(payout, NOTICE.brands["ponta"]).parts == (500,)
        assert gifts.choose(payout, "ponta").parts.get().code == good


@pytest.mark.django_db
def test_a_longer_time_to_receive_asks_for_longer_codes() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    Code.objects.update(expires_on=gifts.kept_until(opening.receives_until(payout)))
    payout.receives_until = opening.receives_until(payout) + timedelta(days=1)
    assert gifts.provider_of(payout, "ponta").counts() == {}


@pytest.mark.django_db
def test_taken_is_taken() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 2)
    with clock.at(rows.LINKS_GO):
        gifts.choose(payout, "ponta")
        with pytest.raises(Refused) as refused:
            gifts.choose(payout, "ponta")
    assert refused.value.code == "arrow"
    assert Code.objects.filter(taken_at=None).count() == 1


@pytest.mark.django_db
def test_after_the_end_nothing_is_given() -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    with clock.at(opening.receives_until(payout)), pytest.raises(Refused) as refused:
        gifts.choose(payout, "ponta")
    assert refused.value.code == "closed"


@pytest.mark.django_db
def test_issued_without_a_code_is_refused_by_the_database() -> None:
    payout = ready(yen=500)
    with pytest.raises(DatabaseError, match="without an issued order"), transaction.atomic():
        for state in ("issuing", "issued"):
            Payout.objects.filter(pk=payout.pk).update(state=state)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_parts_that_miss_the_amount_are_refused_by_the_database() -> None:
    payout = ready(yen=500)
    at = rows.LINKS_GO
    with pytest.raises(DatabaseError, match="has parts of"), transaction.atomic():
        order = Order.objects.create(
            payout=payout, brand="edy", provider="stock", amount=500, placed_at=at
        )
        OrderPart.objects.create(order=order, number=1, amount=499, request_id="R1")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_a_second_live_order_is_refused_by_the_database() -> None:
    payout = ready(yen=500)
    for _ in range(1):
        Order.objects.create(
            payout=payout, brand="edy", provider="api", amount=500, placed_at=rows.LINKS_GO
        )
    with pytest.raises(IntegrityError, match="order_one_live"), transaction.atomic():
        Order.objects.create(
            payout=payout, brand="nanaco", provider="api", amount=500, placed_at=rows.LINKS_GO
        )
    Order.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_on_one_stock_and_one_link() -> None:
    """Sixteen clicks on each of four links: four codes go, each once."""
    payouts = [ready(yen=500, number=f"{i:012d}") for i in range(4)]
    rows.codes("ponta", 500, 6)

    def click(payout: Payout) -> bool:
        try:
            with clock.at(rows.LINKS_GO):
                gifts.choose(payout, "ponta")
            return True
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(click, payouts * 16))
    assert sum(taken) == 4
    assert Code.objects.exclude(taken_at=None).count() == 4
    assert OrderPart.objects.values("code").distinct().count() == 4
