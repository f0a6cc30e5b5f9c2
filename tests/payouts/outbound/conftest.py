"""Small servers on loopback that answer as a test tells them."""

import json
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest


@dataclass
class Seen:
    """One HTTP request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """A provider: `answers` gives (status, content) by request, None for no answer at all."""

    answer: Callable[[Seen], tuple[int, dict[str, object] | str] | None] = lambda seen: (200, {})
    hang: bool = False
    url: str = ""
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    provider, over = Web(), Event()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            seen = Seen(self.command, self.path, dict(self.headers), body)
            provider.seen.append(seen)
            if provider.hang:
                over.wait(5)
            answer = provider.answer(seen)
            if answer is None:
                return
            said = answer[1]
            content = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    with serving(server):
        yield provider
        over.set()


@dataclass
class PostOffice:
    """A mail server: `replies` by verb (MAIL, RCPT, DATA, "." for the end of the text)."""

    replies: dict[str, str] = field(default_factory=dict)
    port: int = 0
    lines: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say(office.replies.get("HELLO", "220 ready"))
            while raw := self.rfile.readline():
                line = raw.decode().rstrip("\r\n")
                office.lines.append(line)
                verb = line[:4].upper()
                if verb == "DATA" and "DATA" not in office.replies:
                    self.say("354 go on")
                    self.take_letter()
                    verb = "."
                reply = office.replies.get(verb, "250 ok")
                if reply == "hang up":
                    return
                self.say("221 bye" if verb == "QUIT" else reply)
                if verb == "QUIT":
                    return

        def take_letter(self) -> None:
            letter = []
            while (raw := self.rfile.readline()) not in (b".\r\n", b""):
                letter.append(raw.decode())
            office.letters.append("".join(letter))

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    office.port = server.server_address[1]
    with serving(server):
        yield office
