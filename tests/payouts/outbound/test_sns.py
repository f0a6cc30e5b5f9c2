"""SMS by AWS SNS, against moto's server on loopback."""

import json
import logging
import socket
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from payouts.outbound import senders
from payouts.outbound.messages import Accepted, Refused, Sender, Text, Unknown
from tests.payouts.outbound.conftest import Web

TEXT = Text("【静岡事務局】補償受取5/31まで https://hosho.example/r/abc")


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """AWS as far as we need it; its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def sender(api: str, more: str = "") -> Sender:
    return senders.sms_sender(f"aws-sns://KEY:SECRET@ap-northeast-1?api={api}{more}", 2)


def taken(aws: str) -> list[dict[str, str]]:
    """The SMS that AWS has sent."""
    with urlopen(f"{aws}/moto-api/data.json") as answer:
        return json.load(answer)["sns"]["SMS"]


def test_send_publishes_the_text_to_the_number(aws: str) -> None:
    urlopen(Request(f"{aws}/moto-api/reset", method="POST")).close()
    outcome = sender(aws, "&sender=HOSHO").send("link:1:1", "+819012345678", TEXT)
    (sms,) = taken(aws)
    assert (sms["phone_number"], sms["message"]) == ("+819012345678", TEXT.body)
    assert outcome == Accepted(sms["message_id"])


def test_send_to_what_is_no_number_is_refused_for_good(aws: str) -> None:
    outcome = sender(aws).send("r", "090", TEXT)
    assert outcome == Refused("InvalidParameter", permanent=True)


def test_lookup_never_knows(aws: str) -> None:
    assert sender(aws).lookup("link:1:1") == Unknown()


def error(code: str) -> str:
    inside = f"<Type>Sender</Type><Code>{code}</Code><Message>no</Message>"
    return f"<ErrorResponse><Error>{inside}</Error><RequestId>1</RequestId></ErrorResponse>"


def test_send_to_who_answers_rubbish_is_unknown(web: Web) -> None:
    web.answer = lambda seen: (200, "no XML <")
    assert sender(web.url).send("r", "+819012345678", TEXT) == Unknown()


@pytest.mark.parametrize(
    ("status", "code", "outcome", "technical"),
    [
        (400, "Throttling", Refused("Throttling", False), False),
        (403, "InvalidClientTokenId", Refused("InvalidClientTokenId", False), True),
        (400, "OptedOut", Refused("OptedOut", True), False),
        (500, "InternalError", Unknown("InternalError"), False),
    ],
)
def test_send_tells_apart_whose_fault_it_is(
    web: Web, status: int, code: str, outcome: object, technical: bool
) -> None:
    web.answer = lambda seen: (status, error(code))
    found = sender(web.url).send("r", "+819012345678", TEXT)
    assert (found, getattr(found, "technical", False)) == (outcome, technical)
    assert len(web.seen) == 1  # never tried again behind our back


def test_send_without_an_answer_is_unknown(web: Web) -> None:
    web.answer = lambda seen: None
    assert sender(web.url).send("r", "+819012345678", TEXT) == Unknown()


def test_send_to_a_closed_port_is_refused_for_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outcome = sender(f"http://127.0.0.1:{port}").send("r", "+819012345678", TEXT)
    assert outcome == Refused("unreachable", permanent=False)
