"""The money pages of the office in a browser: within 1280 px, and without barriers."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from coupons.models import LateMovement
from payouts import app_holders
from tests.applications import rows
from tests.applications.admin.test_look import faults
from tests.browser import DESK, chromium, needs_chromium, page_of
from tests.payouts import rows as payout_rows
from tests.payouts import sealed_rows

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]


def pages() -> list[str]:
    """Addresses of the pages, with something on them, one yen off among it."""
    coupons = [payout_rows.coupon(f"{n:012d}", code) for n, code in ((1, "22"), (2, "47"))]
    payout_rows.seal(*coupons)
    payout = payout_rows.payout(coupons[0])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payouts_payoutline DISABLE TRIGGER USER")
        cursor.execute("UPDATE payouts_payoutline SET yen = 1999")
        cursor.execute("ALTER TABLE payouts_payoutline ENABLE TRIGGER USER")
    for number in range(3, 6):
        sealed_rows.in_app(number, f"U{number}", app_phone="" if number == 3 else "+819011112222")
    sealed_rows.in_app(6, "U6", "47", app_phone="", app_email="")
    new = "/admin/payouts/appholderrun/"
    run = app_holders.prepare(sealed_rows.clerk("preparer", "47", "22"))
    app_holders.cancel(run, sealed_rows.clerk("second"))
    run = app_holders.prepare(sealed_rows.clerk("preparer"))
    listed = sealed_rows.late(coupons[1], 300)
    late = "/admin/coupons/latemovement/"
    assert LateMovement.objects.count() == 1
    return [
        "/admin/coupons/seal/",
        "/admin/coupons/seal/reconcile/",
        "/admin/coupons/seal/reconcile/rows/?prefecture=22&road=points&category=A1&bucket=owed",
        new,
        f"{new}{run.pk}/change/",
        f"{new}new/",
        late,
        f"{late}{listed.pk}/change/",
        f"{late}why/{payout.lines.get().coupon_id}/",
    ]


def test_no_money_page_has_a_barrier_or_scrolls_sideways(
    live_server: LiveServer, client: Client, tmp_path: Path
) -> None:
    addresses = pages()
    user = rows.clerk("manager", is_superuser=True)
    rows.signed_in(client, user)
    cookies = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in client.cookies.items()
    ]
    found = []
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.context.add_cookies(cookies)
        for number, address in enumerate(addresses):
            answer = page.goto(live_server.url + address)
            assert (address, answer.status) == (address, 200)
            found += [f"{address} {fault}" for fault in faults(page)]
            page.screenshot(path=tmp_path / f"{number}.png")
    assert found == []
