"""The bank road in Chromium, without script: lists, ゆうちょ, a return, a corrected account."""

import io
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page

from applications import returns, review
from applications.models import Application, NewAccount
from config import clock
from payouts import accounts, opening, results, transfers
from payouts.models import Payout
from tests.browser import chromium, needs_chromium, page_of
from tests.payouts import bank_rows, rows
from tests.stories.conftest import Site
from tests.stories.test_bank import user
from tests.stories.test_status_browser import look, press
from tests.stories.traveller import coupons, receipt_number

pytestmark = [pytest.mark.browser, needs_chromium]
NUMBER = "123456784321"


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """A Chromium beside the running site."""
    with chromium() as running:
        yield running


def to_the_account(page: Page, site: Site) -> None:
    """Through the steps up to the bank's."""
    page.goto(f"{site.url}/apply/coupons/")
    for name, value in coupons(NUMBER).items():
        if name in ("travel_type", "expires_on_outage_day", "coupon_use_0"):
            page.check(f"[name={name}][value={value}]")
        elif name == "prefecture":
            page.select_option("[name=prefecture]", value)
        elif name != "next":
            page.fill(f"[name={name}]", value)
    page.click("[name=next]")
    for name, value in (
        ("name", "静岡　花子"),
        ("kana", "しずおか はなこ"),
        ("phone", "0542025555"),
    ):
        page.fill(f"[name={name}]", value)
    page.click("[name=next]")
    page.check("[name=method][value=bank]")
    page.click("[name=next]")
    assert page.url.endswith("/apply/bank/")


def fill_holder(page: Page) -> None:
    page.fill("[name=account_holder_kana]", "ｼｽﾞｵｶ ﾊﾅｺ")
    page.check("[name=holder_relation][value=self]")
    page.fill("[name=postal_code]", "420-8601")
    page.fill("[name=address]", "静岡市葵区追手町9番6号")
    page.fill("[name=agency]", "見本観光")


def come_back() -> None:
    """Cut, released, handed over; then the bank tells that there is no such account."""
    batch = transfers.cut("22", bank_rows.MONDAY, by=user("payer")).batch
    transfers.hand_over(transfers.release(batch, by=user("manager")), by=user("payer"))
    lines = ["transfer_id,code,reason", f"{batch.transfers.get().pk},1,該当口座なし"]
    results.book(results.read(lines), by=user("payer"))


def test_an_account_is_entered_comes_back_and_is_corrected(site: Site, browser: Browser) -> None:
    call_command("load_banks", stdout=io.StringIO())
    bank_rows.office("22")
    rows.seal(rows.coupon(NUMBER, yen=1731))
    with page_of(browser) as page:
        to_the_account(page, site)
        look(page, "bank")
        page.fill("[name=bank]", "静岡")
        page.fill("[name=branch]", "浜松")
        page.check("[name=account_type][value='1']")
        page.fill("[name=account_number]", "123456")
        fill_holder(page)
        page.click("[name=next]")
        assert "「浜松」に当てはまる支店です。この中から選んでください。" in page.content()
        look(page, "bank-list")
        page.get_by_label("浜松（", exact=False).first.check()
        page.click("[name=next]")
        assert "先頭に0を付けました" in page.content()
        assert "銀行へは「ｼｽﾞｵｶ ﾊﾅｺ」と送ります" in page.content()
        look(page, "bank-check")

        page.goto(f"{site.url}/apply/bank/?kind=yucho")
        look(page, "bank-yucho")
        page.fill("[name=yucho_symbol]", "10540")
        page.fill("[name=yucho_number]", "12045071")
        fill_holder(page)
        page.click("[name=next]")
        assert "もう一度ご確認ください" in page.content()
        look(page, "bank-yucho-again")
        page.fill("[name=yucho_symbol]", "14030")
        page.fill("[name=yucho_number]", "12345671")
        page.click("[name=next]")
        assert "四〇八" in page.content()
        page.check("[name=consent]")
        page.click("[name=submit]")
        receipt = receipt_number(page.content())

        row = Application.objects.get()
        review.check(row, {row.claims.get().pk: ("approved", "")}, by=user("reviewer"))
        review.approve(row, by=user("approver"))
        opening.release_due()
        site.go_to(datetime(2023, 5, 12, 10, tzinfo=clock.JST))
        come_back()
        returns.ask_due()
        page.goto(f"{site.url}/status/")
        page.fill("[name=receipt]", receipt)
        page.fill("[name=proof]", "5555")
        page.click("[name=show]")
        assert "口座へお振り込みできませんでした" in page.inner_text("h1")
        look(page, "status-returned")
        page.get_by_role("link", name="振込先の口座を直す").click()
        page.fill("[name=proof]", "4321")
        press(page, "次へ進む")
        assert "1234567" not in page.content()  # never shown in full again
        look(page, "correct-account")
        page.fill("[name=yucho_symbol]", "15150")
        page.fill("[name=yucho_number]", "21111111")
        page.fill("[name=account_holder_kana]", "シズオカ ハナコ")
        page.check("[name=holder_relation][value=self]")
        press(page, "次へ進む")
        press(page, "この内容で送る")
        assert "事務局が確認しています" in page.content()
        new = NewAccount.objects.get()
        assert accounts.read(new.bank_account).branch_code == "518"
        returns.approve(returns.check(new, by=user("reviewer")), by=user("approver"))
        page.reload()
        assert "もう一度お振り込みします" in page.content()
        look(page, "status-again")
    assert Payout.objects.get().state == "ready"
