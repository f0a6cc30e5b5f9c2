"""Whatever is sent, the site answers: 0 x 500, none over two seconds (R12).

Prints seed and counts. A short form runs in the suite, 10,000 requests by `make faults`.
"""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import clock
from tests.addresses import addresses
from tests.faults.fuzz import Fuzzer, Sent, ask
from tests.faults.processes import LONG, SEED
from tests.faults.web import OPEN, web, world

pytestmark = pytest.mark.story

REQUESTS = 10_000 if LONG else 500
SLOW = 2.0
AT_ONCE = 4


@pytest.fixture
def port(app_database_url: str, tmp_path: Path) -> object:
    with web(tmp_path / "var", app_database_url) as found:
        yield found


def test_no_request_breaks_the_site(port: int) -> None:
    with clock.at(OPEN):
        fuzzer = Fuzzer(SEED, world(), f"127.0.0.1:{port}")
    statuses: Counter[int] = Counter()
    broken: list[tuple[int, int, str, bytes]] = []
    slow: list[tuple[float, str, bytes]] = []

    def one(sent: Sent) -> None:
        status, seconds = ask(port, sent)
        if seconds > SLOW:  # a busy machine is no fault of the site: once more, alone
            seconds = min(seconds, ask(port, sent)[1])
        statuses[status] += 1
        if status >= 500:
            broken.append((sent.number, status, sent.about, sent.content[:3000]))
        if seconds > SLOW:
            slow.append((seconds, sent.about, sent.content[:3000]))

    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, fuzzer.requests(REQUESTS)))
    told = {"seed": SEED, "requests": REQUESTS, "addresses": len(addresses())}
    print(f"\nfuzz: {told}, {dict(statuses)}, {time.monotonic() - began:.0f} s")
    assert broken == []
    assert slow == []
    assert statuses[200] > REQUESTS / 20  # they did get in
    assert ask(port, Sent(0, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", ""))[0] == 200
