from datetime import timedelta

import pytest

from applications.forms.receive import ReceiveForm
from tests.applications.conftest import OPEN, RECEIVE


def form(at=OPEN, extended=None, **changes):
    return ReceiveForm({**RECEIVE, **changes}, at=at, extended=extended or {})


@pytest.mark.parametrize(
    ("changes", "boxes"),
    [
        ({}, []),
        ({"method": ""}, ["method"]),
        ({"method": "cash"}, ["method"]),
        ({"channel": ""}, ["channel"]),
        ({"channel": "fax"}, ["channel"]),
        ({"delivery_phone": ""}, ["delivery_phone"]),
        ({"delivery_phone": "054-251-1111"}, ["delivery_phone"]),
        ({"delivery_phone": "050-3123-4567"}, ["delivery_phone"]),
        ({"channel": "email"}, ["delivery_email"]),
        ({"channel": "email", "delivery_email": "hanako"}, ["delivery_email"]),
        ({"channel": "email", "delivery_email": "ha..na@docomo.ne.jp"}, []),
        ({"delivery_email": "not chosen"}, []),
        ({"method": "bank", "channel": "", "delivery_phone": ""}, []),
        ({"method": "bank", "channel": "", "delivery_phone": "12"}, []),
        ({"method": "bank", "channel": "sms", "delivery_phone": "12"}, ["delivery_phone"]),
    ],
)
def test_form_judges_the_chosen_channel_only(changes, boxes):
    assert list(form(**changes).errors) == boxes


def test_delivery_is_the_chosen_address():
    found = form(channel="email", delivery_email="Hanako@Example.JP")
    assert found.is_valid()
    assert found.delivery() == "Hanako@example.jp"
    found = form(method="bank", channel="")
    assert found.is_valid()
    assert found.delivery() == ""


def test_bank_may_close_before_the_points():
    at = OPEN.replace(month=5, day=1, hour=0)
    extended = {"applications_close": at + timedelta(days=7)}
    assert form(at, extended).is_valid()
    found = form(at, extended, method="bank")
    assert found.errors["method"] == [
        "口座への振込の申請の受付は2023年4月30日（日）23:59で終わりました。"
    ]
