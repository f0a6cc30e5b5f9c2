"""The applicant's side after applying, in Chromium: prove, correct, change the road, withdraw."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from playwright.sync_api import Browser, Page

from applications import review
from applications.models import Application, Correction
from payouts import accounts, links
from payouts.models import Link, Payout
from tests.browser import DESK, PHONE, chromium, needs_chromium, page_of
from tests.payouts import rows
from tests.stories.conftest import Site
from tests.stories.test_browser import fill_in, link_of
from tests.stories.traveller import receipt_number
from tests.stories.waiting import until

pytestmark = [pytest.mark.browser, needs_chromium]
NARROW = {"width": 320, "height": 640}
PICTURES = os.environ.get("PICTURES", "")  # a folder: keep what each page looks like


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """A Chromium beside the running site."""
    with chromium() as running:
        yield running


def look(page: Page, name: str) -> None:
    """Nothing to complain about for axe, nothing wider than the screen, in both widths."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        faults = Axe().run(page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults] == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        if PICTURES:
            folder = Path(PICTURES)
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}-{size['width']}.png", full_page=True)
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def apply(page: Page, site: Site, number: str) -> str:
    """An application by SMS; returns its receipt number."""
    fill_in(page, site, number)
    page.check("[name=consent]")
    page.click("[name=submit]")
    page.wait_for_url("**/apply/done/")
    return receipt_number(page.content())


def show(page: Page, site: Site, receipt: str) -> None:
    """To the state of the application, with the first proof."""
    page.goto(f"{site.url}/status/")
    page.fill("[name=receipt]", receipt)
    page.fill("[name=proof]", "5555")
    page.click("[name=show]")
    assert page.url == f"{site.url}/status/"


def clerk(name: str) -> object:
    return get_user_model().objects.get(username=name)


def fill_account(page: Page) -> None:
    """A whole account of the applicant's own."""
    page.fill("[name=bank]", "0149")
    page.fill("[name=branch]", "112")
    page.check("[name=account_type][value='1']")
    page.fill("[name=account_number]", "123456")
    page.fill("[name=account_holder_kana]", "タカハシ ハナコ")
    page.check("[name=holder_relation][value=self]")
    page.fill("[name=postal_code]", "420-8601")
    page.fill("[name=address]", "静岡市葵区追手町9番6号")
    page.fill("[name=agency]", "見本旅行 日帰りの旅")


def test_prove_correct_and_change_without_script(site: Site, browser: Browser) -> None:
    rows.seal(rows.coupon("123456784321", yen=1731))
    with page_of(browser) as page:
        receipt = apply(page, site, "1234-5678-4322")
        row = Application.objects.get()

        page.goto(link_of("receipt"))
        assert "/status/p/" in page.url
        press(page, "届いたことを知らせる")
        assert "確認できました" in page.inner_text("h1")
        row.refresh_from_db()
        assert row.channel_proved_at is not None

        review.ask(row, ["inquiry_number"], by=clerk("reviewer"))
        page.goto(link_of("ask"))
        assert "/status/correct/" in page.url
        page.fill("[name=proof]", "たかはし はなこ")
        press(page, "次へ進む")
        page.fill("[name=inquiry_number_1]", "１２３４－５６７８－４３２１")
        press(page, "次へ進む")
        assert "まだ終わっていません" in page.content()
        press(page, "直す")
        press(page, "次へ進む")
        press(page, "この内容で送る")
        assert "直した内容を受け付けました" in page.content()
        assert row.claims.get().match == "clean"

        press(page, "表示を終わる")
        show(page, site, receipt)
        page.get_by_role("link", name="受取方法を変える").click()
        page.fill("[name=proof]", "4321")
        press(page, "次へ進む")
        page.check("[name=method][value=bank]")
        press(page, "次へ進む")
        fill_account(page)
        press(page, "次へ進む")
        press(page, "この内容で送る")
        assert "変更を受け付けました" in page.content()
        row.refresh_from_db()
        assert row.method == "bank"
        assert accounts.read(row.bank_account).account_number == "0123456"

        page.get_by_role("link", name="申請を取り下げる").click()
        press(page, "取り下げる")
        assert "申請は取り下げられています" in page.inner_text("h1")
        press(page, "表示を終わる")
        assert "申請状況の確認" in page.inner_text("h1")


def test_a_decided_link_is_sent_again_and_then_given_up_for_the_bank(
    site: Site, browser: Browser
) -> None:
    rows.seal(rows.coupon("123456784321", yen=1731))
    with page_of(browser) as page:
        receipt = apply(page, site, "1234-5678-4321")
        row = Application.objects.get()
        review.check(row, {row.claims.get().pk: ("approved", "")}, by=clerk("reviewer"))
        review.approve(row, by=clerk("approver"))
        first = until(lambda: Link.objects.first(), "link made")

        show(page, site, receipt)
        press(page, "もう一度送る")
        assert "前のURLは使えなくなりました" in page.content()
        page.goto(f"{site.url}/r/{links.token_of(first)}")
        assert "お使いいただけません" in page.inner_text("h1")

        page.goto(f"{site.url}/status/")
        page.get_by_role("link", name="受取方法を変える").click()
        page.fill("[name=proof]", "4321")
        press(page, "次へ進む")
        page.check("[name=method][value=bank]")
        press(page, "次へ進む")
        fill_account(page)
        press(page, "次へ進む")
        press(page, "この内容で送る")
        assert Payout.objects.get().state == "cancelled"
        assert not Link.objects.filter(replaced_at=None).exists()
        row.refresh_from_db()
        assert (row.state, row.marks[-1]) == ("received", "changed_after")


def test_every_page_looks_right_to_axe(site: Site, browser: Browser) -> None:
    with page_of(browser, script=True) as page:
        page.goto(f"{site.url}/status/")
        look(page, "ask")
        page.click("[name=show]")
        look(page, "ask-error")
        assert page.evaluate("document.activeElement.className") == "summary-of-errors"
        receipt = apply(page, site, "1234-5678-4321")
        row = Application.objects.get()
        show(page, site, receipt)
        look(page, "received")
        page.get_by_role("link", name="配信先が使えなくなった").click()
        look(page, "prove")
        page.fill("[name=proof]", "4321")
        press(page, "次へ進む")
        look(page, "contact")
        page.goto(f"{site.url}/status/receive/")
        look(page, "road")
        page.check("[name=method][value=bank]")
        press(page, "次へ進む")
        look(page, "bank")
        press(page, "次へ進む")
        look(page, "bank-error")
        fill_account(page)
        press(page, "次へ進む")
        look(page, "check")
        page.goto(f"{site.url}/status/withdraw/")
        look(page, "withdraw")
        everything = list(review.sentences.ASKED)
        review.ask(row, everything, by=clerk("reviewer"))
        page.goto(f"{site.url}/status/")
        look(page, "asked")
        page.goto(f"{site.url}/status/correct/")
        look(page, "correct")
        page.fill("[name=name]", "")
        press(page, "次へ進む")
        look(page, "correct-error")
        end = Correction.objects.get().due_at
        for path, name in (("/status/app/", "app"), ("/status/app/?asked=1", "app-asked")):
            page.goto(f"{site.url}{path}")
            look(page, name)
        page.goto(f"{site.url}/c/AAAAAAAAAAAAAAAAAAAA")
        look(page, "unknown")
        page.goto(link_of("receipt"))
        look(page, "channel")
        site.go_to(end)
        page.goto(f"{site.url}/status/correct/")
        look(page, "expired")
