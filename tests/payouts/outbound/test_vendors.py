"""E-mail by vendors' APIs: what they answer, and what that means for the address."""

import base64
import json
import socket
from urllib.parse import parse_qs

import pytest

from payouts.outbound import senders
from payouts.outbound.messages import Accepted, Outcome, Refused, Sender, Text, Unknown
from tests.payouts.outbound.conftest import Seen, Web

TEXT = Text("受取の案内です。\n髙橋様①\n", "補償の受取", "静岡県事務局")
FROM = "補償事務局 <noreply@hosho.example>"


def sender(url: str) -> Sender:
    return senders.mail_sender(url, 1, FROM, "hosho.example")


def postmark(web: Web) -> Sender:
    return sender(f"postmark://its-token@?api={web.url}")


def mailgun(web: Web) -> Sender:
    return sender(f"mailgun://its-key@mg.example.jp?api={web.url}/v3")


INACTIVE = (
    "You tried to send to a recipient that has been marked as inactive.\n"
    "Found inactive addresses: taro@example.jp.\n"
    "Inactive recipients are ones that have generated a hard bounce or a spam complaint."
)
INVALID = "Error parsing 'To': Illegal email address 'taro@example.jp'."
OK = (200, {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "taro@example.jp"})


def test_postmark_gets_the_text_and_our_reference(web: Web) -> None:
    web.answer = lambda seen: OK
    assert postmark(web).send("link:1:1", "taro@example.jp", TEXT) == Accepted("pm-1")
    seen = web.seen[0]
    assert (seen.method, seen.path) == ("POST", "/email")
    assert seen.headers["X-Postmark-Server-Token"] == "its-token"
    said = json.loads(seen.body)
    assert said["Metadata"] == {"reference": "link:1:1"}
    assert (said["Subject"], said["TextBody"], said["To"]) == (
        TEXT.subject,
        TEXT.body,
        "taro@example.jp",
    )
    assert "noreply@hosho.example" in said["From"]


def test_mailgun_gets_the_text_and_our_reference(web: Web) -> None:
    web.answer = lambda seen: (200, {"id": "<1@mg.example.jp>", "message": "Queued. Thank you."})
    outcome = mailgun(web).send("link:1:1", "taro@example.jp", TEXT)
    assert outcome == Accepted("<1@mg.example.jp>")
    seen = web.seen[0]
    assert seen.path == "/v3/mg.example.jp/messages"
    assert seen.headers["Authorization"] == "Basic " + base64.b64encode(b"api:its-key").decode()
    assert parse_qs(seen.body.decode())["v:reference"] == ["link:1:1"]


@pytest.mark.parametrize(
    ("status", "content", "outcome", "technical"),
    [
        (
            422,
            {"ErrorCode": 406, "Message": INACTIVE},
            Refused("recipient", True),
            False,
        ),
        (
            422,
            {"ErrorCode": 300, "Message": INVALID},
            Refused("recipient", True),
            False,
        ),
        (422, {"ErrorCode": 400, "Message": "no sender signature"}, Refused("422", False), True),
        (422, {"ErrorCode": 405, "Message": "not allowed to send"}, Refused("422", False), True),
        (401, {"ErrorCode": 10, "Message": "bad token"}, Refused("401", False), True),
        (429, {}, Refused("429", False), False),
        (503, {}, Refused("503", False), False),
        (500, {}, Unknown("500"), False),
    ],
)
def test_postmark_tells_apart_whose_fault_it_is(
    web: Web, status: int, content: dict[str, object], outcome: Outcome, technical: bool
) -> None:
    web.answer = lambda seen: (status, content)
    found = postmark(web).send("r", "taro@example.jp", TEXT)
    assert found == outcome
    assert getattr(found, "technical", False) == technical


@pytest.mark.parametrize(
    ("status", "message", "outcome"),
    [
        (
            400,
            "to parameter is not a valid address. please check documentation",
            Refused("recipient", True),
        ),
        (400, "from parameter is not a valid address", Refused("400", False)),
        (401, "Forbidden", Refused("401", False)),
        (404, "Domain not found: mg.example.jp", Refused("404", False)),
    ],
)
def test_mailgun_tells_apart_whose_fault_it_is(
    web: Web, status: int, message: str, outcome: Outcome
) -> None:
    web.answer = lambda seen: (status, {"message": message})
    assert mailgun(web).send("r", "taro@example.jp", TEXT) == outcome


def test_no_answer_is_unknown_and_a_closed_port_was_not_sent(web: Web) -> None:
    web.answer = lambda seen: None
    assert postmark(web).send("r", "taro@example.jp", TEXT) == Unknown()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    closed = sender(f"postmark://t@?api=http://127.0.0.1:{port}")
    assert closed.send("r", "taro@example.jp", TEXT) == Refused("unreachable", False)


def test_a_slow_vendor_is_unknown(web: Web) -> None:
    web.hang = True
    assert postmark(web).send("r", "taro@example.jp", TEXT) == Unknown()


def test_a_rubbish_answer_is_unknown(web: Web) -> None:
    web.answer = lambda seen: (200, {"surprise": 1})
    assert postmark(web).send("r", "taro@example.jp", TEXT) == Unknown("answer")


def test_the_carriers_odd_addresses_go(web: Web) -> None:
    web.answer = lambda seen: OK
    outcome = postmark(web).send("r", "a..b.@docomo.ne.jp", TEXT)
    assert outcome == Accepted("pm-1")
    assert json.loads(web.seen[0].body)["To"] == "a..b.@docomo.ne.jp"


def test_what_is_no_address_is_not_sent(web: Web) -> None:
    outcome = postmark(web).send("r", "a@b@c\nBcc: x@example.jp", TEXT)
    assert (outcome, web.seen) == (Refused("address", True), [])


def test_calls_are_one_each(web: Web) -> None:
    seen: list[Seen] = web.seen
    web.answer = lambda _: OK
    for n in range(3):
        postmark(web).send(f"r:{n}", "taro@example.jp", TEXT)
    assert len(seen) == 3
