"""The page on which what can't be paid is given up: the work list, two people, no way before."""

from collections.abc import Iterator

import pytest
from django.test import Client

from applications import returns
from applications.models import Application
from config import clock
from config.models import AccessLog
from payouts.models import GivingUp, Payout
from tests.applications import rows
from tests.applications.test_changes import decided
from tests.applications.test_returns import ANSWER, AT, OWN, come_back
from tests.payouts import bank_rows

pytestmark = pytest.mark.django_db
LIST = "/admin/payouts/givingup/"


@pytest.fixture(autouse=True)
def _in_may() -> Iterator[None]:
    with clock.at(bank_rows.CUT_AT):
        decided(method="bank", holder_relation="self")
        bank_rows.office()
    with clock.at(AT):
        come_back()
        yield


def page(client: Client, path: str = "") -> str:
    path = path or f"{LIST}of/{Payout.objects.get().pk}/"
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_people_after_the_last_day(client: Client) -> None:
    there = f"{LIST}of/{Payout.objects.get().pk}/"
    payer, approver = rows.clerk("payer"), rows.clerk("approver")
    rows.signed_in(client, payer)
    with clock.at(returns.end()):
        assert client.post(there, {"reason": " "}).status_code == 422
        assert client.post(there, {"reason": "連絡がつかない"}).status_code == 302
        row = GivingUp.objects.get()
        assert client.post(f"{LIST}{row.pk}/approve/").status_code == 403
        other = rows.signed_in(Client(), approver)
        assert "2,000円の支払不能を確定する" in page(other)
        assert other.post(f"{LIST}{row.pk}/approve/").status_code == 302
        assert "承認済み" in page(client, LIST)
        assert other.get(f"{LIST}{row.pk}/change/")["Location"] == there
    assert Payout.objects.get().state == "given_up"
    assert AccessLog.objects.filter(subject="payout").exists()


def test_before_the_last_day_the_page_says_when(client: Client) -> None:
    rows.signed_in(client, rows.clerk("payer"))
    shown = page(client)
    assert "支払不能を起案する" not in shown
    assert "2023年6月30日（金）23:59" in shown
    answer = client.post(f"{LIST}of/{Payout.objects.get().pk}/", {"reason": "x"})
    assert (answer.status_code, GivingUp.objects.count()) == (422, 0)


def test_the_work_list_says_how_far_each_return_is(client: Client) -> None:
    rows.signed_in(client, rows.clerk("payer"))
    assert "お願いの準備中" in page(client, LIST)
    returns.ask_due()
    assert "口座の訂正をお願い中" in page(client, LIST)
    returns.give(Application.objects.get(), ANSWER, OWN, arrived_at=AT)
    assert "訂正された口座：" in page(client, LIST)
    assert "訂正された口座を確認" not in page(client)
    with clock.at(returns.end()):
        assert "訂正された口座を確認しています" in page(client)


def test_another_prefecture_sees_none_of_it(client: Client) -> None:
    rows.signed_in(client, rows.clerk("payer", "13"))
    assert client.get(f"{LIST}of/{Payout.objects.get().pk}/").status_code == 404
    assert "振込不能の支払い" not in page(client, LIST)
