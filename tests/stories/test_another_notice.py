"""Another office's notice: nothing of ours is left, and no transfer is offered (docs/reuse.md).

The settings are read once by a process, so the site is a real one, started with NOTICE_FILE.
"""

import os
import re
import subprocess
import sys
import tomllib
from base64 import b32decode
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django_otp.oath import totp

from applications import roles
from applications.models import Application, Claim
from config import clock, rehearsal, run
from config.models import Offset
from coupons.models import SealedItem
from tests.coupons.exports import coupon, write
from tests.house import ROOT
from tests.stories.traveller import Traveller, receipt_number

pytestmark = pytest.mark.story

OURS, ANOTHER = ROOT / "config" / "notice.toml", ROOT / "tests" / "another_notice.toml"
NUMBER = "7300000016"
OPEN = datetime(2025, 1, 8, 10, tzinfo=clock.JST)
INFORMATION = (
    "/check/?what=double",
    "/check/?what=unused&expiry=yes&use=charged",
    "/check/?what=unused&expiry=yes&use=paper",
    "/check/?what=unused&expiry=no&trip=no",
    "/news/",
    "/news/1/",
    "/faq/",
    "/contact/",
    "/messages/",
    "/messages/?office=17",
    "/privacy/",
    "/accessibility/",
)
PAGES = ["/", *INFORMATION, "/en/", *(f"/en{page}" for page in INFORMATION)]
PAGES += ["/easy/", "/zh/", "/ko/", "/status/"]
MOMENTS = [  # before the opening, while it is open, after the close, after the end
    datetime(2024, 11, 25, 10, tzinfo=clock.JST),
    OPEN,
    datetime(2025, 1, 24, 23, 30, tzinfo=clock.JST),
    datetime(2025, 1, 28, 10, tzinfo=clock.JST),
    datetime(2025, 3, 25, 10, tzinfo=clock.JST),
]
TRANSFERS = re.compile(
    r"振込|振り込|口座へ|口座に|銀行《|bank transfer|your bank account|银行转账|银行账户|계좌", re.I
)


OF_THE_BANK = re.compile(
    r"/admin/(?:payouts/(?:batch|transfer|recall|office|officechange|answerfile)"
    r"|applications/(?:newaccount|givingup))/"
)


class Site:
    """A web process that reads the other notice, on the test's database."""

    def __init__(self, database: str, var: Path) -> None:
        (var / "static").mkdir(parents=True)
        self.port = run.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "VAR_DIR": str(var),
            "DATABASE_URL": database,
            "SITE_URL": self.url,
            "NOTICE_FILE": str(ANOTHER),
            "PYTHONWARNINGS": "ignore",
        }

    def go_to(self, moment: datetime) -> None:
        """Let its clock go on from a moment."""
        ahead = moment - clock.real_now()
        Offset.objects.update_or_create(id=1, defaults={"ahead": ahead})

    def manage(self, *arguments: str) -> str:
        """What a command says; it must succeed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def another(transactional_db: None, app_database_url: str, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        stack.callback(rehearsal.refresh)
        stack.callback(clock.set_offset, timedelta())
        found = Site(app_database_url, tmp_path / "var")
        found.go_to(OPEN)
        process = run.web(found.environment, found.port)
        stack.callback(run.stop, process)
        run.wait_until_open(found.port, [process])
        yield found


def leaves(value: object) -> Iterator[object]:
    """Every plain value of a notice, keys of its brands and codes of its prefectures left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("key", "code", "home", "assumed", "pattern"):
                yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def foreign() -> re.Pattern[str]:
    """What only our own notice says: its names and words, its phone, its years and days."""
    ours, other = (
        list(leaves(tomllib.loads(path.read_text(encoding="utf-8")))) for path in (OURS, ANOTHER)
    )
    words = {each for each in ours if isinstance(each, str)} - set(other)
    words |= {"regionPAY", "しずおか", "静岡", "2023", "令和5"}
    days = {(each.month, each.day) for each in ours if isinstance(each, date)}
    days |= {(day.month, day.day) for each in ours if (day := last_day(each))}
    kept = {(each.month, each.day) for each in other if isinstance(each, date)}
    kept |= {(day.month, day.day) for each in other if (day := last_day(each))}
    spelt = [rf"(?<!\d){month}月{day}日" for month, day in days - kept]
    ascii_words = [rf"\b{re.escape(word)}\b" for word in words if word.isascii()]
    other_words = [re.escape(word) for word in words if not word.isascii()]
    return re.compile("|".join([*spelt, *ascii_words, *other_words]))


def last_day(value: object) -> date | None:
    """The day that a page names for an end."""
    return (value - timedelta(minutes=1)).date() if isinstance(value, datetime) else None


def said(page: str) -> str:
    """A page without what is drawn by chance."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def strange(visitor: Traveller, foreign_words: re.Pattern[str]) -> list[str]:
    """What must not stand on the page that was just read, with its address."""
    page = said(visitor.page)
    found = [*foreign_words.findall(page), *TRANSFERS.findall(page)]
    return [f"{visitor.path}: {each}" for each in found]


def test_public_pages_say_nothing_of_ours_at_any_time(another: Site) -> None:
    words, visitor, found = foreign(), Traveller(another.url), []
    assert words.search(OURS.read_text(encoding="utf-8"))
    assert not words.search(ANOTHER.read_text(encoding="utf-8"))
    for moment in MOMENTS:
        another.go_to(moment)
        for path in PAGES:
            page = visitor.get(path)
            assert visitor.status == 200, path
            assert "たびペイ" in page or "0120-000-816" in page, path
            found += [f"{moment:%m-%d} {each}" for each in strange(visitor, words)]
    assert sorted(set(found)) == [], "\n".join(sorted(set(found)))
    for path in ("/zh/bank/", "/ko/bank/"):
        visitor.get(path)
        assert visitor.status == 404


def test_an_application_goes_through_with_no_road_but_points(another: Site, tmp_path: Path) -> None:
    words, visitor, found = foreign(), Traveller(another.url), []
    assert "no issues" in another.manage("check")
    export(tmp_path)
    another.manage("import_ledger", str(tmp_path))
    another.manage("seal_balances")
    assert SealedItem.objects.get().yen == 2000
    visitor.get("/apply/?what=unused&expiry=yes&use=paper")
    found += strange(visitor, words)
    visitor.send(
        prefecture="16",
        travel_type="day_trip",
        travel_end_year="令和6",
        travel_end_month="11",
        travel_end_day="8",
        expires_on_outage_day="yes",
        inquiry_number_0="７３０００－０００１６",
        coupon_use_0="paper",
        next="1",
    )
    found += strange(visitor, words)
    visitor.send(name="富山　花子", kana="とやま はなこ", phone="076-444-0000", next="1")
    found += strange(visitor, words)
    assert visitor.path == "/apply/receive/"
    assert 'name="method"' not in visitor.page
    wrong = visitor.send(next="1")  # neither road nor channel: only the channel is missed
    assert "受取案内の配信先を選んでください。" in wrong
    visitor.send(channel="email", delivery_email="hanako@example.jp", method="bank", next="1")
    found += strange(visitor, words)
    assert visitor.path == "/apply/check/"
    visitor.get("/apply/bank/")
    assert visitor.path == "/apply/check/"
    receipt = receipt_number(visitor.send(consent="on", submit="1"))
    found += strange(visitor, words)
    assert found == []

    row = Application.objects.get()
    assert (row.receipt_number, row.prefecture_code) == (receipt.replace("-", ""), "16")
    assert (row.method, row.channel, row.bank_account) == ("points", "email", None)
    assert row.travel_end == date(2024, 11, 8)
    assert Claim.objects.get().match == Claim.Match.CLEAN


@pytest.mark.parametrize("role", ["payer", "manager"])
def test_the_office_shows_no_list_of_the_bank(another: Site, role: str) -> None:
    clerk = next(each for each in roles.make_demo_clerks() if each.username == role)
    visitor = Traveller(another.url)
    visitor.get("/admin/")
    code = f"{totp(b32decode(clerk.secret)):06d}"
    page = visitor.send(username=role, password=clerk.password, otp_token=code)
    assert (visitor.status, visitor.path) == (200, "/admin/")
    assert "補償の支払い" in page
    assert OF_THE_BANK.findall(page) == []
    assert "振込の口座訂正の期限" not in page


def export(folder: Path) -> None:
    """A ledger of one coupon, as that coupon system would write it."""
    row = coupon(
        NUMBER,
        prefecture_code="16",
        travel_type="day_trip",
        travel_start="2024-11-08",
        travel_end="2024-11-08",
        issued_at="2024-11-08T09:00:00+09:00",
        expires_at="2024-11-08T23:59:59+09:00",
    )
    write(folder, [row], [])
