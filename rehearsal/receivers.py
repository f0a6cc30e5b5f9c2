"""What people do with a link at /r/, each over real HTTP as their browser would."""

import re

from rehearsal.browser import Browser
from rehearsal.cast import Holder, Traveller
from rehearsal.crowd import Failed, expect

Who = Traveller | Holder

BRAND = re.compile(r'name="brand" value="(\w+)"([^>]*)>')
ISSUED = re.compile(r"([\d,]+)円分を発行しました")
OVER = "受取期限が過ぎました"


def receive(browser: Browser, link: tuple[Who, str]) -> None:
    """Prove, choose, confirm, see the code; a second look shows the same."""
    who, address = link
    browser.get(address)
    if 'name="proof"' in browser.page:
        browser.send(proof=who.coupons[0].number[-4:])
    if too_late(browser, who):
        return
    expect(browser, 'name="brand"', "the brands")
    shown = BRAND.findall(browser.page)
    offered = [key for key, more in shown if "disabled" not in more]
    wanted = shown[who.person.brand % len(shown)][0]
    brand = wanted if wanted in offered else offered[0]
    browser.send(brand=brand, choose="1")
    browser.send(brand=brand, confirm="1")
    for _ in range(20):  # while the provider thinks
        if found := ISSUED.search(browser.page):
            who.seen_yen[address] = int(found[1].replace(",", ""))
            return
        if too_late(browser, who):
            return
        browser.get(address)
        if 'name="brand"' not in browser.page and 'name="csrfmiddlewaretoken"' in browser.page:
            browser.send()
    raise Failed("the code")


def too_late(browser: Browser, who: Who) -> bool:
    """Whether somebody of the last second reads that it is over."""
    open_still = 'name="brand"' in browser.page or ISSUED.search(browser.page)
    who.missed = who.takes == "last" and OVER in browser.page and not open_still
    return who.missed


def find_it_over(browser: Browser, link: tuple[Who, str]) -> None:
    """After the end the page says so, and nothing can be chosen."""
    _, address = link
    browser.get(address)
    if 'name="brand"' in browser.page or OVER not in browser.page:
        raise Failed("the closed page")


def pry(browser: Browser, link: tuple[Who, str]) -> None:
    """A stranger with somebody's link: five wrong proofs, and it is locked."""
    _, address = link
    browser.get(address)
    for guess in range(6):
        if 'name="proof"' in browser.page:
            browser.send(proof=f"ドロボウ{'アイウエオカ'[guess]}")
    expect(browser, "使えなくなりました", "the locked page")
