"""Signed JSON over HTTP: the one way in which we call a provider.

Every request carries who asks, when, and HMAC-SHA256 over method, path, moment and body. A failure
before anything was sent is told apart from a missing answer: only the second leaves a doubt.
"""

import hashlib
import hmac
import json
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import unquote, urlsplit

from config import clock

ANSWER_LIMIT = 1 << 20  # bytes
SKEW_SECONDS = 300


class NotSent(Exception):
    """No connection: the provider has not seen the request."""


class NoAnswer(Exception):
    """The request went out and no whole answer came back: the provider may have acted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON object ({} where the body was none) and the seconds of Retry-After."""

    status: int
    content: dict[str, Any]
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A provider's address with our key there; `timeout` in seconds, for each step of a call."""

    scheme: str
    host: str
    port: int | None
    path: str
    key: str
    secret: str
    timeout: float

    @classmethod
    def of(cls, url: str, timeout: float, key: str = "", secret: str = "") -> "Endpoint":
        """From http(s)://KEY:SECRET@host[:port]/path; what the address lacks comes from beside."""
        parts = urlsplit(url)
        return cls(
            parts.scheme,
            parts.hostname or "",
            parts.port,
            parts.path.rstrip("/"),
            unquote(parts.username or "") or key,
            unquote(parts.password or "") or secret,
            timeout,
        )

    def call(
        self, method: str, path: str, content: dict[str, Any] | None = None, **headers: str
    ) -> Answer:
        """One request and its answer. Raises NotSent, NoAnswer; never follows a redirect."""
        body = b"" if content is None else json.dumps(content).encode()
        target = (self.path + path) or "/"
        connection = self._connection()
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(str(error)) from error
        try:
            connection.request(
                method, target, body, {**signed(self, method, target, body), **headers}
            )
            response = connection.getresponse()
            text = response.read(ANSWER_LIMIT)
            return Answer(
                response.status, _json(text), _seconds(response.headers.get("Retry-After", ""))
            )
        except (OSError, HTTPException) as error:
            raise NoAnswer(str(error)) from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if self.scheme == "https":
            context = ssl.create_default_context()
            return HTTPSConnection(self.host, self.port, timeout=self.timeout, context=context)
        return HTTPConnection(self.host, self.port, timeout=self.timeout)


def signed(endpoint: Endpoint, method: str, target: str, body: bytes) -> dict[str, str]:
    """The headers that prove that a request is ours."""
    moment = str(int(clock.real_now().timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Accept": "application/json",
        "X-Hosho-Key": endpoint.key,
        "X-Hosho-Moment": moment,
        "X-Hosho-Signature": signature(endpoint.secret, method, target, moment, body),
    }


def signature(secret: str, method: str, target: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 in hex over "METHOD path moment" LF body."""
    head = f"{method} {target} {moment}\n".encode()
    return hmac.new(secret.encode(), head + body, hashlib.sha256).hexdigest()


def is_signed(secret: str, method: str, target: str, moment: str, body: bytes, given: str) -> bool:
    """Whether a request carries a right signature not older than five minutes."""
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return False
    age = abs(clock.real_now().timestamp() - int(moment))
    right = signature(secret, method, target, moment, body)
    return age <= SKEW_SECONDS and hmac.compare_digest(right.encode(), given.encode())


def _json(text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _seconds(header: str) -> int | None:
    return int(header) if header.isascii() and header.isdigit() and len(header) < 6 else None
