"""The call centre's pages in a browser: no barrier, within 1280 px."""

from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from applications import (
    channels,
    circulars,
    entries,
    inquiries,
    late_access,
    letters,
    postponements,
)
from config import clock
from config.models import Offset
from config.notice import NOTICE
from payouts.models import Message
from tests.applications import rows
from tests.applications.admin.test_look import faults
from tests.applications.conftest import COUPONS, PERSON, RECEIVE
from tests.applications.test_inquiries import TOLD
from tests.applications.test_late_access import told
from tests.browser import DESK, PHONE, chromium, needs_chromium, page_of

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]

MAY = datetime(2023, 5, 2, 11, tzinfo=clock.JST)
BASE = "/admin/applications/"
WORDS = {"heading": "期限の延長", "words": "期限を延ばしました。", "short": "期限を延ばしました。"}


def pages(user: object) -> dict[str, str]:
    """Addresses of the pages by a name, with something on them."""
    clerk = rows.clerk("call_centre")
    one, bank = rows.application(rows.coupon()), rows.application(rows.coupon(), method="bank")
    facts = {"kana": "シズオカ ハナコ", "phone": "+819012345678"}
    inquiry = inquiries.begin(
        TOLD | {"call_back_at": MAY},
        by=user,
        application=one,
        identified=inquiries.compare(one, facts),
        notes={"asked": "いつ届きますか", "answered": "確認ができた方から順にお送りします。"},
    )
    entry = entries.begin(by=user)
    typed = {"coupons": COUPONS, "person": PERSON, "receive": RECEIVE, "arrival": {"way": "phone"}}
    entries.save(entry, typed, by=user)
    channels.tell_receipt(bank)
    batch = letters.print_batch("22", by=clerk)
    letters.post(batch, MAY.date(), by=clerk)
    channels.tell_receipt(one)
    Message.objects.filter(channel="sms").update(state="given_up", failure="no_such_address")
    letters.instead(Message.objects.get(channel="sms"), "call", by=clerk)
    close = NOTICE.end_of("receiving_closes")
    moved = postponements.prepare(
        key="receiving_closes", until=close.replace(day=8), reason="停止のため", by=clerk
    )
    late = late_access.prepare(told(), by=clerk)
    circular = circulars.prepare("22", {}, WORDS, by=clerk)
    return {
        "call": f"{BASE}inquiry/call/?q=シズオカ",
        "identify": f"{BASE}inquiry/call/?application={one.pk}",
        "inquiry": f"{BASE}inquiry/{inquiry.pk}/change/",
        "inquiries": f"{BASE}inquiry/",
        "figures": f"{BASE}inquiry/figures/?first=2023-04-02&last=2023-05-02",
        "entries": f"{BASE}assistedentry/",
        "entry": f"{BASE}assistedentry/{entry.pk}/type/",
        "read": f"{BASE}assistedentry/{entry.pk}/read/",
        "letters": f"{BASE}letterbatch/",
        "batch": f"{BASE}letterbatch/{batch.pk}/change/",
        "sheets": f"{BASE}letterbatch/{batch.pk}/sheets/",
        "calls": f"{BASE}letterbatch/calls/",
        "dates": "/admin/config/postponement/",
        "date": "/admin/config/postponement/prepare/",
        "moved": f"/admin/config/postponement/{moved.pk}/change/",
        "late_cases": f"{BASE}lateaccess/",
        "late": f"{BASE}lateaccess/prepare/",
        "late_case": f"{BASE}lateaccess/{late.pk}/change/",
        "circulars": f"{BASE}circular/",
        "prepare": f"{BASE}circular/prepare/",
        "circular": f"{BASE}circular/{circular.pk}/change/",
        "application": f"{BASE}application/{one.pk}/change/",
    }


def test_no_page_of_the_call_centre_has_a_barrier_or_scrolls_sideways(
    live_server: LiveServer, client: Client, tmp_path: Path
) -> None:
    ahead = MAY - clock.real_now()
    Offset.objects.create(ahead=ahead)
    clock.set_offset(ahead)
    user = rows.clerk("manager", is_superuser=True)
    addresses = pages(user)
    rows.signed_in(client, user)
    cookies = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in client.cookies.items()
    ]
    found = []
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.context.add_cookies(cookies)
        for name, address in addresses.items():
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in faults(page)]
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        page.emulate_media(media="print")
        page.goto(live_server.url + addresses["sheets"])
        assert page.locator("#header").is_hidden()
        page.pdf(path=tmp_path / "sheets.pdf", prefer_css_page_size=True)
    assert found == []


def test_the_pages_of_the_late_link_have_no_barrier(
    live_server: LiveServer, tmp_path: Path
) -> None:
    ahead = MAY - clock.real_now()
    Offset.objects.create(ahead=ahead)
    clock.set_offset(ahead)
    alive = late_access.prepare(told(), by=rows.clerk("call_centre"))
    late_access.approve(alive, by=rows.clerk("manager"))
    ended = late_access.prepare(told(), by=rows.clerk("call_centre"))
    late_access.approve(ended, by=rows.clerk("manager"))
    late_access.drop(ended, by=rows.clerk("manager"))
    tokens = [late_access.token_of(alive), late_access.token_of(ended), "unknown"]
    found = []
    for width in (PHONE, DESK):
        with chromium() as browser, page_of(browser, script=True, viewport=width) as page:
            for place, token in enumerate(tokens):
                page.goto(f"{live_server.url}/apply/late/{token}/")
                found += [f"{token} {fault}" for fault in faults(page)]
                page.screenshot(path=tmp_path / f"{place}-{width['width']}.png", full_page=True)
    assert found == []
