from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from applications import periods
from applications.validators import banks
from config import clock

OPEN = datetime(2023, 4, 10, 10, tzinfo=clock.JST)
COUPONS = {
    "prefecture": "22",
    "travel_type": "stay",
    "travel_start_year": "2023",
    "travel_start_month": "2",
    "travel_start_day": "23",
    "travel_end_year": "令和5",
    "travel_end_month": "２",
    "travel_end_day": "24",
    "expires_on_outage_day": "yes",
    "inquiry_number_0": "1234-5678-9012",
    "coupon_use_0": "paper",
}
PERSON = {"name": "静岡 花子", "kana": "しずおか はなこ", "phone": "054-251-1111", "email": ""}
RECEIVE = {"method": "points", "channel": "sms", "delivery_phone": "090-1234-5678"}
BY_BANK = {"method": "bank"}
BANK = {
    "bank": "0149",
    "branch": "112",
    "account_type": "1",
    "account_number": "123456",
    "account_holder_kana": "ｼｽﾞｵｶ ﾊﾅｺ",
    "holder_relation": "self",
    "postal_code": "420-8601",
    "address": "静岡市葵区追手町9番6号",
    "lodging": "富士旅館",
}


class Traveller:
    """A browser that goes through the steps."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, step: str = "", **query: Any) -> HttpResponse:
        return self.client.get(f"/apply/{step + '/' if step else ''}", query)

    def post(
        self, step: str, data: dict[str, Any], button: str = "next", **extra: Any
    ) -> HttpResponse:
        return self.client.post(f"/apply/{step}/", {**data, button: "1"}, **extra)

    def fill(self, *, bank: bool = False, **changes: dict[str, Any]) -> None:
        steps = {"coupons": COUPONS, "person": PERSON, "receive": BY_BANK if bank else RECEIVE}
        if bank:
            steps["bank"] = BANK
        for step, data in steps.items():
            answer = self.post(step, changes.get(step, data))
            assert answer.status_code == 302, answer.context["form"].errors

    def send(self) -> HttpResponse:
        return self.post("check", {"consent": "on"}, "submit")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    periods.forget()
    banks.forget()
    yield
    periods.forget()
    banks.forget()


@pytest.fixture
def open_day() -> Iterator[datetime]:
    """A working day inside the time for applications."""
    with clock.at(OPEN):
        yield OPEN


@pytest.fixture
def traveller(client: Client, open_day: datetime) -> Traveller:
    return Traveller(client)
