"""What the stock holds against what is still due, and the alarm of it."""

from datetime import date, timedelta

import pytest
from pytest_django import Settings

from applications import watching
from config import clock
from payouts import gifts, levels, tasks
from payouts.models import Code
from payouts.outbound.gifts.simulator import Simulator
from tests.payouts import rows
from tests.payouts.test_gifts import ready

pytestmark = pytest.mark.django_db


def level(brand: str) -> levels.Level:
    """Shizuoka's stock of one brand."""
    (found,) = [each for each in levels.levels(["22"]) if each.brand == brand]
    return found


def test_what_is_due_is_shared_among_the_brands_as_they_were_chosen() -> None:
    rows.codes("ponta", 1000, 3)
    first = ready(yen=1000)
    with clock.at(rows.LINKS_GO):
        gifts.choose(first, "ponta")
        ready(yen=3000, number="000000000002")
    assert level("ponta").forecast == 1000  # two of six parts
    assert level("edy").forecast == 500
    assert (level("ponta").free, level("ponta").yen, level("ponta").low) == (2, 2000, False)
    assert level("edy").low


def test_codes_that_end_too_soon_are_held_back_and_shown() -> None:
    rows.codes("ponta", 500, 3)
    short = Code.objects.first()
    Code.objects.filter(pk=short.pk).update(expires_on=date(2023, 7, 1))
    assert (level("ponta").free, level("ponta").held_back) == (2, 1)


def test_the_funds_of_a_provider_are_asked_once(settings: Settings, tmp_path: object) -> None:
    ready(yen=1000)
    with Simulator(tmp_path / "book.sqlite") as running:
        address = f"api+{running.url}"
        settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {"amazon": address, "paypay": address}
        running.book.set_funds(399)
        (found,) = levels.funds()
    assert (found.brands, found.yen, found.forecast) == (("amazon", "paypay"), 399, 400)
    assert found.low


def test_a_provider_that_does_not_answer_is_no_lack_of_funds(settings: Settings) -> None:
    ready(yen=1000)
    settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {"amazon": "api+http://127.0.0.1:9"}
    (found,) = levels.funds()
    assert (found.yen, found.low) == (None, False)


def test_the_watch_tells_of_a_stock_that_runs_low() -> None:
    at = rows.LINKS_GO + timedelta(days=1)
    with clock.at(at):
        ready(yen=1000)
        rows.codes("ponta", 1000, 1)
        tasks.look_at_stock(at.isoformat())
        (found,) = watching.short_stock(at)
        assert found.key == "stock"
        assert found.detail == "4件（静岡県 Amazon ギフトカード、静岡県 PayPay ポイント）"
        assert found.path().endswith("/payouts/code/levels/")
        for brand in ("amazon", "paypay", "edy", "nanaco"):
            rows.codes(brand, 1000, 1)
        tasks.look_at_stock((at + timedelta(minutes=10)).isoformat())
        assert list(watching.short_stock(at)) == []
