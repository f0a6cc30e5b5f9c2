"""An SMS provider that counts what it sends, and now and then acts without answering."""

import json
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Provider(ThreadingHTTPServer):
    """`sent` counts the sends of each reference; it does not absorb a second one."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, seed: int, delay: float = 0.05, silent: float = 0.05) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent: Counter[str] = Counter()
        self.delay, self.silent, self.random = delay, silent, random.Random(seed)
        self.lock = threading.Lock()

    @property
    def setting(self) -> str:
        """SMS_PROVIDER of a site that uses this provider."""
        return f"http_json+http://KEY:SECRET@127.0.0.1:{self.server_address[1]}/sms?concurrency=4"

    def take(self, reference: str) -> bool:
        """Send once more; whether the sender hears of it."""
        time.sleep(self.delay)  # a provider takes its time, so that a kill meets it at work
        with self.lock:
            self.sent[reference] += 1
            return self.random.random() >= self.silent

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that was killed hangs up: no news."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """POST sends, GET tells whether a reference was sent."""

    server: Provider

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.take(content["reference"]):
            self._answer(200, {"id": f"P-{content['reference']}"})
        else:
            self.close_connection = True

    def do_GET(self) -> None:
        reference = self.path.removeprefix("/sms/").replace("%3A", ":")
        with self.server.lock:
            known = self.server.sent[reference] > 0
        if known:
            self._answer(200, {"id": f"P-{reference}", "status": "sent"})
        else:
            self._answer(404, {"code": "unknown_reference"})

    def _answer(self, status: int, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Silence."""
