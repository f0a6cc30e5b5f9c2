"""送信状況 and its work lists in a browser: within 1280 px, and without barriers."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from config import clock, rehearsal
from config.models import Offset
from config.notice import NOTICE
from payouts import brakes, dispatch, late_links, messages
from payouts.outbound.demo import Demo
from tests.applications.admin.test_look import faults
from tests.browser import DESK, chromium, needs_chromium, page_of
from tests.payouts import rows
from tests.payouts.sealed_rows import clerk
from tests.payouts.test_monitor import signed_in

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]
LIST = "/admin/payouts/message/"
LATE = NOTICE.end_of("last_ordinary_link") + timedelta(hours=11)


def move(at: datetime) -> None:
    Offset.objects.update_or_create(id=1, defaults={"ahead": at - clock.real_now()})
    rehearsal.refresh()


def written(settings: object) -> None:
    """Messages in every state, a pause, a spent budget, two late links."""
    settings.SMS_RECEIPT_BUDGET_YEN = 2 * settings.SMS_PRICE_YEN
    for n, end in enumerate(("0001", "0002", "0550", "0450", "0408", "0003")):
        to = messages.Reach("22", "sms", f"+81901111{end}")
        kind = ("decision", "receipt")[n % 2]
        messages.write(f"{kind}:{n}", kind, to, facts={"receipt": "K7Q2"}, subject="application:1")
    for n, box in enumerate(("hana", "permanent", "temporary")):
        to = messages.Reach("22", "email", f"{box}@example.jp")
        messages.write(f"changed:{n}", "changed", to, facts={"receipt": "K7Q2"})
    dispatch.deliver("sms", sender=Demo("sms"))
    dispatch.deliver("email", sender=Demo("mail"))
    brakes.pause("email", by=clerk("manager"), reason="文面の誤りを確かめるため")
    for number in ("000000000001", "000000000002"):
        coupon = rows.coupon(number)
        rows.seal(coupon)
        payout = rows.payout(coupon)
    end = NOTICE.end_of("receiving_closes") + timedelta(days=14)
    late_links.propose(payout, end, by=clerk("reviewer"), reason="確認に時間を要したため")


def test_no_page_of_the_dispatch_has_a_barrier_or_scrolls_sideways(
    live_server: LiveServer, client: Client, tmp_path: Path, settings: object
) -> None:
    move(LATE)
    written(settings)
    rights = ("view_message", "view_payout", "resend_link", "pause_sending")
    signed_in(client, "chief", *rights, "add_latelink", "change_latelink")
    cookies = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in client.cookies.items()
    ]
    found = []
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.context.add_cookies(cookies)
        for name in ("monitor", "undelivered", "late", "samples"):
            answer = page.goto(f"{live_server.url}{LIST}{name}/")
            assert (name, answer.status) == (name, 200)
            found += [f"{name} {fault}" for fault in faults(page)]
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    assert found == []
