"""The settings of earnest on a real server: what every address of the site answers with (R13)."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from config.middleware import PRIVATE
from tests.addresses import addresses
from tests.applications import rows
from tests.config.test_settings import EARNEST, LONG
from tests.faults.web import web
from tests.house import ROOT

pytestmark = pytest.mark.story

LONG_RUN = os.environ.get("FAULTS") == "long"

HOST = "hosho.example"
ALWAYS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
POLICY = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "style-src": "'self'",
}
TELLS = ("x-powered-by", "via", "access-control-allow-origin")  # the proxy takes Server away
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)


@dataclass(frozen=True)
class Answer:
    """What came back from one address."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: str


@dataclass
class Earnest:
    """A server with the settings of production, seen as its proxy sees it."""

    port: int
    environment: dict[str, str]
    office: str

    def ask(self, path: str, method: str = "GET", body: str = "", **heads: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        asked = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
        asked |= {name.replace("_", "-"): value for name, value in heads.items()}
        connection.request(method, path, body or None, asked)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        cookies = tuple(value for name, value in answer.getheaders() if name == "set-cookie")
        return Answer(answer.status, headers, cookies, text)


@pytest.fixture
def earnest(app_database_url: str, tmp_path: Path, settings: Settings) -> Iterator[Earnest]:
    """Web in earnest: no rehearsal, secrets from files, https behind one proxy."""
    secrets = {}
    values = EARNEST | {"DATABASE_URL": app_database_url, "SECRET_KEY": 2 * LONG}
    for name, value in values.items():
        (tmp_path / name).write_text(value + "\n")
        secrets[f"{name}_FILE"] = str(tmp_path / name)
    changes = {**dict.fromkeys(EARNEST, ""), **secrets, "REHEARSAL": "0", "DEBUG": "0"}
    settings.SECRET_KEY = 2 * LONG
    client = rows.signed_in(Client(), rows.clerk("manager"))
    cookie = f"__Host-office={client.cookies['office'].value}"
    with web(tmp_path / "var", "", **changes) as port:
        yield Earnest(port, changes, cookie)


def faults(path: str, answer: Answer) -> list[str]:
    """What is wrong with an answer of this address."""
    found = [
        f"{name}: {answer.headers.get(name)}"
        for name, value in ALWAYS.items()
        if answer.headers.get(name) != value
    ]
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers.get("content-security-policy", "").split(";")
    )
    found += [
        f"{name} {policy.get(name)}" for name, value in POLICY.items() if policy.get(name) != value
    ]
    found += [word for word in ("unsafe", "*", "http:", "https:") if word in str(policy)]
    found += [name for name in TELLS if name in answer.headers]
    bare = path.removeprefix("/en")
    kept = answer.headers.get("cache-control", "")
    if (bare.startswith(PRIVATE) or answer.status >= 400) and "no-store" not in kept:
        found.append(f"kept: {kept}")
    kind = answer.headers.get("content-type", "")
    if kind.startswith("text/html"):
        found += INLINE.findall(answer.body)
    if (
        answer.body
        and "charset=utf-8" not in kind.replace('"', "")
        and not kind.endswith(("json", "pdf"))
    ):
        found.append(f"type: {kind}")
    for cookie in answer.cookies:
        parts = cookie.split("; ")
        wanted = {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}
        if not parts[0].startswith("__Host-") or not wanted <= set(parts) or "Domain" in cookie:
            found.append(cookie)
    return found + ["5xx"] * (answer.status >= 500)


def test_every_address_is_hard(earnest: Earnest) -> None:
    answers = {}
    for number, each in enumerate(addresses()):
        stranger = not each.office or LONG_RUN or number % 8 == 0
        for cookie in [""] * stranger + [earnest.office] * each.office:
            answers[each.path, "office" if cookie else "stranger"] = earnest.ask(
                each.path, Cookie=cookie
            )
    wrong = {key: found for key, answer in answers.items() if (found := faults(key[0], answer))}
    assert wrong == {}
    statuses = {answer.status for answer in answers.values()}
    assert {200, 302, 404, 405} <= statuses
    assert sum(status[1] == "office" and answers[status].status == 200 for status in answers) > 40
    print(f"\nhardening: {len(answers)} answers, statuses {sorted(statuses)}")


def test_errors_are_as_hard_and_tell_nothing(earnest: Earnest) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    found = {
        400: [earnest.ask("/check/?a=%00"), earnest.ask("/", Host="evil.example")],
        403: [
            earnest.ask("/status/", "POST", "a=b", **form),
            earnest.ask("/", "DELETE", Content_Length="0"),
        ],
        404: [earnest.ask("/nothing/"), earnest.ask("/rehearsal/"), earnest.ask("/metrics")],
        405: [earnest.ask("/", "TRACE", Content_Length="0")],
        413: [earnest.ask("/apply/check/", "POST", "x" * 70_000, **form)],
    }
    for status, answers in found.items():
        for answer in answers:
            assert answer.status == status
            assert faults("/", answer) == []
            assert re.findall(r"Traceback|django|psycopg|/srv/|\.py\b", answer.body) == []


def test_hosts_and_schemes_are_ours_alone(earnest: Earnest) -> None:
    forged = earnest.ask("/", X_Forwarded_Host="evil.example")
    assert (forged.status, "evil.example" in forged.body) == (200, False)
    plain = earnest.ask("/status/", X_Forwarded_Proto="http")
    assert (plain.status, plain.headers["location"]) == (301, f"https://{HOST}/status/")
    away = earnest.ask("/admin/login/?next=https://evil.example/")
    assert "https://evil.example" not in away.headers.get("location", "")


def test_the_deployment_check_has_nothing_to_say(earnest: Earnest) -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"]
    environment = {**os.environ, **earnest.environment, "DATABASE_URL": ""}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of the browser tests
    told = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    said = told.stdout.strip() + told.stderr.strip()
    assert (told.returncode, said) == (0, "System check identified no issues (0 silenced).")
