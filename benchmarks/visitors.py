"""Visitors of a site, each one browser without script, in processes of their own.

They cost processor time beside the servers that they visit: rates of very light servers are bounded
by them, so that the servers' own processor time per journey is the steadier figure.
"""

import http.client
import multiprocessing
import random
import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
PROCESSES = 2


class Browser:
    """A kept connection, its cookies, and the last page."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.forget()

    def forget(self) -> None:
        """A new person, from an address of their own."""
        self.cookies: dict[str, str] = {}
        self.address = ".".join(str(random.randint(1, 254)) for _ in range(4))
        self.page, self.requests = b"", 0

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None)

    def send(self, path: str, fields: dict[str, str]) -> bytes:
        """POST with the page's token; follow where it leads."""
        token = TOKEN.search(self.page)
        given = {"csrfmiddlewaretoken": token[1].decode()} if token else {}
        return self._ask("POST", path, urlencode(given | fields))

    def _ask(self, method: str, path: str, body: str | None) -> bytes:
        headers = {"X-Forwarded-For": self.address}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.page, self.requests = answer.read(), self.requests + 1
        for line in answer.headers.get_all("Set-Cookie") or []:
            for key, morsel in SimpleCookie(line).items():
                self.cookies[key] = morsel.value
                if morsel["max-age"] == "0" or morsel["max-age"] == 0:
                    del self.cookies[key]
        if answer.status in (301, 302, 303):
            return self._ask("GET", answer.headers["Location"], None)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return self.page


Journey = Callable[[Browser], None]


@dataclass(frozen=True)
class Visits:
    """What the visitors of one run saw: journeys, their seconds, and requests in each."""

    seconds: float
    times: list[float]
    requests: int

    @property
    def rate(self) -> float:
        """Journeys a second."""
        return len(self.times) / self.seconds

    def percentile(self, part: float) -> float:
        """Seconds of a journey that `part` of them do not exceed."""
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]

    @property
    def middle(self) -> float:
        return statistics.median(self.times)


def visit(port: int, journey: Journey, visitors: int, seconds: float) -> Visits:
    """Let `visitors` go through the journey again and again for so long."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    share = visitors // PROCESSES
    began = time.perf_counter()
    crowd = [
        context.Process(target=_crowd, args=(port, journey, share, began + seconds, results, seed))
        for seed in range(PROCESSES)
    ]
    for process in crowd:
        process.start()
    found = [results.get() for _ in crowd]
    for process in crowd:
        process.join()
    spent = time.perf_counter() - began
    if wrong := [told for _, _, told in found if told]:
        raise RuntimeError(wrong[0])
    return Visits(spent, [each for times, _, _ in found for each in times], found[0][1])


def _crowd(
    port: int, journey: Journey, share: int, until: float, results: object, seed: int
) -> None:
    """One process: its visitors take turns, request by request being short."""
    random.seed(f"{seed} {time.time_ns()}")
    try:
        with ThreadPoolExecutor(share) as pool:
            told = [pool.submit(_one, port, journey, until) for _ in range(share)]
            done = [each.result() for each in told]
        results.put(([t for times, _ in done for t in times], done[0][1], ""))
    except Exception as error:
        results.put(([], 0, f"{type(error).__name__}: {error}"))


def _one(port: int, journey: Journey, until: float) -> tuple[list[float], int]:
    browser, times, requests = Browser(port), [], 0
    while time.perf_counter() < until:
        browser.forget()
        began = time.perf_counter()
        journey(browser)
        times.append(time.perf_counter() - began)
        requests = browser.requests
    return times, requests
