"""Error pages over real HTTP, with the database out of reach: 503 that asks to come again."""

import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config import run

pytestmark = pytest.mark.story

WEB = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1"]
WEB += ["--blocking-threads", "4", "--no-access-log", "--log-level", "error"]
SECRETS = ("SECRET_KEY", "FIELD_KEYS", "LINK_KEYS", "GIFT_SECRET")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    words: str


@dataclass(frozen=True)
class Web:
    """A site process of its own."""

    port: int

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body or None, {**FORM, **headers})
            found = connection.getresponse()
            names = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, names, found.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def sends(self, path: str, body: str) -> Answer:
        """A form with its guard against foreign pages."""
        token = secrets.token_hex(16)
        return self.ask("POST", path, f"csrfmiddlewaretoken={token}&{body}", Cookie=f"csrf={token}")


@contextmanager
def web(folder: Path, **changes: str) -> Iterator[Web]:
    """The web process alone, no engine behind it."""
    (folder / "static").mkdir(parents=True, exist_ok=True)
    port = run.free_port()
    environment = {
        **os.environ,
        "VAR_DIR": str(folder),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"postgres://hosho_app@/hosho?host={folder}",
        "DATABASE_OWNER_URL": f"postgres://hosho_owner@/hosho?host={folder}",
        "REDIS_URL": f"unix://{folder}/redis.sock",
        **{name: secrets.token_urlsafe(48) for name in SECRETS},
        "OFFICE_EMAIL": "office@office.example",
        "EMAIL_URL": "smtp://post:box@127.0.0.1:25",
        "SMS_PROVIDER": "http_json+https://key:secret@127.0.0.1/sms",
        "PYTHONWARNINGS": "ignore",
        **changes,
    }
    process = run.start(
        environment, [sys.executable, *WEB, "--port", str(port), "config.wsgi:application"]
    )
    try:
        run.wait_until_open(port, [process])
        yield Web(port)
    finally:
        run.stop(process)


@pytest.fixture(scope="module", params=["socket", "pool", "tcp"])
def in_earnest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> object:
    """Outside rehearsals, without a database: no socket, the same behind the pool, a dead port."""
    folder = tmp_path_factory.mktemp(request.param)
    changes = {"REHEARSAL": "0"}
    if request.param == "pool":
        changes["DATABASE_POOL"] = "1"
    if request.param == "tcp":
        changes["DATABASE_URL"] = f"postgres://hosho_app@127.0.0.1:{run.free_port()}/hosho"
    with web(folder, **changes) as found:
        yield found


def assert_away(answer: Answer) -> None:
    """503 in our clothes."""
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert answer.headers["cache-control"] == "no-store"
    assert "ただいま<wbr>ご利用いただけません" in answer.words
    assert "0120-479-249" in answer.words
    assert "site.css" in answer.words


def test_database_away_is_503_where_it_is_needed(in_earnest: Web) -> None:
    assert_away(in_earnest.ask("GET", "/r/" + "a" * 20 + "/"))
    assert_away(in_earnest.sends("/status/", "receipt=2222-2222-2222&proof=1234&show=1"))


def test_information_stands_without_a_database(in_earnest: Web) -> None:
    for path in ("/", "/check/", "/faq/", "/contact/", "/messages/", "/news/", "/accessibility/"):
        answer = in_earnest.ask("GET", path)
        assert (path, answer.status) == (path, 200)
    assert in_earnest.ask("GET", "/healthz").status == 200


def test_refusals_stand_without_a_database(in_earnest: Web) -> None:
    for status, answer in {
        404: in_earnest.ask("GET", "/nothing/"),
        400: in_earnest.ask("GET", "/", Host="example.jp"),
        403: in_earnest.ask("POST", "/apply/coupons/", "next=1"),
        413: in_earnest.ask("POST", "/status/", "x=" + "1" * 70_000),
    }.items():
        assert answer.status == status
        assert answer.headers["cache-control"] == "no-store"
        assert len(re.findall("<h1>", answer.words)) == 1
        assert "0120-479-249" in answer.words


def test_rehearsal_without_a_database_is_503_everywhere(tmp_path: Path) -> None:
    with web(tmp_path, REHEARSAL="1") as found:
        for path in ("/", "/apply/", "/admin/", "/nothing/"):
            assert_away(found.ask("GET", path))
        assert found.ask("GET", "/static/site.css").status == 200
