"""Travellers who press "send" and press again until they have an answer.

Each has a finished draft in its cookie, as after the first steps, so that every request is the one
that stores. An answer that leads on to the receipt is an acknowledgement: it must be kept.
"""

import http.client
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse

from applications import draft as drafts
from applications.draft import Draft

TOKEN = "a" * 32
BODY = urlencode({"csrfmiddlewaretoken": TOKEN, "consent": "on", "submit": "1"})
GIVES_UP = 60.0  # seconds of trying
PAUSE = 0.2  # between two tries of one traveller


def draft(number: int) -> Draft:
    """What a traveller typed before the last step; each has coupon and phone of their own."""
    phone = f"0901{number:07d}"
    return Draft(
        steps={
            "coupons": {
                "prefecture": "22",
                "travel_type": "day_trip",
                "travel_end_year": "2023",
                "travel_end_month": "2",
                "travel_end_day": "24",
                "expires_on_outage_day": "yes",
                "inquiry_number_0": f"{500_000_000_000 + number}",
                "coupon_use_0": "paper",
            },
            "person": {"name": "静岡 花子", "kana": "しずおか はなこ", "phone": phone},
            "receive": {"method": "points", "channel": "sms", "delivery_phone": phone},
        }
    )


@dataclass
class Crowd:
    """Travellers at a steady pace; what they were answered, and when."""

    port: int
    acknowledged: set[UUID] = field(default_factory=set)
    sent: set[UUID] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    moments: list[tuple[float, int, float]] = field(default_factory=list)  # when, status, seconds
    without_retry_after: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def come(self, count: int, a_second: float, first: int = 0) -> None:
        """Let `count` travellers arrive, one after the other, without waiting for answers."""
        start = time.monotonic()
        for number in range(first, first + count):
            own = draft(number)
            thread = threading.Thread(target=self._press, args=(own, number), daemon=True)
            self._threads.append(thread)
            thread.start()
            ahead = start + (number - first + 1) / a_second - time.monotonic()
            if ahead > 0:
                threading.Event().wait(ahead)

    def settle(self) -> None:
        """Wait until each has an answer or has given up."""
        for thread in self._threads:
            thread.join(GIVES_UP + 30)
        self._threads.clear()

    def _press(self, own: Draft, number: int) -> None:
        """One traveller: the same draft again and again until it is acknowledged."""
        cookie = f"{drafts.NAME}={cookie_of(own)}; csrf={TOKEN}"
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        with self._lock:
            self.sent.add(own.submission_id)
        ends = time.monotonic() + GIVES_UP
        while time.monotonic() < ends:
            status = self._once(cookie, address)
            if status == 302:
                with self._lock:
                    self.acknowledged.add(own.submission_id)
                return
            threading.Event().wait(PAUSE)

    def _once(self, cookie: str, address: str) -> int:
        began, status, retry_after = time.monotonic(), 0, None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            connection.request(
                "POST",
                "/apply/check/",
                BODY,
                {
                    "Cookie": cookie,
                    "Content-Type": "application/x-www-form-urlencoded",
                    "X-Forwarded-For": address,
                },
            )
            answer = connection.getresponse()
            answer.read()
            status, retry_after = answer.status, answer.headers.get("Retry-After")
            if status == 302 and not answer.headers["Location"].endswith("/apply/done/"):
                status = 0
        connection.close()
        with self._lock:
            self.statuses[status] += 1
            self.moments.append((began, status, time.monotonic() - began))
            self.without_retry_after += status == 503 and retry_after is None
        return status

    def slowest(self, part: float) -> float:
        """Seconds that `part` of the acknowledged answers did not exceed."""
        times = sorted(seconds for _, status, seconds in self.moments if status == 302)
        return times[min(int(len(times) * part), len(times) - 1)]


def cookie_of(own: Draft) -> str:
    """The value of the draft's cookie."""
    response = HttpResponse()
    assert drafts.save(response, own)
    return response.cookies[drafts.NAME].value
