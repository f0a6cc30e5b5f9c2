"""Every journey walked with values that nothing else has: they are nowhere where they must not be.

Logs of all processes, every command that Redis gets, the addresses that are asked for, the alarms
and mails of the office; and in no table is an account number, a gift code or a token readable.
"""

import io
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.request import Request

import pytest
import redis
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.db import connection
from django.test import Client

from applications import review, tokens, watching
from applications.models import Application, ChannelLink, Correction
from config import clock, embedded
from payouts import links, results, transfers
from payouts.models import Batch, Link, Message, Payout
from tests.applications import rows as case_rows
from tests.payouts import bank_rows, rows
from tests.stories.conftest import Site
from tests.stories.traveller import Traveller, coupons
from tests.stories.waiting import until

pytestmark = pytest.mark.story

NAME, KANA, HALF = "標印　真亜子", "しるしじるし まあこ", "ｼﾙｼｼﾞﾙｼ ﾏｱｺ"
PHONE, SMS, MAIL = "054-987-6151", "090-8765-6252", "permanent@marker.example"
ACCOUNT, NEW_ACCOUNT = "7391846", "6482957"
STREET, LODGING, AGENCY = "標印町九丁目", "標印旅館", "標印観光"
# As they may be written anywhere; a number of a coupon is no secret, and stands in the rows.
PERSONAL = ("標印", "シルシジルシ", "しるしじるし", "ｼﾙｼｼﾞﾙｼ", "marker.example")
NUMBERS = ("0549876151", "549876151", "054-987-6151", "9087656252", "090-8765-6252")
SECRET = (ACCOUNT, NEW_ACCOUNT)
POINTS_COUPON, BANK_COUPON = "730051846273", "730051846281"
BANK = {
    "bank": "0149",
    "branch": "112",
    "account_type": "1",
    "account_number": ACCOUNT,
    "account_holder_kana": HALF,
    "holder_relation": "self",
    "postal_code": "420-8601",
    "address": STREET,
    "agency": AGENCY,
}


class Watched(Traveller):
    """A browser whose every address is written down."""

    asked: list[str]

    def _open(self, request: Request) -> str:
        page = super()._open(request)
        self.asked += [request.full_url, self.path]
        return page


@contextmanager
def monitored(site: Site) -> Iterator[list[str]]:
    """Every command that Redis is given meanwhile."""
    told: list[str] = []
    client = redis.Redis(unix_socket_path=str(embedded.redis_socket(site.var)), socket_timeout=30)
    with client.monitor() as monitor:

        def listen() -> None:
            with suppress(redis.RedisError, OSError, ValueError):  # until the connection closes
                for each in monitor.listen():
                    told.append(str(each))

        threading.Thread(target=listen, daemon=True).start()
        yield told
    client.close()


@pytest.fixture
def logs(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """What the processes of the site write to their outputs, in a file; the site starts in it."""
    path, outputs = tmp_path / "logs", (1, 2)
    kept = [os.dup(each) for each in outputs]
    with path.open("ab") as file:
        for each in outputs:
            os.dup2(file.fileno(), each)
    try:
        request.getfixturevalue("site")
    finally:
        for each, own in zip(outputs, kept, strict=True):
            os.dup2(own, each)
            os.close(own)
    return path


def user(role: str) -> AbstractBaseUser:
    return get_user_model().objects.get(username=role)


def approve(application: Application) -> None:
    claims = application.claims.all()
    review.check(application, {each.pk: ("approved", "") for each in claims}, by=user("reviewer"))
    review.approve(application, by=user("approver"))


def apply(site: Site, asked: list[str], number: str, *, bank: bool) -> Application:
    """A traveller's way to the receipt."""
    traveller = Watched(site.url)
    traveller.asked = asked
    traveller.get("/apply/coupons/")
    traveller.send(**coupons(number))
    traveller.send(name=NAME, kana=KANA, phone=PHONE, email=MAIL, next="1")
    if bank:
        traveller.send(method="bank", next="1")
        traveller.send(**BANK, next="1")
    else:
        traveller.send(method="points", channel="sms", delivery_phone=SMS, next="1")
    assert "受付番号" in traveller.send(consent="on", submit="1"), traveller.page
    return Application.objects.latest("pk")


def stand(site: Site, asked: list[str], application: Application) -> None:
    """The status page: a wrong proof, a right one, a correction by its link, the proved channel."""
    traveller = Watched(site.url)
    traveller.asked = asked
    traveller.get("/status/")
    for proof in ("0000", PHONE[-4:]):
        traveller.send("/status/", receipt=application.receipt_number, proof=proof)
    assert "申請" in traveller.page
    review.ask(application, ["person"], by=user("reviewer"))
    token = tokens.token_of(Correction.objects.get())
    traveller.get(f"/status/correct/{token}/")
    traveller.send(proof=KANA, prove="1")
    traveller.send(name=NAME + "二", kana=KANA, phone=PHONE, email=MAIL, next="1")
    traveller.send(name=NAME + "二", kana=KANA, phone=PHONE, email=MAIL, submit="1")
    channel = ChannelLink.objects.filter(application=application, replaced_at=None).first()
    if channel:
        traveller.get(f"/p/{tokens.token_of(channel)}")
        traveller.send()


def receive(site: Site, asked: list[str]) -> tuple[str, str]:
    """From the link to the code: the token and the code."""
    link = until(
        lambda: Message.objects.filter(kind="link", state="sent").first(), "the link was sent"
    ).link
    token = links.token_of(link)
    traveller = Watched(site.url)
    traveller.asked = asked
    traveller.get(f"/r/{token}")
    for proof in ("9999", POINTS_COUPON[-4:]):
        traveller.send(f"/r/{token}/", proof=proof)
    traveller.send(brand="ponta", choose="1")
    traveller.send(brand="ponta", confirm="1")
    code = re.search(r"22ponta500-\d", re.sub("<[^>]*>", "", traveller.page))
    assert code, traveller.page
    return token, code[0]


def work(site: Site, asked: list[str], application: Application) -> None:
    """A clerk logs in, opens the case, the list and the first page."""
    client = case_rows.signed_in(Client(), user("reviewer"))
    clerk = Watched(site.url)
    clerk.asked = asked
    clerk.opener.addheaders = [("Cookie", f"office={client.cookies['office'].value}")]
    assert "標印" in clerk.get(f"/admin/applications/application/{application.pk}/change/")
    clerk.get("/admin/applications/application/")
    assert "ログアウト" in clerk.get("/admin/")


def pay(site: Site) -> None:
    """Cut, released, handed over; the money comes back."""
    site.go_to(datetime(2023, 5, 12, 10, tzinfo=clock.JST))
    call_command("cut_batch", "--date", "2023-05-15", "--by", "payer", stdout=io.StringIO())
    batch = transfers.release(Batch.objects.get(), by=user("manager"))
    transfers.hand_over(batch, by=user("manager"))
    site.go_to(datetime(2023, 5, 17, 10, tzinfo=clock.JST))
    lines = [bank_rows.HEADS, bank_rows.said(batch.transfers.get(), "振込不能", "該当口座なし")]
    results.book(results.read(lines), by=user("payer"))
    until(lambda: Correction.objects.count() > 1, "asked for another account")


def correct_the_account(site: Site, asked: list[str]) -> None:
    traveller = Watched(site.url)
    traveller.asked = asked
    traveller.get(f"/status/correct/{tokens.token_of(Correction.objects.latest('pk'))}/")
    traveller.send(proof=KANA, prove="1")
    new = {**BANK, "account_number": NEW_ACCOUNT}
    for button in ("next", "submit"):
        traveller.send(**new, **{button: "1"})


def break_down(site: Site, asked: list[str]) -> None:
    """A fault of ours whose words quote the whole row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'broken' USING DETAIL = NEW::text; END $$;"
            "CREATE TRIGGER broken BEFORE INSERT ON applications_application"
            " FOR EACH ROW EXECUTE FUNCTION broken()"
        )
    try:
        with pytest.raises(AssertionError, match="表示できませんでした"):
            apply(site, asked, "730051846299", bank=True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION broken() CASCADE")


def dump() -> str:
    """Every row of every table, as the database writes it, and its bytes as letters."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return "\n".join(found)


def hits(where: str, text: str, words: tuple[str, ...]) -> list[str]:
    """Each marker that stands there, with its place; bytes are written in hex."""
    found = []
    for word in words:
        for form in (word, word.encode().hex(), ascii(word).strip("'")):
            if (place := text.find(form)) >= 0:
                found.append(f"{where}: {word} in {text[max(0, place - 80) : place + 80]!r}")
    return found


def test_no_journey_leaves_a_mark(logs: Path, site: Site) -> None:
    call_command("load_banks", stdout=io.StringIO())
    bank_rows.office("22")
    rows.codes("ponta", 500, 8)
    sealed = [rows.coupon(POINTS_COUPON, yen=1500), rows.coupon(BANK_COUPON, yen=1731)]
    rows.seal(*sealed)
    asked: list[str] = []
    with monitored(site) as told:
        by_points = apply(site, asked, POINTS_COUPON, bank=False)
        stand(site, asked, by_points)
        by_bank = apply(site, asked, BANK_COUPON, bank=True)
        break_down(site, asked)
        work(site, asked, by_points)
        for row in (by_points, by_bank):
            approve(Application.objects.get(pk=row.pk))
        token, code = receive(site, asked)
        until(lambda: Payout.objects.filter(road="bank", state="ready").exists(), "ready")
        pay(site)
        correct_the_account(site, asked)
        watching.watch(lambda found, over: True)
        time.sleep(0.2)
    written = logs.read_text()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a::text FROM config_alarm a UNION ALL SELECT l::text FROM"
            " config_accesslog l UNION ALL SELECT j::text FROM config_jobrun j"
        )
        office = "\n".join(text for (text,) in cursor.fetchall())
    living = [token, code, *(links.token_of(link) for link in Link.objects.all())]
    living += [tokens.token_of(link) for link in Correction.objects.all()]
    living += [tokens.token_of(link) for link in ChannelLink.objects.all()]
    secret = (*SECRET, *living)
    everything = (*PERSONAL, *NUMBERS, *secret)
    addresses = "\n".join(asked)
    for link in living:  # the one place of a token: its own address
        addresses = re.sub(rf"/(?:r|p|status/p|status/correct)/{link}", "", addresses)
    assert "Traceback" in written
    assert len(told) > 50
    assert hits("logs", written, everything) == []
    assert hits("Redis", "\n".join(told), everything) == []
    assert hits("addresses", addresses, everything) == []
    assert hits("the office's mails and records", office, everything) == []
    assert hits("database", dump(), secret) == []
    print(
        f"\nmarkers: {len(asked)} addresses, {len(told)} commands, {len(secret)} secrets, 0 found"
    )
