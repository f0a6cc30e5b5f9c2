"""Many people at once: each does one thing in a browser of their own, timed and judged.

What goes otherwise than meant is a `Failure`; so is every answer of a server in trouble.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import TypeVar

from rehearsal.browser import Browser

AT_ONCE = 8
CHUNK = 2000  # people handed to the threads at a time, so that a crowd of any size fits
KEPT = 50  # failures told in full

Who = TypeVar("Who")


class Failed(Exception):
    """A page is not the one that should come."""


@dataclass(frozen=True)
class Failure:
    """Where somebody was stopped: journey, what was expected, address and status of the page."""

    journey: str
    what: str
    path: str
    status: int


@dataclass
class Crowd:
    """The site's port, and what its visitors saw: seconds by journey, failures."""

    port: int
    times: dict[str, list[float]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    failed: int = 0
    _lock: Lock = field(default_factory=Lock)

    def go(self, journey: str, people: Iterable[Who], act: Callable[[Browser, Who], None]) -> None:
        """Let all of them do `act`, AT_ONCE at a time; returns when the last is done."""
        rest = iter(people)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while some := list(islice(rest, CHUNK)):
                list(pool.map(lambda who: self._one(journey, who, act), some))

    def _one(self, journey: str, who: Who, act: Callable[[Browser, Who], None]) -> None:
        whose = who[0] if isinstance(who, tuple) else who  # somebody with a link
        person = getattr(whose, "person", None)
        browser = Browser(self.port, person.address if person else "192.0.2.1")
        began, wrong = time.perf_counter(), ""
        try:
            act(browser, who)
        except Failed as failed:
            wrong = str(failed)
        except Exception as error:
            wrong = type(error).__name__
        spent = time.perf_counter() - began
        browser.close()
        with self._lock:
            self.times.setdefault(journey, []).append(spent)
            self.requests[journey] += browser.requests
            if wrong:
                self.failed += 1
                if len(self.failures) < KEPT:
                    found = Failure(journey, wrong, browser.path[:12], browser.status)
                    self.failures.append(found)


def expect(browser: Browser, words: str, what: str) -> None:
    """Raises Failed where the page does not hold these words."""
    if browser.status >= 500 or words not in browser.page:
        raise Failed(what)
