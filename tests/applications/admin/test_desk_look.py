"""The pages of the desk, the import, the contested coupons in a browser: no barrier, 1280 px."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from applications import desk, matching, receipts
from config import clock
from config.clock import JST
from config.models import Offset
from coupons import double_charges, give_backs, uploads
from coupons.models import Coupon, DoubleCharge
from tests.applications import rows
from tests.applications.admin.test_look import faults
from tests.applications.test_desk import APRIL, BAND, answers, told
from tests.browser import DESK, chromium, needs_chromium, page_of
from tests.coupons import exports

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]

CASES = "/admin/coupons/doublecharge/"
COUPONS = "/admin/coupons/coupon/"


def pressed(times: int) -> Coupon:
    """A coupon of many movements, some of them doubles."""
    row = rows.coupon()
    rows.spent(row, 300, datetime(2023, 2, 23, 19, tzinfo=JST))
    for press in range(times):
        rows.spent(row, 500, BAND + timedelta(seconds=20 * press))
    return row


def pages() -> list[str]:
    """Addresses of the pages, with something on them."""
    clerk, coupon = rows.clerk("call_centre"), pressed(2)
    number = coupon.inquiry_number
    ids = [desk.Ids(uuid4(), receipts.new()) for _ in range(3)]
    with clock.at(APRIL):
        asked = desk.take(told(number), answers(number), ids[0], by=clerk)
        found = desk.take(told("99999"), None, ids[1], by=clerk)
        double_charges.note(double_charges.ask_shop(asked, clerk), "2回の記録あり", clerk, "shop")
        listed = desk.take(told(pressed(3).inquiry_number), None, ids[2], by=clerk)
        double_charges.ask_shop(listed, clerk)
        double_charges.note(listed, "3回の記録あり", clerk, "shop")
        debits = double_charges.payments_in_band(listed.coupon_id).values_list(
            "transaction_id", flat=True
        )
        desk.confirm(listed, list(debits)[1:], by=clerk)
        give_backs.prepare("22", clerk)
    pressed(2)
    rival = rows.coupon()
    rows.application(rival)
    rows.application(rival, name="別の人", phone="", marks=["twin"])
    lost = rows.application("", issuer="見本旅館")
    matching.rematch()
    return [
        CASES,
        f"{CASES}call/",
        f"{CASES}call/?inquiry_number={number}&told_expiry=2/24&prefecture=22&shop_name=みやげ店",
        f"{CASES}call/?inquiry_number=&prefecture=22",
        *(f"{CASES}{case.pk}/change/" for case in (asked, found, listed)),
        f"{CASES}{found.pk}/application/",
        f"{CASES}give-backs/",
        f"{CASES}suspects/",
        f"{COUPONS}contested/",
        f"{COUPONS}contested/{rival.inquiry_number}/",
        f"{COUPONS}issuers/",
        f"{COUPONS}issuers/?claim={lost.claims.get().pk}",
        "/admin/coupons/import/",
        "/admin/coupons/import/upload/",
    ]


def cookies(client: Client, url: str) -> list[dict[str, str]]:
    """The session of a clerk for the browser."""
    return [
        {"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()
    ]


def test_no_page_of_the_desk_has_a_barrier_or_scrolls_sideways(
    live_server: LiveServer, client: Client, tmp_path: Path
) -> None:
    addresses = pages()
    rows.signed_in(client, rows.clerk("manager", is_superuser=True))
    good = exports.write(tmp_path / "good", [exports.coupon()], [exports.movement()])
    bad = exports.write(tmp_path / "bad", [exports.coupon(face_value="0")], [])
    found = []
    with chromium() as browser, page_of(browser, script=True, viewport=DESK) as page:
        page.context.add_cookies(cookies(client, live_server.url))
        for address in addresses:
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in faults(page)]
        for folder in (bad, good):
            page.goto(f"{live_server.url}/admin/coupons/import/upload/")
            page.set_input_files("[name=coupons]", folder / "coupons.csv")
            page.set_input_files("[name=movements]", folder / "transactions.csv")
            page.get_by_role("button", name="確認する").click()
            found += [f"{folder.name} waits {fault}" for fault in faults(page)]
            uploads.work()
            page.reload()
            found += [f"{folder.name} {fault}" for fault in faults(page)]
        page.get_by_role("button", name="この内容で取り込む").click()
        uploads.work()
        page.reload()
        found += [f"applied {fault}" for fault in faults(page)]
        assert page.get_by_text("台帳取込の一覧").count() == 1
    assert found == []


def test_a_call_is_written_down_in_the_browser(live_server: LiveServer, client: Client) -> None:
    coupon = pressed(2)
    rows.signed_in(client, rows.clerk("call_centre"))
    Offset.objects.create(ahead=APRIL - clock.real_now())
    with chromium() as browser, page_of(browser, viewport=DESK) as page:
        page.context.add_cookies(cookies(client, live_server.url))
        page.goto(f"{live_server.url}{CASES}call/")
        page.fill("[name=inquiry_number]", coupon.inquiry_number)
        page.fill("[name=told_expiry]", "2月24日")
        page.select_option("[name=prefecture]", "22")
        page.fill("[name=shop_name]", "みやげ店")
        page.get_by_role("button", name="台帳を調べる").click()
        assert page.get_by_text("二重の疑い").count() == 1
        page.check("[name=case][value=pressed_again]")
        page.fill("[name=told_time]", "18:05")
        page.fill("[name=told_yen]", "500")
        page.fill("[name=name]", "静岡 花子")
        page.fill("[name=kana]", "しずおか はなこ")
        page.fill("[name=phone]", "054-251-1111")
        page.check("[name=method][value=points]")
        page.check("[name=channel][value=sms]")
        page.fill("[name=delivery_phone]", "090-1234-5678")
        page.get_by_role("button", name="記録して、受付番号を出す").click()
        assert page.get_by_text("お伝えする受付番号").count() == 1
    case = DoubleCharge.objects.get()
    assert (case.coupon, case.told_yen, f"{case.told_at.astimezone(JST):%m%d %H:%M}") == (
        coupon,
        500,
        "0224 18:05",
    )
    assert desk.application_of(case).claims.get().coupon == coupon
