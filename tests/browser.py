"""A real Chromium for the tests that need one, without script unless a test asks for it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
# Playwright's own loop runs in this thread; Django would take our rows for asynchronous work.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE = {"width": 375, "height": 740}
DESK = {"width": 1280, "height": 900}

needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium: browser tests are skipped")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            connections.close_all()  # those that our rows opened inside the player's loop
            browser.close()


@contextmanager
def page_of(browser: Browser, *, script: bool = False, **options: object) -> Iterator[Page]:
    """A fresh visitor: own cookies, a phone's width unless told otherwise."""
    context = browser.new_context(
        java_script_enabled=script, locale="ja-JP", **{"viewport": PHONE, **options}
    )
    context.set_default_timeout(20_000)
    try:
        yield context.new_page()
    finally:
        context.close()
