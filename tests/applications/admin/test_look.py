"""The office's pages in a browser: within 1280 px, and without barriers."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from applications import matching, review
from tests.applications import rows
from tests.browser import DESK, chromium, needs_chromium, page_of

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]


def pages() -> list[str]:
    """Addresses of the pages, with something on them."""
    row = rows.application(
        rows.coupon(), "999999999999", rows.charged(), rows.coupon(prefecture_code="24"), ""
    )
    rows.application(row.claims.first().inquiry_number)
    bank = rows.application(rows.coupon(), method="bank", marks=["twin"])
    matching.rematch()
    done = review.check_clean(rows.application(rows.coupon(), phone=""))
    done = review.approve(done, by=rows.clerk("approver"))
    case = "/admin/applications/application/"
    return [
        "/admin/",
        case,
        *(f"{case}{shown.pk}/change/" for shown in (row, bank, done)),
        "/admin/payouts/payout/",
        f"/admin/payouts/payout/{done.claims.get().payout_id}/change/",
        "/admin/payouts/message/",
        "/admin/coupons/coupon/",
    ]


def test_no_page_of_the_office_has_a_barrier_or_scrolls_sideways(
    live_server: LiveServer, client: Client
) -> None:
    addresses = pages()
    rows.signed_in(client, rows.clerk("reviewer", is_superuser=True))
    cookies = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in client.cookies.items()
    ]
    found = []
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        for address in ["/admin/login/", *addresses]:
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in faults(page)]
            page.context.add_cookies(cookies)
    assert found == []


def faults(page: object) -> list[str]:
    """Serious findings of axe, and a page wider than its window."""
    result = Axe().run(page)
    found = [
        f"{violation['id']}: {node['html']}"
        for violation in result.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["wider than the window"] if wide else [])]


def test_the_bar_at_the_bottom_never_hides_where_the_keys_are(
    live_server: LiveServer, client: Client
) -> None:
    row = rows.application(*(rows.coupon() for _ in range(4)))
    matching.rematch()
    rows.signed_in(client, rows.clerk())
    seen = []
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.context.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": live_server.url}
                for name, morsel in client.cookies.items()
            ]
        )
        page.goto(f"{live_server.url}/admin/applications/application/{row.pk}/change/")
        while len(seen) < 8:  # a choice and a reason a coupon
            page.keyboard.press("Tab")
            if place := page.evaluate(BELOW_THE_BAR):
                seen.append(place)
    assert [below for below in seen if below > 0] == []


BELOW_THE_BAR = """() => {
    const here = document.activeElement, bar = document.querySelector(".final");
    if (!/^(decision|reason)_/.test(here.name || "")) return null;
    return here.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
}"""
