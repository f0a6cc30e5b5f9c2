"""The pages of people, log-in and reports in a browser: within 1280 px, and without barriers."""

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from applications import review
from config import access
from tests.applications import rows
from tests.applications.admin.test_look import faults
from tests.browser import DESK, chromium, needs_chromium, page_of

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]


def test_no_page_of_people_has_a_barrier_or_scrolls_sideways(
    live_server: LiveServer, client: Client
) -> None:
    manager, user = rows.clerk("manager"), rows.clerk("reviewer", "22", "24")
    row = review.check_clean(rows.application(rows.coupon()))
    review.approve(row, by=rows.clerk("approver"))
    access.viewed(user, "application", row.pk)
    access.noted(manager, "account", "user", user.pk, "changed roles=payer prefectures=22,24")
    addresses = [
        "/admin/account/",
        "/admin/password_change/",
        "/admin/staff/",
        "/admin/staff/new/",
        f"/admin/staff/{user.pk}/",
        "/admin/reports/",
        "/admin/reports/prefecture/",
        "/admin/reports/waiting/",
        "/admin/reports/final/",
        "/admin/config/accesslog/",
    ]
    found = []
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.goto(live_server.url + "/admin/login/?why=idle&next=/admin/")
        found += [f"login {fault}" for fault in faults(page)]
        client.force_login(rows.clerk("payer"))  # who has no device yet
        enter(page, client, live_server)
        page.goto(live_server.url + "/admin/account/first/")
        found += [f"first {fault}" for fault in faults(page)]
        enter(page, rows.signed_in(client, manager), live_server)
        for address in addresses:
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in faults(page)]
    assert found == []


def enter(page: object, client: Client, live_server: LiveServer) -> None:
    """Give the browser the session of this client."""
    page.context.add_cookies(
        [
            {"name": name, "value": morsel.value, "url": live_server.url}
            for name, morsel in client.cookies.items()
        ]
    )
