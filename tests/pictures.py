"""The pictures of the README: `python -m tests.pictures [http://127.0.0.1:8000]`, site running.

A traveller applies, a reviewer checks, an approver approves, the traveller receives; each page is
taken on its way. Reads the demo of the same VAR_DIR as the site for a coupon and the log-ins.
"""

import os
import sys
import time
from base64 import b32decode
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.core.management import call_command
from django_otp.oath import totp
from playwright.sync_api import Page

from tests.browser import DESK, chromium, page_of
from tests.png import small
from tests.stories.traveller import receipt_number

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
TALLEST = 1600  # pixels; what is below is left out
PATIENCE = 60  # seconds for the worker to send the link
DAY = date(2023, 2, 24)


def main() -> None:
    """Take all pictures anew. Stops with a sentence where a page is not what it should be."""
    site = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    coupon, logins = free_coupon(), log_ins()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        with page_of(browser) as page:
            page.goto(site)
            take(page, "top-375")
            receipt = apply(page, site, coupon)
            page.goto(f"{site}/easy/")
            take(page, "easy-375", tallest=1000)
        with page_of(browser, viewport=DESK | {"height": 1300}) as page:
            check(page, site, receipt, logins["reviewer"])
        with page_of(browser, viewport=DESK) as page:
            approve(page, site, receipt, logins["approver"])
        with page_of(browser) as page:
            receive(page, site, coupon.inquiry_number)
            ask_status(page, site, receipt)


def free_coupon() -> Any:
    """A day trip's coupon on paper that is owed and that nobody has asked for."""
    claimed = apps.get_model("applications", "Claim").objects.values("inquiry_number")
    owed = apps.get_model("coupons", "SealedItem").objects.filter(
        edition=0,
        category="A1",
        route="application",
        coupon__travel_type="day_trip",
        coupon__travel_end=DAY,
        coupon__charged_at=None,
    )
    left = owed.exclude(coupon__inquiry_number__in=claimed).select_related("coupon")
    item = left.order_by("-yen", "coupon_id").first()
    return item.coupon if item else sys.exit("No coupon is left in the demo: make reset")


def log_ins() -> dict[str, list[str]]:
    """Name -> name, password and secret of the demo's clerks."""
    told = StringIO()
    call_command("demo", "--logins", stdout=told)
    rows = [line.split()[1:] for line in told.getvalue().splitlines()]
    return {row[0]: row for row in rows}


def take(page: Page, name: str, tallest: int = TALLEST) -> None:
    """One picture: the page from its top down to `tallest` pixels."""
    page.wait_for_load_state()
    whole = page.evaluate("document.documentElement.scrollHeight")
    width, height = page.viewport_size["width"], min(whole, tallest)
    clip = {"x": 0, "y": 0, "width": width, "height": height}
    content = small(page.screenshot(full_page=True, clip=clip, animations="disabled"))
    (FOLDER / f"{name}.png").write_bytes(content)
    print(f"{name}.png: {width} x {height}, {len(content):,} bytes", flush=True)


def apply(page: Page, site: str, coupon: Any) -> str:
    """From the first step to the receipt; returns the receipt number."""
    page.goto(f"{site}/apply/")
    page.select_option("[name=prefecture]", coupon.prefecture_code)
    page.check("[name=travel_type][value=day_trip]")
    page.fill("[name=travel_end_year]", "令和５")
    page.fill("[name=travel_end_month]", str(DAY.month))
    page.fill("[name=travel_end_day]", str(DAY.day))
    page.check("[name=expires_on_outage_day][value=yes]")
    page.fill("[name=inquiry_number_0]", coupon.inquiry_number)
    page.check("[name=coupon_use_0][value=paper]")
    page.click("[name=next]")
    page.fill("[name=name]", "見本　花子")
    page.fill("[name=kana]", "みほん　はなこ")
    page.fill("[name=phone]", "054-202-5555")
    page.click("[name=next]")
    page.check("[name=method][value=points]")
    page.check("[name=channel][value=email]")
    page.fill("[name=delivery_email]", "hanako@example.jp")
    page.click("[name=next]")
    take(page, "check-375")
    page.check("[name=consent]")
    page.click("[name=submit]")
    take(page, "receipt-375")
    return receipt_number(page.content())


def log_in(page: Page, site: str, login: list[str]) -> None:
    """Password and one-time code, then the queue."""
    name, password, secret = login
    page.goto(f"{site}/admin/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.fill("[name=otp_token]", f"{totp(b32decode(secret)):06d}")
    page.click("[type=submit]")
    page.goto(f"{site}/admin/applications/application/")


def check(page: Page, site: str, receipt: str, login: list[str]) -> None:
    """The reviewer's queue and the page of this application; the first signature."""
    log_in(page, site, login)
    take(page, "queue-1280")
    page.get_by_role("link", name=receipt).first.click()
    take(page, "application-1280")
    page.check("input[value=approved]")
    page.get_by_role("button", name="審査済みにする").click()


def approve(page: Page, site: str, receipt: str, login: list[str]) -> None:
    """The second signature."""
    log_in(page, site, login)
    page.get_by_role("link", name=receipt).first.click()
    page.get_by_role("button", name="承認する").click()


def receive(page: Page, site: str, number: str) -> None:
    """The message in /rehearsal/, its link, the proof, the choice, the code."""
    before = time.monotonic()
    link = page.get_by_role("row").filter(has_text="受取のご案内").filter(has_text="送信済み")
    page.goto(f"{site}/rehearsal/")
    known = link.count()
    while link.count() == known:
        if time.monotonic() - before > PATIENCE:
            sys.exit("The link was not sent: is the rehearsal within 10:00 to 17:00 of a weekday?")
        page.wait_for_timeout(1000)
        page.reload()
    link.first.get_by_role("link").click()
    page.locator("a[href*='/r/']").click()
    page.fill("[name=proof]", number[-4:])
    page.get_by_role("button", name="次へ進む").click()
    page.check("[name=brand][value=paypay]")
    page.click("[name=choose]")
    page.click("[name=confirm]")
    take(page, "code-375")


def ask_status(page: Page, site: str, receipt: str) -> None:
    """What became of it, by the receipt number and the end of the contact phone."""
    page.goto(f"{site}/status/")
    page.fill("[name=receipt]", receipt)
    page.fill("[name=proof]", "5555")
    page.click("main [type=submit], main .buttons button")
    take(page, "status-375", tallest=1200)


if __name__ == "__main__":
    main()
