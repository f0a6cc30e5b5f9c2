"""Codes: exact sums only, one order a payout, one code a person (promise 5)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from config import clock
from config.states import Refused
from payouts import gifts, opening
from payouts.models import Code, Order, OrderPart, Payout, Reveal
from payouts.outbound.gifts.simulator import Simulator
from tests.payouts import rows

COUNTS = st.dictionaries(st.sampled_from([50, 100, 300, 500, 1000]), st.integers(1, 5))


@given(amount=st.integers(1, 6000), counts=COUNTS)
def test_parts_are_exact_and_in_stock(amount: int, counts: dict[int, int]) -> None:
    parts = gifts.exact_parts(amount, counts)
    if parts:
        assert sum(parts) == amount
        assert len(parts) <= gifts.MOST_PARTS
        assert all(parts.count(value) <= counts[value] for value in parts)


@given(chosen=st.lists(st.sampled_from([50, 100, 300, 500, 1000]), min_size=1, max_size=10))
def test_a_sum_that_the_stock_can_make_is_made(chosen: list[int]) -> None:
    counts = {value: chosen.count(value) for value in chosen}
    assert len(gifts.exact_parts(sum(chosen), counts)) <= len(chosen)
    assert sum(gifts.exact_parts(sum(chosen), counts)) == sum(chosen)


def ready(*, yen: int = 1500, number: str = "000000000001") -> Payout:
    """A payout that can be taken now."""
    coupon = rows.coupon(number, yen=yen)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    payout.refresh_from_db()
    return payout


@pytest.fixture
def simulator(settings: object, tmp_path: object) -> Iterator[Simulator]:
    """The repository's gift provider, over real HTTP on this machine."""
    with Simulator(tmp_path / "book.sqlite") as running:
        address = f"api+{running.url}"
        settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {"amazon": address, "paypay": address}
        yield running


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
def test_the_api_pays_any_whole_yen(simulator: Simulator) -> None:
    payout = ready(yen=1731)
    with clock.at(rows.LINKS_GO):
        order = gifts.settle(gifts.choose(payout, "amazon"))
        first, again = (gifts.reveal(payout.links.get()) for _ in range(2))
    assert order.state == "issued"
    assert [item.yen for item in first] == [1731]
    assert first == again
    assert simulator.report()["issues"] == 1


@pytest.mark.django_db
def test_a_lost_answer_is_asked_for_under_the_same_key(simulator: Simulator) -> None:
    payout = ready(yen=1731)
    simulator.become("timeout-after-issue", times=1, delay=0)
    with clock.at(rows.LINKS_GO):
        order = gifts.settle(gifts.choose(payout, "amazon"))
        payout.refresh_from_db()
        assert (order.state, payout.state) == ("placed", "issuing")
        assert gifts.settle_due() == 0  # its time has not come
        Order.objects.update(next_at=None)
        assert gifts.settle_due() == 1
    payout.refresh_from_db()
    assert payout.state == "issued"
    assert simulator.report()["issues"] == 1


@pytest.mark.django_db
def test_a_refused_order_leaves_the_choice_open(simulator: Simulator) -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    simulator.become("no-funds")
    with clock.at(rows.LINKS_GO):
        assert gifts.settle(gifts.choose(payout, "amazon")).state == "rejected"
        payout.refresh_from_db()
        assert gifts.choose(payout, "ponta").state == "issued"


@pytest.mark.django_db
def test_a_wrong_amount_is_never_taken_for_issued(simulator: Simulator) -> None:
    payout = ready(yen=1731)
    simulator.become("wrong-amount")
    with clock.at(rows.LINKS_GO):
        assert gifts.settle(gifts.choose(payout, "amazon")).state == "rejected"
    assert simulator.report()["yen"] == 0  # it was taken back
    payout.refresh_from_db()
    assert payout.state == "ready"


@pytest.mark.django_db
def test_issued_without_a_code_is_refused_by_the_database() -> None:
    payout = ready(yen=500)
    with pytest.raises(DatabaseError, match="without an issued order"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(state="issued")
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
