"""E-mail against a mail server that refuses in every way."""

import socket

import pytest

from payouts.outbound.mail import Mail
from payouts.outbound.messages import Accepted, Outcome, Refused, Text, Unknown
from tests.payouts.outbound.conftest import PostOffice

TEXT = Text("受取の案内です。\n髙橋様①", "補償の受取", "静岡県事務局")
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def mail(port: int) -> Mail:
    options = {"host": "127.0.0.1", "port": port, "timeout": 2}
    return Mail(SMTP, options, "補償事務局 <noreply@hosho.example>", "hosho.example")


def test_send_carries_the_reference_and_the_office(post_office: PostOffice) -> None:
    outcome = mail(post_office.port).send("link:1:1", "taro@example.jp", TEXT)
    assert outcome == Accepted("<link.1.1@hosho.example>")
    heads = post_office.letters[0].partition("\r\n\r\n")[0].split("\r\n")
    assert "Message-ID: <link.1.1@hosho.example>" in heads
    assert "X-Hosho-Reference: link:1:1" in heads
    assert [line for line in post_office.lines if " " in line] == [
        "ehlo localhost",
        "mail FROM:<noreply@hosho.example>",
        "rcpt TO:<taro@example.jp>",
    ]


@pytest.mark.parametrize(
    ("verb", "reply", "outcome"),
    [
        ("RCPT", "550 5.1.1 no such user", Refused("550", True)),
        ("RCPT", "550 no such user", Refused("550", True)),
        ("RCPT", "550 5.7.1 your address is on a list", Refused("550", False)),
        ("RCPT", "451 4.2.1 try later", Refused("451", False)),
        ("RCPT", "452 4.2.2 mailbox full", Refused("452", False)),
        ("MAIL", "530 5.7.0 log in first", Refused("530", False)),
        ("DATA", "554 5.6.0 no", Refused("554", True)),
        (".", "552 5.2.2 mailbox full", Refused("552", True)),
        (".", "451 4.3.0 try later", Refused("451", False)),
        (".", "hang up", Unknown("no_answer")),
        ("HELLO", "421 too busy", Refused("421", False)),
    ],
)
def test_send_tells_apart_what_came_of_it(
    post_office: PostOffice, verb: str, reply: str, outcome: Outcome
) -> None:
    post_office.replies[verb] = reply
    assert mail(post_office.port).send("r", "taro@example.jp", TEXT) == outcome


def test_send_to_a_closed_port_is_refused_for_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert mail(port).send("r", "taro@example.jp", TEXT) == Refused("unreachable", False)


def test_lookup_never_knows(post_office: PostOffice) -> None:
    assert mail(post_office.port).lookup("r") == Unknown("no_answer")


@pytest.mark.parametrize(
    "address", ["taro..x.@docomo.ne.jp", ".taro@ezweb.ne.jp", "taro.x+y@example.jp"]
)
def test_send_reaches_the_addresses_that_carriers_gave_out(
    post_office: PostOffice, address: str
) -> None:
    assert mail(post_office.port).send("r", address, TEXT) == Accepted("<r@hosho.example>")
    assert f"rcpt TO:<{address}>" in post_office.lines


@pytest.mark.parametrize("address", ["", "taro@", "taro@example.jp\nBcc: x@example.jp"])
def test_send_refuses_what_is_no_address(post_office: PostOffice, address: str) -> None:
    assert mail(post_office.port).send("r", address, TEXT) == Refused("address", True)
    assert post_office.lines == []
