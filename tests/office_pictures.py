"""The pictures of docs/office.md: `python -m tests.office_pictures [http://127.0.0.1:8000]`.

The site is running, as for `tests.pictures`; each clerk of the demo logs in once and opens pages.
Nothing is decided; a list for approval, a draft and an account of a made-up colleague stay behind.
"""

import os
import sys
from base64 import b32decode
from typing import Any

import django
from django.apps import apps
from django.utils.module_loading import import_string
from django_otp.oath import totp
from playwright.sync_api import Browser, Page

from tests.browser import DESK, chromium, page_of
from tests.pictures import log_in, log_ins, take

LOW, MIDDLE, HIGH = 700, 1000, 1250  # pixels; what is below is left out


def main() -> None:
    """Take the pictures of the office anew."""
    site = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    logins, office = log_ins(), f"{site}/admin/"
    with chromium() as browser:
        for role, show in (
            ("manager", first_log_in),
            ("call_centre", calls),
            ("reviewer", review),
            ("approver", decisions),
            ("payer", money),
        ):
            with page_of(browser, viewport=DESK) as page:
                log_in(page, site, logins[role])
                show(browser, page, office)


def opened(page: Page, address: str, name: str, tallest: int) -> None:
    """One page, one picture."""
    page.goto(address)
    take(page, f"office-{name}-1280", tallest)


def first_log_in(browser: Browser, page: Page, office: str) -> None:
    """The manager adds a colleague, who sets up the app and sees the recovery codes."""
    taken = apps.get_model("auth", "User").objects.filter(username__startswith="mihon").count()
    name = f"mihon{taken or ''}"
    page.goto(f"{office}staff/new/")
    page.fill("[name=username]", name)
    page.fill("[name=name]", "見本　花子")
    page.check("[name=roles][value=call_centre]")
    page.check("[name=everywhere]")
    page.get_by_role("button", name="追加して、初期パスワードを作る").click()
    first = page.locator(".aloud .key").inner_text()
    people = apps.get_model("auth", "User").objects
    approver = people.get(username="approver")
    hand_second = import_string("config.signing_in.hand_second")
    password = f"{first}-{hand_second(people.get(username=name), by=approver)}"
    with page_of(browser, viewport=DESK) as own:
        own.goto(office)
        own.fill("[name=username]", name)
        own.fill("[name=password]", password)
        own.click("[type=submit]")
        take(own, "office-first-1280", HIGH)
        secret = own.locator(".secret").inner_text().replace(" ", "")
        own.fill("main [inputmode=numeric], [name=code]", f"{totp(b32decode(secret)):06d}")
        own.get_by_role("button", name="登録する", exact=True).click()
        take(own, "office-codes-1280", LOW)


def calls(browser: Browser, page: Page, office: str) -> None:
    """The telephone: two facts, an application typed for somebody, a double charge."""
    cases = apps.get_model("applications", "Application").objects
    application = cases.filter(prefecture_code="22").latest("id")
    page.goto(f"{office}applications/inquiry/call/?application={application.pk}")
    page.select_option("[name=topic]", "status")
    page.fill("[name=kana]", "ミホン　ハナコ")
    page.fill("[name=phone]", "054-202-5555")
    take(page, "office-call-1280", LOW)
    page.set_viewport_size({"width": DESK["width"], "height": HIGH})
    page.goto(f"{office}applications/assistedentry/")
    page.get_by_role("button", name="代行入力をはじめる").click()
    take(page, "office-entry-1280", HIGH)
    page.goto(f"{office}coupons/doublecharge/suspects/")
    number, place, *_ = page.locator("tbody tr").first.locator("td").all_inner_texts()
    page.goto(f"{office}coupons/doublecharge/call/")
    page.fill("[name=inquiry_number]", number)
    page.select_option("[name=prefecture]", label=place)
    page.get_by_role("button", name="台帳を調べる").click()
    take(page, "office-desk-1280", HIGH)


def review(browser: Browser, page: Page, office: str) -> None:
    """The reviewer's queue and a case; a list put forward, unless one waits."""
    opened(page, f"{office}applications/application/", "queue", MIDDLE)
    row = (
        apps.get_model("applications", "Application")
        .objects.filter(state="received", claims__match="differs")
        .first()
    )
    page.set_viewport_size({"width": DESK["width"], "height": HIGH})
    opened(page, f"{office}applications/application/{row.pk}/change/", "case", HIGH)
    if waiting() is None:
        page.goto(f"{office}applications/bulk/new/")
        page.get_by_role("button", name="起案する").click()


def waiting() -> Any:
    """A list that nobody has approved yet, if there is one."""
    lists = apps.get_model("applications", "Bulk").objects
    return lists.filter(approved_at=None, dropped_at=None).first()


def decisions(browser: Browser, page: Page, office: str) -> None:
    """The first page, many at once, a later date, a message to many, the sending."""
    opened(page, office, "home", HIGH)
    opened(page, f"{office}applications/bulk/{waiting().pk}/change/", "bulk", LOW)
    page.goto(f"{office}config/postponement/prepare/")
    page.select_option("[name=key]", "applications_close")
    page.fill("[name=day]", "2023-05-07")
    page.get_by_label("理由").fill("大雨による交通の乱れのため")
    page.get_by_role("button", name="影響を見る").click()
    take(page, "office-postponement-1280", LOW)
    page.goto(f"{office}applications/circular/prepare/")
    page.select_option("[name=prefecture]", "22")
    page.fill("[name=heading]", "受取案内の送信を再開しました")
    page.fill("[name=words]", "お待たせしました。受取のご案内の送信を再開しました。")
    page.fill("[name=short]", "受取のご案内の送信を再開しました。")
    take(page, "office-circular-1280", MIDDLE)
    opened(page, f"{office}payouts/message/monitor/", "monitor", HIGH)


def money(browser: Browser, page: Page, office: str) -> None:
    """The stock and the three books."""
    opened(page, f"{office}payouts/code/levels/", "stock", MIDDLE)
    opened(page, f"{office}coupons/seal/reconcile/", "reconcile", MIDDLE)


if __name__ == "__main__":
    main()
