"""What a guesser learns: nothing, at any door (decided figures: 2,000 tries each, chance).

Two kinds of guesses in turns; then whether status, length, headers or time tell them apart. The
time is judged by the share of pairs in which one kind took longer: a half is chance. Prints counts.
"""

import http.client
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import pytest

from applications import receipts
from config import clock
from config.models import Limit
from coupons.models import Coupon
from payouts import links
from payouts.models import Link
from tests.applications import rows
from tests.faults.crowd import TOKEN, cookie_of, draft
from tests.faults.processes import LONG, SEED
from tests.faults.web import OPEN, web
from tests.payouts import rows as money

pytestmark = pytest.mark.story

TRIES = int(os.environ.get("TRIES", "2000" if LONG else "40"))  # of each kind
# Three times the spread that a share of so many pairs has by chance.
CHANCE = 3 * ((2 * TRIES + 1) / (12 * TRIES * TRIES)) ** 0.5
MASKED = re.compile(rb'value="[A-Za-z0-9]{64}"')  # a form's token, new each time

Ask = Callable[[http.client.HTTPConnection, int], "Seen"]
Seen = tuple[tuple[object, ...], float]  # what is seen, and seconds


@pytest.fixture
def port(app_database_url: str, tmp_path: Path) -> Iterator[int]:
    with web(tmp_path / "var", app_database_url, EVEN_MS="50") as found, clock.at(OPEN):
        yield found


def ask(
    connection: http.client.HTTPConnection, number: int, path: str, cookie: str, **typed: str
) -> Seen:
    """One request, a POST where something is typed; each comes from an address of its own."""
    head = {"Cookie": f"csrf={TOKEN}; {cookie}", "X-Forwarded-For": f"10.9.{number % 250}.7"}
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **typed}) if typed else None
    if body:
        head["Content-Type"] = "application/x-www-form-urlencoded"
    began = time.perf_counter()
    connection.request("POST" if body else "GET", path, body, head)
    answer = connection.getresponse()
    content = answer.read()
    seconds = time.perf_counter() - began
    names = tuple(sorted({name.lower() for name, _ in answer.getheaders()}))
    length = len(MASKED.sub(b"", content))
    return (answer.status, answer.getheader("Location"), names, length), seconds


def told_apart(port: int, name: str, one: Ask, other: Ask) -> float:
    """Ask in turns; the share of pairs in which `one` took longer. What is seen must be equal."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    times: tuple[list[float], list[float]] = ([], [])
    seen: tuple[set[object], set[object]] = (set(), set())
    for number in range(TRIES + 5):
        if number % 50 == 0:
            Limit.objects.all().delete()  # the limits have their own tests
        for place, act in enumerate((one, other) if number % 2 else (other, one)):
            which = place if number % 2 else 1 - place
            what, seconds = act(connection, number)
            if number >= 5:  # the first ones warm everything up
                seen[which].add(what)
                times[which].append(seconds)
    connection.close()
    ranked = sorted((each, which) for which in (0, 1) for each in times[which])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    share = (ranks - TRIES * (TRIES + 1) / 2) / TRIES**2
    gap = (median(times[0]) - median(times[1])) * 1000
    print(f"\n{name}: seed {SEED}, {TRIES} of each, share {share:.3f}, medians {gap:+.2f} ms apart")
    assert seen[0] == seen[1]
    assert len(seen[0]) == 1
    return share


def test_a_status_that_is_unknown_and_one_that_is_wrong(port: int) -> None:
    known = [rows.application("").receipt_number for _ in range(10)]

    def wrong(connection: http.client.HTTPConnection, number: int) -> Seen:
        receipt = receipts.written(known[number % 10])
        return ask(connection, number, "/status/", "", receipt=receipt, proof="0000")

    def unknown(connection: http.client.HTTPConnection, number: int) -> Seen:
        receipt = receipts.written(receipts.new())
        return ask(connection, number, "/status/", "", receipt=receipt, proof="0000")

    assert abs(told_apart(port, "status", wrong, unknown) - 0.5) < CHANCE


def test_a_link_that_was_replaced_and_one_that_never_was(port: int) -> None:
    coupon = money.coupon()
    money.seal(coupon)
    payout = money.payout(coupon)
    old = links.token_of(links.make(payout))
    links.make(payout)
    assert Link.objects.count() == 2

    def replaced(connection: http.client.HTTPConnection, number: int) -> Seen:
        return ask(connection, number, f"/r/{old}/", "")

    def unknown(connection: http.client.HTTPConnection, number: int) -> Seen:
        return ask(connection, number, f"/r/{number:020}/", "")

    assert abs(told_apart(port, "link", replaced, unknown) - 0.5) < CHANCE


def test_a_wish_of_an_app_holder_who_is_known_and_of_one_who_is_not(port: int) -> None:
    said = {
        "prefecture": "22",
        "name": "静岡 花子",
        "old_contact": "a@example.jp",
        "channel": "email",
        "delivery_email": "b@example.jp",
        "submit": "1",
    }
    Coupon.objects.bulk_create(
        rows_of(f"{300_000_000_000 + number}", app_account="A1") for number in range(TRIES + 5)
    )

    def known(connection: http.client.HTTPConnection, number: int) -> Seen:
        found = {**said, "inquiry_number": f"{300_000_000_000 + number}"}
        return ask(connection, number, "/status/app/", "", **found)

    def unknown(connection: http.client.HTTPConnection, number: int) -> Seen:
        found = {**said, "inquiry_number": f"{900_000_000_000 + number}"}
        return ask(connection, number, "/status/app/", "", **found)

    assert abs(told_apart(port, "app holder", known, unknown) - 0.5) < CHANCE


def rows_of(number: str, **app: object) -> Coupon:
    """A coupon of the ledger, not stored yet."""
    day = rows.DAY
    return Coupon(
        inquiry_number=number,
        prefecture_code="22",
        travel_type="day_trip",
        travel_start=day,
        travel_end=day,
        face_value=2000,
        issued_at=OPEN,
        original_expires_at=OPEN,
        expires_at=OPEN,
        charged_at=OPEN if app else None,
        **app,
    )


@pytest.mark.parametrize("kind", ["exists", "taken"])
def test_applying_for_a_number_tells_nothing_about_it(port: int, kind: str) -> None:
    """The second kind is always a number that nobody issued."""
    base = 500_000_000_000
    Coupon.objects.bulk_create(rows_of(f"{base + number}") for number in range(TRIES + 5))
    if kind == "taken":
        for number in range(TRIES + 5):
            rows.application(f"{base + number}")

    def send(connection: http.client.HTTPConnection, number: int) -> Seen:
        cookie = f"draft={cookie_of(draft(number))}"
        return ask(connection, number, "/apply/check/", cookie, consent="on", submit="1")

    def unknown(connection: http.client.HTTPConnection, number: int) -> Seen:
        return send(connection, 5_000_000 + number)

    share = told_apart(port, f"number {kind}", send, unknown)
    assert abs(share - 0.5) < CHANCE
