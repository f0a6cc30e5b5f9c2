"""SMS by signed JSON."""

import json
import socket

import pytest

from payouts.outbound.messages import Accepted, Outcome, Refused, Text, Unknown
from payouts.outbound.signed_http import Endpoint
from payouts.outbound.sms import HttpJson
from tests.payouts.outbound.conftest import Web

TEXT = Text("【静岡】補償受取5/31まで https://hosho.example/r/abc")
PHONE = "+819012345678"


def sender(web: Web, timeout: float = 2) -> HttpJson:
    return HttpJson(Endpoint.of(web.url + "/sms", timeout, "key", "secret"))


def test_send_posts_reference_number_and_text(web: Web) -> None:
    web.answer = lambda seen: (202, {"id": "V-1"})
    assert sender(web).send("link:1:1", PHONE, TEXT) == Accepted("V-1")
    assert json.loads(web.seen[0].body) == {
        "reference": "link:1:1",
        "to": PHONE,
        "text": TEXT.body,
    }
    assert web.seen[0].headers["Idempotency-Key"] == "link:1:1"


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (200, {}, Accepted("r")),
        (400, {"code": "invalid_number"}, Refused("invalid_number", True)),
        (422, {}, Refused("422", True)),
        (401, {}, Refused("401", False)),
        (404, {}, Refused("404", False)),
        (429, {"code": "rate"}, Refused("rate", False)),
        (503, {}, Refused("503", False)),
        (302, {}, Refused("302", False)),
        (500, {}, Unknown("500")),
        (502, {"code": "x" * 60}, Unknown("x" * 40)),
    ],
)
def test_send_tells_apart_what_came_of_it(
    web: Web, status: int, content: dict[str, object], outcome: Outcome
) -> None:
    web.answer = lambda seen: (status, content)
    assert sender(web).send("r", PHONE, TEXT) == outcome


def test_send_without_an_answer_is_unknown(web: Web) -> None:
    web.hang = True
    assert sender(web, timeout=0.05).send("r", PHONE, TEXT) == Unknown("no_answer")


def test_send_to_a_closed_port_is_refused_for_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    nobody = HttpJson(Endpoint.of(f"http://127.0.0.1:{port}", 1, "key", "secret"))
    assert nobody.send("r", PHONE, TEXT) == Refused("unreachable", False)
    assert nobody.lookup("r") == Unknown("no_answer")


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (200, {"id": "V-1", "status": "delivered"}, Accepted("V-1")),
        (200, {"id": "V-1", "status": "failed", "code": "no_such"}, Refused("no_such", True)),
        (404, {"code": "unknown_reference"}, None),
        (404, {}, Unknown("404")),
        (500, {}, Unknown("500")),
        (403, {}, Unknown("403")),
    ],
)
def test_lookup_says_never_taken_only_when_the_provider_does(
    web: Web, status: int, content: dict[str, object], outcome: Outcome | None
) -> None:
    web.answer = lambda seen: (status, content)
    assert sender(web).lookup("link:1:1") == outcome
    assert (web.seen[0].method, web.seen[0].path) == ("GET", "/sms/link%3A1%3A1")
