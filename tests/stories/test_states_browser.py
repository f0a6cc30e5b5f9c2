"""Every public page in every state in Chromium: axe, narrow and large, keyboard, print, colours."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page

from config import clock, run
from config.models import Offset
from payouts import links, opening
from payouts.models import Bank, Branch, Payout
from tests.browser import DESK, PHONE, chromium, needs_chromium, page_of
from tests.payouts import rows
from tests.stories.traveller import receipt_number

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.django_db(transaction=True)]

WEB = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1"]
WEB += ["--blocking-threads", "4", "--no-access-log", "--log-level", "error"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN = "2023-04-10T10:30"
MOMENTS = {
    "before the opening": "2023-03-10T09:00",
    "coupons still usable": "2023-03-25T12:00",
    "open": OPEN,
    "last week": "2023-04-26T12:00",
    "call centre closed": "2023-04-29T12:00",
    "last hour": "2023-04-30T23:10",
    "closed, receiving open": "2023-05-02T12:00",
    "all over": "2023-06-02T12:00",
}
UNUSED = "/check/?what=unused&expiry=yes"
BY_STATE = (
    "/",
    f"{UNUSED}&use=mixed&counts=1-3-0-0&way=points",
    f"{UNUSED}&use=charged&way=points",
    f"{UNUSED}&use=charged&way=bank",
    "/check/?what=unused&expiry=no&trip=no",
    "/check/?what=double",
    "/faq/",
    "/contact/",
    "/apply/",
)
ALWAYS = (
    "/check/",
    "/check/?what=unused&expiry=no",
    f"{UNUSED}&use=mixed",
    f"{UNUSED}&use=mixed&charged=0&paper=0&left=0&unknown=0",
    f"{UNUSED}&use=lost&way=points",
    "/check/?what=no_number",
    "/check/?what=other",
    "/news/",
    "/news/2/",
    "/messages/",
    "/privacy/",
    "/accessibility/",
    "/status/",
    "/apply/done/",
    "/r/" + "x" * 20 + "/",
    "/nothing/",
    "/easy/",
    "/en/",
    "/en/check/",
    "/en/messages/",
    "/zh/",
    "/ko/",
)
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important;"
    + " word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet];
}"""
LARGE = "() => { document.documentElement.style.fontSize = '200%' }"
OVERFLOW = """() => {
  const root = document.documentElement, wrong = [];
  if (root.scrollWidth > root.clientWidth) wrong.push(`page ${root.scrollWidth}`);
  for (const one of document.querySelectorAll("main *, header *, footer *")) {
    const style = getComputedStyle(one), hidden = one.closest(".hidden, .skip, svg");
    if (hidden || style.overflow === "visible") continue;
    if (one.scrollHeight > one.clientHeight + 1) wrong.push(one.outerHTML.slice(0, 80));
  }
  return wrong;
}"""
EDGES = """() => [...document.querySelectorAll(
  "main input:not([type=hidden]), main select, main .button, main .choice"
)].filter(one => {
  const style = getComputedStyle(one);
  return style.borderTopStyle === "none" && !one.matches("[type=radio], [type=checkbox]");
}).map(one => one.outerHTML.slice(0, 80))"""


@dataclass
class Running:
    """The site process of this module, and the clock that it reads."""

    url: str

    def go_to(self, moment: str) -> None:
        """Let the site's clock stand near a moment."""
        at = datetime.fromisoformat(moment).replace(tzinfo=clock.JST)
        Offset.objects.update_or_create(id=1, defaults={"ahead": at - clock.real_now()})


@pytest.fixture(scope="module")
def running(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One web process for the whole module, on the test's database."""
    var: Path = tmp_path_factory.mktemp("states")
    (var / "static").mkdir()
    port = run.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "VAR_DIR": str(var),
        "DATABASE_URL": database_url(),
        "SITE_URL": url,
        "DATABASE_POOL": "1",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, *WEB, "--port", str(port), "config.wsgi:application"]
    process = run.start(environment, command)
    try:
        run.wait_until_open(port, [process])
        yield Running(url)
    finally:
        run.stop(process)


def database_url() -> str:
    """DATABASE_URL of the test database for the processes' role."""
    found, name = settings.DATABASES["default"], connection.settings_dict["NAME"]
    socket = found["OPTIONS"].get("host")
    place = "" if socket else f"{found['HOST']}:{found['PORT'] or 5432}"
    return f"postgres://hosho_app@{place}/{name}" + (f"?host={socket}" if socket else "")


@pytest.fixture(scope="module")
def browser(running: Running) -> Iterator[Browser]:
    """One Chromium for the whole module."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(running: Running, browser: Browser) -> Iterator[Page]:
    """A fresh visitor with script, which only axe uses: the site sends none."""
    running.go_to(OPEN)
    with page_of(browser, script=True) as found:
        yield found


@contextmanager
def unscripted(running: Running, browser: Browser, **options: object) -> Iterator[Page]:
    running.go_to(OPEN)
    with page_of(browser, **options) as found:
        yield found


def faults(page: Page) -> list[tuple[str, str, str]]:
    """What axe finds at both widths: page, rule, element."""
    wrong = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        for rule in found.response["violations"]:
            wrong += [(page.url, rule["id"], node["html"][:120]) for node in rule["nodes"]]
    return wrong


def narrow(page: Page) -> list[str]:
    """What does not fit: 320 px, then with wide text spacing, then with text of twice the size."""
    wrong = []
    for name, width, change in (("320", 320, ""), ("spaced", 320, SPACED), ("200%", 375, LARGE)):
        page.set_viewport_size({"width": width, "height": 740})
        if change:
            page.evaluate(change)
        wrong += [f"{page.url} {name}: {what}" for what in page.evaluate(OVERFLOW)]
    return wrong


def looked_at(page: Page) -> list[object]:
    """Everything wrong with the page as it stands."""
    return [*faults(page), *narrow(page)]


def press(page: Page, button: str) -> None:
    """Press a button and wait for the page behind it."""
    with page.expect_navigation():
        page.click(button)


def send(page: Page) -> None:
    press(page, "[name=next]")


def coupons(page: Page, number: str = "1234-5678-9012", use: str = "paper") -> None:
    page.select_option("[name=prefecture]", "22")
    page.check("[name=travel_type][value=stay]")
    for end, day in (("start", "23"), ("end", "24")):
        page.fill(f"[name=travel_{end}_year]", "令和5")
        page.fill(f"[name=travel_{end}_month]", "2")
        page.fill(f"[name=travel_{end}_day]", day)
    page.check("[name=expires_on_outage_day][value=yes]")
    page.fill("[name=inquiry_number_0]", number)
    page.check(f"[name=coupon_use_0][value={use}]")
    send(page)


def person(page: Page) -> None:
    page.fill("[name=name]", "髙橋　花子")
    page.fill("[name=kana]", "ﾀｶﾊｼ ﾊﾅｺ")
    page.fill("[name=phone]", "054-202-5555")
    send(page)


def receive(page: Page, method: str = "points") -> None:
    page.check(f"[name=method][value={method}]")
    if method == "points":
        page.check("[name=channel][value=email]")
        page.fill("[name=delivery_email]", "hanako@example.jp")
    send(page)


def bank(page: Page, **changes: str) -> None:
    boxes = {
        "bank": "0149",
        "branch": "112",
        "account_number": "123456",
        "account_holder_kana": "タカハシ　ハナコ",
        "postal_code": "420-8601",
        "address": "静岡市葵区追手町9番6号",
        "lodging": "富士旅館",
    }
    for name, typed in (boxes | changes).items():
        page.fill(f"[name={name}]", typed)
    page.check("[name=account_type][value='1']")
    page.check("[name=holder_relation][value=self]")
    send(page)


def consent(page: Page) -> str:
    page.check("[name=consent]")
    press(page, "[name=submit]")
    return receipt_number(page.content())


def link(yen: int = 1500) -> str:
    """The path of a fresh personal link over a payout that the stock can pay."""
    number = str(10**11 + Payout.objects.count())
    coupon = rows.coupon(number[:-4] + "4321", yen=yen)
    rows.seal(coupon)
    if Payout.objects.count() == 0:
        rows.codes("ponta", 500, 30)
    payout = rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
        return f"/r/{links.token_of(payout.links.get(replaced_at=None))}/"


def test_these_checks_see_faults(page: Page) -> None:
    page.set_content("<main><img src='x'><p style='width: 2000px'>x</p></main>")
    assert {"image-alt", "html-has-lang"} <= {rule for _, rule, _ in faults(page)}
    assert [what for what in narrow(page) if " 320: page " in what]


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_pages_that_follow_the_calendar(running: Running, page: Page, moment: str) -> None:
    running.go_to(moment)
    wrong = []
    for path in BY_STATE:
        page.goto(running.url + path)
        wrong += faults(page)
        if path in ("/", "/apply/", "/contact/"):
            wrong += narrow(page)
    assert wrong == []


def test_pages_that_are_always_the_same(running: Running, page: Page) -> None:
    wrong = []
    for path in ALWAYS:
        page.goto(running.url + path)
        wrong += looked_at(page)
    assert wrong == []


def test_every_step_empty_wrong_and_filled(running: Running, page: Page) -> None:
    page.goto(f"{running.url}/apply/")
    wrong = []
    steps: list[Callable[[Page], object]] = [
        coupons,
        person,
        lambda page: receive(page, "bank"),
        bank,
    ]
    for step in steps:
        wrong += faults(page)
        send(page)
        assert page.title().startswith("エラー：")
        assert page.evaluate("document.activeElement.className") == "summary-of-errors"
        wrong += looked_at(page)
        step(page)
    wrong += looked_at(page)
    press(page, "[name=submit]")
    assert page.title().startswith("エラー：")
    wrong += looked_at(page)
    consent(page)
    wrong += looked_at(page)
    assert wrong == []


def test_a_bank_is_chosen_from_a_list_and_yucho_has_a_page(running: Running, page: Page) -> None:
    page.set_default_timeout(10_000)
    master()
    page.goto(f"{running.url}/apply/")
    coupons(page)
    person(page)
    receive(page, "bank")
    bank(page, bank="静", branch="呉服")
    assert page.locator(".summary-of-errors a").count() == 1
    wrong = looked_at(page)
    page.check("[name=bank_choice][value='0149']")
    send(page)
    assert page.url.endswith("/apply/check/")
    said = page.inner_text("main")
    told = ("静岡銀行（0149）", "呉服町（112）", "先頭に0を付けました", "「ﾀｶﾊｼ ﾊﾅｺ」と送ります")
    assert [each in said for each in told] == [True] * 4
    page.goto(f"{running.url}/apply/bank/?kind=yucho")
    wrong += looked_at(page)
    page.fill("[name=yucho_symbol]", "10540")
    page.fill("[name=yucho_number]", "12045071")
    send(page)
    assert page.locator("[name=yucho_confirm]").count() == 1
    wrong += looked_at(page)
    page.fill("[name=yucho_symbol]", "１４０３０")
    page.fill("[name=yucho_number]", "12345671")
    send(page)
    assert "記号 14030　番号 12345671 を振込用の番号に直しました。" in page.inner_text("main")
    assert wrong == []


def master() -> None:
    """Two banks that one text could mean, and a branch."""
    seen = {"first_seen": "20230401", "last_seen": "20230401"}
    names = {"0149": ("静岡", "シズオカ"), "0538": ("静岡中央", "シズオカチユウオウ")}
    for code, (name, kana) in names.items():
        Bank.objects.create(code=code, name=name, kana=kana, **seen)
    Branch.objects.create(bank_id="0149", code="112", name="呉服町", kana="ゴフクチヨウ", **seen)


def test_answers_on_the_way(running: Running, page: Page) -> None:
    page.goto(f"{running.url}/apply/")
    coupons(page, use="charged")
    wrong = looked_at(page)
    page.goto(f"{running.url}/apply/")
    wrong += looked_at(page)
    page.goto(f"{running.url}/apply/?new=1")
    press(page, "[name=add]")
    wrong += looked_at(page)
    running.go_to("2023-04-30T23:30")
    page.reload()
    wrong += looked_at(page)
    running.go_to("2023-05-01T00:01")
    send(page)
    assert "申請の期限を過ぎました" in page.title()
    wrong += looked_at(page)
    page.goto(f"{running.url}/status/")
    press(page, "[name=show]")
    wrong += looked_at(page)
    assert wrong == []


def test_receiving_in_every_state(running: Running, page: Page) -> None:
    address = running.url + link()
    page.goto(address)
    wrong = looked_at(page)
    press(page, "button:has-text('次へ進む')")
    wrong += looked_at(page)
    page.fill("[name=proof]", "4321")
    press(page, "button:has-text('次へ進む')")
    wrong += looked_at(page)
    press(page, "[name=choose]")
    wrong += looked_at(page)
    page.check("[name=brand][value=ponta]")
    press(page, "[name=choose]")
    wrong += looked_at(page)
    press(page, "[name=confirm]")
    assert page.locator(".code").count() == 3
    wrong += looked_at(page)
    running.go_to("2023-06-01T00:01")
    page.goto(address)
    wrong += looked_at(page)
    assert wrong == []


def test_error_pages_look_like_the_site(running: Running, page: Page) -> None:
    wrong = []
    for path in ("/nothing/", "/en/nothing/", "/r/" + "y" * 20):
        page.goto(running.url + path)
        wrong += looked_at(page)
    page.goto(f"{running.url}/status/")
    page.context.clear_cookies()
    page.fill("[name=receipt]", "x")
    press(page, "[name=show]")
    assert "受け付けられませんでした" in page.inner_text("h1")
    wrong += looked_at(page)
    assert wrong == []


def test_whole_journey_by_keyboard_without_script(running: Running, browser: Browser) -> None:
    with unscripted(running, browser) as page:
        page.goto(f"{running.url}/apply/")
        keys = Keys(page)
        keys.choose("prefecture", "静岡")
        keys.pick("travel_type", "day_trip")
        for part, typed in (("year", "2023"), ("month", "2"), ("day", "24")):
            keys.write(f"travel_end_{part}", typed)
        keys.pick("expires_on_outage_day", "yes")
        keys.write("inquiry_number_0", "123456789011")
        keys.pick("coupon_use_0", "paper")
        keys.enter("person")
        for name, typed in (("name", "高橋 花子"), ("kana", "たかはし"), ("phone", "0542025555")):
            keys.write(name, typed)
        keys.enter("receive")
        keys.pick("method", "points")
        keys.pick("channel", "sms")
        keys.write("delivery_phone", "09012345678")
        keys.enter("check")
        keys.to("consent")
        page.keyboard.press("Space")
        keys.to("submit")
        keys.enter("done")
        assert len(receipt_number(page.content())) == 14


class Keys:
    """A person with a keyboard alone: what has the focus is known by its accessible node."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, name: str, value: str = "") -> None:
        """Tab until this control has the focus; at most once around the page."""
        wanted = f"[name={name}]" + (f"[value={value}]" if value else "")
        for _ in range(80):
            if self.page.locator(f"{wanted}:focus").count():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard never reaches {wanted}")

    def enter(self, step: str) -> None:
        """Enter, which leads to this step."""
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"**/apply/{step}/")

    def write(self, name: str, typed: str) -> None:
        self.to(name)
        self.page.keyboard.insert_text(typed)

    def choose(self, name: str, typed: str) -> None:
        self.to(name)
        while self.page.locator(f"[name={name}] option:checked").inner_text()[:2] != typed:
            self.page.keyboard.press("ArrowDown")

    def pick(self, name: str, value: str) -> None:
        """Into the group by Tab, within it by the arrows."""
        self.to(name)
        self.page.keyboard.press("Space")
        for _ in range(6):
            if self.page.locator(f"[name={name}][value={value}]:checked").count():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never reach {name}={value}")


def test_error_summary_leads_into_the_box_by_keyboard(running: Running, browser: Browser) -> None:
    with unscripted(running, browser) as page:
        page.goto(f"{running.url}/apply/")
        send(page)
        assert page.locator(".summary-of-errors:focus").count() == 1
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**#id_prefecture")
        assert page.locator(":focus[name=prefecture]").count() == 1


def test_forced_colours_keep_every_edge(running: Running, browser: Browser) -> None:
    wrong = []
    with unscripted(running, browser, forced_colors="active", viewport=PHONE) as page:
        page.goto(f"{running.url}/apply/")
        send(page)
        wrong += page.evaluate(EDGES)
        for path in ("/", "/check/", "/status/"):
            page.goto(running.url + path)
            wrong += page.evaluate(EDGES)
    assert wrong == []


def test_prints_fit_one_sheet(running: Running, browser: Browser) -> None:
    address = running.url + link(yen=5000)  # ten codes, the most that one is given
    with unscripted(running, browser) as page:
        page.goto(f"{running.url}/apply/coupons/?rows=10")
        for row in range(1, 10):
            page.fill(f"[name=inquiry_number_{row}]", f"1234-5678-903{row}")
            page.check(f"[name=coupon_use_{row}][value=paper]")
        coupons(page, "1234-5678-9022")
        person(page)
        receive(page, "bank")
        bank(page)
        sheets = {"check": sheets_of(page)}
        consent(page)
        sheets["receipt"] = sheets_of(page)
        page.goto(address)
        page.fill("[name=proof]", "4321")
        press(page, "button:has-text('次へ進む')")
        page.check("[name=brand][value=ponta]")
        press(page, "[name=choose]")
        press(page, "[name=confirm]")
        assert page.locator(".code").count() == 10
        sheets["code"] = sheets_of(page)
    assert sheets == {"check": 1, "receipt": 1, "code": 1}


def sheets_of(page: Page) -> int:
    """How many A4 sheets the page prints on."""
    margin = {side: "15mm" for side in ("top", "bottom", "left", "right")}
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", margin=margin)))
