"""Keys of the working screens in a browser: they lead to controls, and decide nothing."""

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from applications import matching
from applications.models import Bulk
from tests.applications import rows
from tests.applications.admin.test_look import faults
from tests.browser import DESK, chromium, needs_chromium, page_of

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]
LIST = "/admin/applications/application/"


def focused(page: Page) -> str:
    """The text or name of the control that has the keys."""
    return page.evaluate(
        "() => { const el = document.activeElement; return el.name || el.textContent.trim() }"
    )


def test_keys_lead_and_never_decide(live_server: LiveServer, client: Client) -> None:
    first, second = rows.application(rows.coupon()), rows.application(rows.coupon())
    matching.rematch()
    rows.signed_in(client, rows.clerk())
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.context.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": live_server.url}
                for name, morsel in client.cookies.items()
            ]
        )
        page.goto(live_server.url + LIST)
        page.keyboard.press("/")
        page.keyboard.type("n")  # inside a box a key is a letter
        assert (focused(page), page.url) == ("q", live_server.url + LIST)
        page.keyboard.press("Tab")
        page.keyboard.press("n")
        page.wait_for_url(f"**{LIST}{first.pk}/change/")
        page.keyboard.press("1")
        assert focused(page) == f"decision_{first.claims.get().pk}"
        page.keyboard.press("a")
        assert focused(page) == "審査済みにする"
        first.refresh_from_db()
        assert first.state == "received"
        page.keyboard.press("?")
        assert page.locator("section.keys details").evaluate("el => el.open")
        page.keyboard.press("n")
        page.wait_for_url(f"**{LIST}{second.pk}/change/")


def test_the_new_screens_have_no_barrier(live_server: LiveServer, client: Client) -> None:
    row = rows.application(rows.coupon(), marks=["same_contact"])
    matching.rematch()
    by = rows.clerk("reviewer", is_superuser=True)
    rows.signed_in(client, by)
    made = Bulk.objects.create(
        prefecture_code="22", count=1, yen=2000, prepared_at=row.arrived_at, prepared_by=by
    )
    made.items.create(application=row, yen=2000)
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.context.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": live_server.url}
                for name, morsel in client.cookies.items()
            ]
        )
        found = []
        for address in (
            "/admin/",
            f"{LIST}{row.pk}/change/",
            f"{LIST}{row.pk}/amend/?what=person&what=travel",
            "/admin/applications/bulk/",
            "/admin/applications/bulk/new/",
            f"/admin/applications/bulk/{made.pk}/change/",
            "/admin/applications/secondlook/",
        ):
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in faults(page)]
    assert found == []
