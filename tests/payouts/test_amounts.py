"""Amounts that no brand can pay exactly: marked, told once, cleared again (N72)."""

import pytest
from django.test import Client
from pytest_django import Settings

from config import clock
from payouts import amounts, texts
from payouts.models import Code, Message, Payout
from payouts.outbound.gifts.simulator import Simulator
from tests.payouts import rows
from tests.payouts.test_gifts import ready
from tests.payouts.test_views import address, body

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(rows.LINKS_GO):
        yield


def test_an_amount_between_the_face_values_is_marked_and_told_once() -> None:
    odd, fine = ready(yen=1730), ready(yen=1500, number="000000000002")
    rows.codes("ponta", 500, 1)
    assert amounts.mark() == {"marked": 1, "cleared": 0}
    assert amounts.mark() == {"marked": 0, "cleared": 0}
    odd.refresh_from_db()
    fine.refresh_from_db()
    assert (odd.unpayable_at, fine.unpayable_at) == (rows.LINKS_GO, None)
    message = Message.objects.get(kind="unpayable")
    assert message.subject == f"payout:{odd.pk}"
    assert "/status/" in texts.render(message).body


def test_a_stock_that_is_used_up_marks_nobody() -> None:
    ready(yen=500)
    rows.codes("ponta", 500, 1)
    Code.objects.update(taken_at=rows.LINKS_GO)
    assert amounts.mark() == {"marked": 0, "cleared": 0}


def test_no_stock_at_all_marks_nobody() -> None:
    ready(yen=500)
    assert amounts.mark() == {"marked": 0, "cleared": 0}


def test_another_offices_face_values_do_not_count() -> None:
    ready(yen=1730)
    rows.codes("ponta", 500, 1)
    rows.codes("ponta", 10, 1, prefecture="47")
    assert amounts.mark() == {"marked": 1, "cleared": 0}


def test_a_delivery_of_the_right_face_values_clears_the_mark() -> None:
    ready(yen=1730)
    rows.codes("ponta", 500, 1)
    amounts.mark()
    rows.codes("ponta", 230, 1)
    assert amounts.mark() == {"marked": 0, "cleared": 1}
    assert not Payout.objects.filter(unpayable_at__isnull=False).exists()


def test_an_api_of_single_yen_pays_everything(settings: Settings, tmp_path: object) -> None:
    ready(yen=1731)
    rows.codes("ponta", 500, 1)
    with Simulator(tmp_path / "book.sqlite") as running:
        settings.GIFT_PROVIDERS = settings.GIFT_PROVIDERS | {"amazon": f"api+{running.url}"}
        assert amounts.mark() == {"marked": 0, "cleared": 0}


def test_the_receiving_page_shows_the_way_to_the_bank(client: Client) -> None:
    payout = ready(yen=1730)
    rows.codes("ponta", 500, 1)
    amounts.mark()
    page = body(client, address(payout), proof="0001")
    assert "1,730円にちょうど合うポイントがありません" in page
    assert '<a href="/status/">' in page
    assert 'name="choose"' not in page
