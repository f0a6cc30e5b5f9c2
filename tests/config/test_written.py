"""What lists show: yen with commas, phones as people write them, one form of moments."""

import pytest
from django.test import Client
from django.utils import formats, timezone

from config.written import columns, contact
from payouts.models import Payout
from tests.applications import rows
from tests.payouts import rows as payouts


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("+819012345678", "090-1234-5678"),
        ("+81542516111", "054-251-6111"),
        ("09011112222", "090-1111-2222"),
        ("hanako@example.jp", "hanako@example.jp"),
        ("", ""),
    ],
)
def test_a_contact_reads_as_people_write_it(stored: str, written: str) -> None:
    assert contact(stored) == written


def test_only_yen_and_phones_get_a_column_of_their_own() -> None:
    state, (amount, address), unknown = columns(Payout, ["state", ("amount", "address"), "x"])
    assert (state, unknown) == ("state", "x")
    payout = Payout(amount=1234567, address="+819012345678")
    assert (amount(payout), address(payout)) == ("1,234,567", "090-1234-5678")
    assert amount(Payout()) == ""


def test_moments_and_days_have_one_form() -> None:
    moment = timezone.localtime(rows.ARRIVED.replace(hour=9, minute=2))
    assert formats.localize(moment) == "2023/4/5 9:02"
    assert formats.localize(moment.date()) == "2023/4/5"


@pytest.mark.django_db
def test_the_lists_show_them(client: Client) -> None:
    coupon = payouts.coupon(yen=12000)
    payout = payouts.payout(coupon)
    rows.signed_in(client, rows.clerk("auditor"))

    coupons = client.get("/admin/coupons/coupon/").content.decode()
    page = client.get(f"/admin/payouts/payout/{payout.pk}/change/").content.decode()
    listed = client.get("/admin/payouts/payout/").content.decode()

    assert "12,000" in coupons
    assert ("090-1234-5678" in page, "+8190" in page) == (True, False)
    assert "<title>補償の支払いの一覧｜補償事務局</title>" in listed
    assert '<td class="field-channel">SMS</td>' in listed
