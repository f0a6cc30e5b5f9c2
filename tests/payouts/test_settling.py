"""What a gift provider answers, over real HTTP with the repository's simulator (promise 5)."""

from collections.abc import Iterator

import pytest
from django.test import Client

from config import clock
from payouts import gifts, settling
from payouts.models import Order, Payout
from payouts.outbound.gifts.simulator import Simulator
from tests.payouts import rows
from tests.payouts.test_gifts import ready
from tests.payouts.test_views import address


@pytest.fixture
def simulator(settings: object, tmp_path: object) -> Iterator[Simulator]:
    """The repository's gift provider, over real HTTP on this machine."""
    with Simulator(tmp_path / "book.sqlite") as running:
        address = f"api+{running.url}"
        settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {
            "amazon": address,
            "paypay": f"{address}?max=1000",
        }
        yield running


@pytest.mark.django_db
def test_the_api_pays_any_whole_yen(simulator: Simulator) -> None:
    payout = ready(yen=1731)
    with clock.at(rows.LINKS_GO):
        order = settling.settle(gifts.choose(payout, "amazon"))
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
        order = settling.settle(gifts.choose(payout, "amazon"))
        payout.refresh_from_db()
        assert (order.state, payout.state) == ("placed", "issuing")
        assert settling.settle_due() == 0  # its time has not come
        Order.objects.update(next_at=None)
        assert settling.settle_due() == 1
    payout.refresh_from_db()
    assert payout.state == "issued"
    assert simulator.report()["issues"] == 1


@pytest.mark.django_db
def test_a_refused_order_leaves_the_choice_open(simulator: Simulator) -> None:
    payout = ready(yen=500)
    rows.codes("ponta", 500, 1)
    simulator.become("no-funds")
    with clock.at(rows.LINKS_GO):
        assert settling.settle(gifts.choose(payout, "amazon")).state == "rejected"
        payout.refresh_from_db()
        assert gifts.choose(payout, "ponta").state == "issued"


@pytest.mark.django_db
def test_a_wrong_amount_is_never_taken_for_issued(simulator: Simulator) -> None:
    payout = ready(yen=1731)
    simulator.become("wrong-amount")
    with clock.at(rows.LINKS_GO):
        assert settling.settle(gifts.choose(payout, "amazon")).state == "rejected"
    assert simulator.report()["yen"] == 0  # it was taken back
    payout.refresh_from_db()
    assert payout.state == "ready"


@pytest.mark.django_db
def test_parts_are_all_issued_or_none(simulator: Simulator) -> None:
    """Two parts and funds for one: the issued one is taken back before another brand is chosen."""
    payout = ready(yen=2000)
    rows.codes("ponta", 1000, 2)
    simulator.book.set_funds(1000)
    with clock.at(rows.LINKS_GO):
        order = settling.settle(gifts.choose(payout, "paypay"))
        assert order.state == "rejected"
        assert simulator.report()["yen"] == 0
        payout.refresh_from_db()
        assert gifts.choose(payout, "ponta").state == "issued"


@pytest.mark.django_db
def test_a_part_that_stays_keeps_its_order(simulator: Simulator) -> None:
    """Where the issued part can't be cancelled the choice is not open again."""
    payout = ready(yen=2000)
    simulator.book.set_funds(1000)
    simulator.cancel_seconds = 0
    with clock.at(rows.LINKS_GO):
        order = settling.settle(gifts.choose(payout, "paypay"))
        assert order.state == "placed"
        simulator.book.set_funds(1000)
        Order.objects.update(next_at=None)
        assert settling.settle_due() == 1
    assert simulator.report()["yen"] == 2000


@pytest.mark.django_db
def test_one_order_in_trouble_keeps_nobody_waiting(simulator: Simulator, settings: object) -> None:
    """A brand that lost its provider is passed over; the order behind it is settled."""
    stuck, fine = ready(yen=500), ready(yen=700, number="000000000002")
    with clock.at(rows.LINKS_GO):
        gifts.choose(stuck, "paypay")
        gifts.choose(fine, "amazon")
        settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {"paypay": "stock"}
        assert settling.settle_due() == 1
    assert list(Order.objects.order_by("id").values_list("state", flat=True)) == [
        "placed",
        "issued",
    ]


class Visit:
    """A person on the receiving page, proved; `at` is one moment, since the page judges arrival."""

    def __init__(self, client: Client, payout: Payout) -> None:
        self.client, self.path = client, address(payout)
        self.post(proof="0001")

    def post(self, **typed: str) -> str:
        """The page after a button."""
        return self.client.post(self.path, typed, follow=True).content.decode()

    def look(self) -> str:
        """The page as it is."""
        return self.client.get(self.path).content.decode()


@pytest.fixture
def visit(client: Client, simulator: Simulator) -> Iterator[Visit]:
    """Somebody who may choose 1,731 yen of Amazon, on a day of receiving."""
    payout = ready(yen=1731)
    with clock.at(rows.LINKS_GO):
        yield Visit(client, payout)


CODE, WAITING = '<p class="code">', "コードの発行を確認しています"
CHOICE = "ポイントの種類をお選びください"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mode", "first", "then", "issues", "yen"),
    [
        ("ok", CODE, CODE, 1, 1731),
        ("slow", CODE, CODE, 1, 1731),
        ("timeout-after-issue", WAITING, CODE, 1, 1731),
        ("throttled", WAITING, CODE, 1, 1731),
        ("500", WAITING, CODE, 1, 1731),
        ("no-funds", CHOICE, CHOICE, 0, 0),
        ("wrong-amount", CHOICE, CHOICE, 1, 0),
    ],
)
def test_the_page_of_each_trouble_and_after_it(
    simulator: Simulator, visit: Visit, mode: str, first: str, then: str, issues: int, yen: int
) -> None:
    simulator.become(mode, times=1, delay=0.1)
    assert first in visit.post(brand="amazon", confirm="1")
    assert first in visit.look()
    Order.objects.update(next_at=None)
    settling.settle_due()
    assert then in visit.look()
    report = simulator.report()
    assert (report["issues"], report["yen"]) == (issues, yen)
    if first == CHOICE:
        assert CODE in visit.post(brand="amazon", confirm="1")
        assert simulator.report()["yen"] == 1731
        assert Order.objects.filter(state="issued").count() == 1


@pytest.mark.django_db
def test_a_provider_that_is_away_when_the_code_is_looked_at_again(
    simulator: Simulator, visit: Visit
) -> None:
    visit.post(brand="amazon", confirm="1")
    simulator.become("500", times=1)
    assert "コードの発行元から応答がありません" in visit.look()
    assert CODE in visit.look()
