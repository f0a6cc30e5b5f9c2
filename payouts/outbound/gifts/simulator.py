"""A gift provider to try out against, on loopback only, that can be told to fail.

    python -m payouts.outbound.gifts.simulator --port 8100 --state gifts.sqlite [--mode ok]

GET /control tells the mode and the counts. POST /control {"mode", "times", "delay", "funds"}
changes what the next requests meet, for good or for `times` requests only.

| mode                | what a CreateGiftCard meets                                            |
|---------------------|------------------------------------------------------------------------|
| ok                  | the gift, the same one for the same creationRequestId                  |
| slow                | the same after `delay` seconds                                         |
| timeout-after-issue | a new gift is issued and no answer comes; a known one is answered      |
| throttled           | 429, nothing done                                                      |
| no-funds            | F300 InsufficientFunds for a new id                                    |
| 500                 | F500, nothing done                                                     |
| wrong-amount        | a new gift of one yen more than asked                                  |
"""

import argparse
import json
import os
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from config import clock
from payouts.outbound.gifts.book import PAGE, Book
from payouts.outbound.signed_http import is_signed

MODES = ("ok", "slow", "timeout-after-issue", "throttled", "no-funds", "500", "wrong-amount")
BODY_LIMIT = 65_536
Reply = tuple[int, dict[str, Any]]


class Simulator(ThreadingHTTPServer):
    """The server, its book and its mode. As a context manager it serves from a thread."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        state: Path,
        *,
        port: int = 0,
        mode: str = "ok",
        secret: str = "only for trying out",
        today: date | None = None,
        cancel_seconds: float = 900,
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.book = Book(state, today or clock.real_now().date())
        self.secret, self.cancel_seconds = secret, cancel_seconds
        self.requests = 0
        self.stopping = Event()
        self._lock = Lock()
        self._mode, self._times, self.delay = mode, -1, 15.0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def become(self, mode: str, times: int = -1, delay: float | None = None) -> None:
        """Meet the next `times` requests (-1: all) in this mode."""
        if mode not in MODES:
            raise ValueError(f"{mode}: none of {', '.join(MODES)}")
        with self._lock:
            self._mode, self._times = mode, times
            self.delay = self.delay if delay is None else delay

    def next_mode(self) -> str:
        """The mode of one more request."""
        with self._lock:
            self.requests += 1
            if self._times == 0:
                self._mode, self._times = "ok", -1
            self._times -= self._times > 0
            return self._mode

    def report(self) -> dict[str, Any]:
        """The mode and the counts."""
        with self._lock:
            mode, requests = "ok" if self._times == 0 else self._mode, self.requests
        return {"mode": mode, "requests": requests, **self.book.counts()}

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self.book.close()


class Handler(BaseHTTPRequestHandler):
    """One request: signature, operation, answer."""

    server: Simulator

    def do_GET(self) -> None:
        """The control page."""
        known = self.path == "/control"
        self._answer(*((200, self.server.report()) if known else _no(404, "F200", "NotFound")))

    def do_POST(self) -> None:
        """A control call, or an operation of the api."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > BODY_LIMIT:
            return self._answer(*_no(400, "F200", "BodyLength"))
        body = self.rfile.read(int(length))
        content = _json(body)
        if self.path == "/control":
            return self._answer(*self._control(content))
        operation = self.OPERATIONS.get(self.path)
        if operation is None:
            return self._answer(*_no(404, "F200", "NotFound"))
        moment = self.headers.get("X-Hosho-Moment", "")
        given = self.headers.get("X-Hosho-Signature", "")
        if not is_signed(self.server.secret, "POST", self.path, moment, body, given):
            return self._answer(*_no(403, "F200", "InvalidSignature"))
        if content.get("partnerId") != self.headers.get("X-Hosho-Key"):
            return self._answer(*_no(400, "F200", "PartnerIdMismatch"))
        reply = operation(self, content)
        if reply is None:
            self.close_connection = True  # as a provider that dies before it answers
            return None
        return self._answer(*reply)

    def _create(self, content: dict[str, Any]) -> Reply | None:
        """CreateGiftCard: idempotent by creationRequestId, whatever the mode was before."""
        server, mode = self.server, self.server.next_mode()
        if mode == "throttled":
            return _no(429, "F400", "Throttled")
        if mode == "500":
            return _no(500, "F500", "SystemError")
        if mode == "slow":
            server.stopping.wait(server.delay)
        request_id, brand, yen = _asked(content)
        if not request_id.startswith(content["partnerId"]) or not brand or yen < 1:
            return _no(400, "F200", "InvalidRequest")
        gift, fresh = server.book.find(request_id), False
        if gift is None:
            fresh, issued = True, yen + 1 if mode == "wrong-amount" else yen
            if mode != "no-funds":
                gift = server.book.issue(request_id, brand, yen, issued)
        if gift is None:
            return _no(400, "F300", "InsufficientFunds")
        if (gift["brand"], gift["asked"]) != (brand, yen):
            return _no(400, "F200", "RequestIdReusedWithOtherValues")
        if gift["state"] == "cancelled":
            return _no(400, "F200", "Cancelled")
        if fresh and mode == "timeout-after-issue":
            server.stopping.wait(server.delay)
            return None
        return 200, _card(gift)

    def _cancel(self, content: dict[str, Any]) -> Reply:
        """CancelGiftCard: twice is once."""
        reason = self.server.book.cancel(
            str(content.get("creationRequestId")),
            str(content.get("gcId")),
            self.server.cancel_seconds,
        )
        return _no(400, "F200", reason) if reason else (200, {"status": "SUCCESS"})

    def _funds(self, content: dict[str, Any]) -> Reply:
        """GetAvailableFunds."""
        yen = self.server.book.counts()["funds"]
        return 200, {
            "status": "SUCCESS",
            "availableFunds": {"currencyCode": "JPY", "amount": yen},
        }

    def _activity(self, content: dict[str, Any]) -> Reply:
        """GetActivity: the book, a page at a time."""
        after = content.get("after")
        if not isinstance(after, int):
            return _no(400, "F200", "InvalidRequest")
        page = self.server.book.page(after)
        rows = [
            {
                "creationRequestId": gift["request_id"],
                "gcId": gift["ref"],
                "brand": gift["brand"],
                "yen": gift["yen"],
                "state": gift["state"],
            }
            for gift in page
        ]
        following = page[-1]["number"] if len(page) == PAGE else None
        return 200, {"status": "SUCCESS", "activity": rows, "next": following}

    def _control(self, content: dict[str, Any]) -> Reply:
        """Change the mode or the funds."""
        try:
            if "mode" in content:
                delay = content.get("delay")
                self.server.become(
                    str(content["mode"]),
                    int(content.get("times", -1)),
                    None if delay is None else float(delay),
                )
            if "funds" in content:
                self.server.book.set_funds(int(content["funds"]))
        except (TypeError, ValueError) as error:
            return 400, {"error": str(error)}
        return 200, self.server.report()

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the caller's patience was over: it will ask again

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the counts tell what happened, and no code goes into a log."""

    OPERATIONS = {
        "/CreateGiftCard": _create,
        "/CancelGiftCard": _cancel,
        "/GetAvailableFunds": _funds,
        "/GetActivity": _activity,
    }


def _no(status: int, code: str, kind: str) -> Reply:
    """A refusal in the provider's words."""
    return status, {"status": "FAILURE", "errorCode": code, "errorType": kind}


def _card(gift: dict[str, Any]) -> dict[str, Any]:
    """The answer that carries a gift."""
    return {
        "status": "SUCCESS",
        "creationRequestId": gift["request_id"],
        "gcId": gift["ref"],
        "gcClaimCode": gift["code"],
        "gcUrl": gift["url"],
        "gcExpirationDate": gift["expires_on"],
        "managementNumber": gift["ref"][-8:],
        "cardInfo": {
            "cardStatus": "Fulfilled",
            "value": {"currencyCode": "JPY", "amount": gift["yen"]},
        },
    }


def _asked(content: dict[str, Any]) -> tuple[str, str, int]:
    """(request id, brand, yen) of a request; "" and 0 for what is not as it should be."""
    request_id, brand, value = (
        content.get(name) for name in ("creationRequestId", "brand", "value")
    )
    fit = isinstance(request_id, str) and request_id.isalnum() and len(request_id) <= 40
    amount = value.get("amount") if isinstance(value, dict) else 0
    whole = isinstance(amount, int) and not isinstance(amount, bool)
    return request_id if fit else "", str(brand or ""), amount if whole else 0


def _json(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def main(arguments: list[str] | None = None) -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="SQLite file, kept")
    parser.add_argument("--mode", choices=MODES, default="ok")
    parser.add_argument("--today", type=date.fromisoformat, help="the day expiries count from")
    options = parser.parse_args(arguments)
    secret = os.environ.get("GIFT_SECRET", "only for trying out")
    server = Simulator(
        options.state, port=options.port, mode=options.mode, secret=secret, today=options.today
    )
    print(f"gift simulator on {server.url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
