"""The whole journey in Chromium without script: apply, review, approve, receive."""

from base64 import b32decode
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django_otp.oath import totp
from playwright.sync_api import Browser, Page

from payouts import texts
from payouts.models import Message
from tests.browser import DESK, chromium, needs_chromium, page_of
from tests.payouts import rows
from tests.stories.conftest import Site
from tests.stories.traveller import receipt_number
from tests.stories.waiting import until

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """A Chromium beside the running site."""
    with chromium() as running:
        yield running


def fill_in(page: Page, site: Site, number: str) -> None:
    """From the top page to the check page, as a traveller would go."""
    page.goto(site.url)
    page.get_by_role("link", name="申請をはじめる").first.click()
    if "/apply/coupons/" not in page.url:
        page.goto(f"{site.url}/apply/coupons/")
    page.select_option("[name=prefecture]", "22")
    page.check("[name=travel_type][value=day_trip]")
    page.fill("[name=travel_end_year]", "令和５")
    page.fill("[name=travel_end_month]", "２")
    page.fill("[name=travel_end_day]", "24")
    page.check("[name=expires_on_outage_day][value=yes]")
    page.fill("[name=inquiry_number_0]", number)
    page.check("[name=coupon_use_0][value=paper]")
    page.click("[name=next]")
    page.fill("[name=name]", "髙橋　花子")
    page.fill("[name=kana]", "ﾀｶﾊｼ ﾊﾅｺ")
    page.fill("[name=phone]", "054-202-5555")
    page.click("[name=next]")
    page.check("[name=method][value=points]")
    page.check("[name=channel][value=sms]")
    page.fill("[name=delivery_phone]", "090 1234 5678")
    page.click("[name=next]")


def log_in(page: Page, site: Site, role: str) -> None:
    """A clerk's log-in with password and one-time code."""
    clerk = site.logins[role]
    page.goto(f"{site.url}/admin/")
    page.fill("[name=username]", clerk.username)
    page.fill("[name=password]", clerk.password)
    page.fill("[name=otp_token]", f"{totp(b32decode(clerk.secret)):06d}")
    page.click("[type=submit]")


def link_of(kind: str) -> str:
    """The link in the message of a kind, once the worker has sent it."""
    row = until(lambda: Message.objects.filter(kind=kind, state="sent").first(), f"{kind} sent")
    return texts.render(row).body.split()[-1]


def test_the_whole_journey_without_script(site: Site, browser: Browser) -> None:
    coupon = rows.coupon("123456784321", yen=1731)
    rows.seal(coupon)
    with page_of(browser) as page:
        fill_in(page, site, "1234-5678-4321")
        assert "まだ申請は終わっていません" in page.content()
        page.check("[name=consent]")
        page.click("[name=submit]")
        number = receipt_number(page.content())
        page.reload()
        assert receipt_number(page.content()) == number

    with page_of(browser, viewport=DESK) as page:
        log_in(page, site, "reviewer")
        page.goto(f"{site.url}/admin/applications/application/")
        page.get_by_role("link", name=number).first.click()
        page.check("[name^=decision_][value=approved]")
        page.get_by_role("button", name="審査済みにする").click()
    with page_of(browser, viewport=DESK) as page:
        log_in(page, site, "approver")
        page.goto(f"{site.url}/admin/applications/application/")
        page.get_by_role("link", name=number).first.click()
        page.get_by_role("button", name="承認する").click()

    with page_of(browser) as page:
        page.goto(link_of("link"))
        page.fill("[name=proof]", "4321")
        page.get_by_role("button", name="次へ進む").click()
        page.check("[name=brand][value=paypay]")
        page.click("[name=choose]")
        page.click("[name=confirm]")
        code = page.inner_text(".code")
        assert len(code) >= 16
        page.reload()
        assert page.inner_text(".code") == code
    call_command("reconcile")
