"""E-mail through a whole mail server: aiosmtpd takes it as a carrier's would."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config import run
from payouts.outbound import senders
from payouts.outbound.messages import Accepted, Outcome, Refused, Text

TEXT = Text("受取の案内です。\n髙橋様①\n", "補償の受取のご案内", "静岡県事務局")


@dataclass
class Carrier:
    """Takes letters; refuses by the name before the @."""

    letters: list[bytes] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answers = {"gone": "550 5.1.1 no such user", "full": "452 4.2.2 mailbox full"}
        if answer := answers.get(address.partition("@")[0]):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.letters.append(envelope.content)
        return "250 taken"


@pytest.fixture
def carrier() -> Iterator[tuple[Carrier, int]]:
    taking = Carrier()
    controller = Controller(taking, hostname="127.0.0.1", port=run.free_port())
    controller.start()
    yield taking, controller.port
    controller.stop()


def send(port: int, address: str) -> Outcome:
    sender = senders.mail_sender(
        f"smtp://127.0.0.1:{port}", 3, "補償事務局 <noreply@hosho.example>", "hosho.example"
    )
    return sender.send("link:1:1", address, TEXT)


def test_a_letter_arrives_as_it_was_written(carrier: tuple[Carrier, int]) -> None:
    taking, port = carrier
    assert send(port, "taro@example.jp") == Accepted("<link.1.1@hosho.example>")
    letter = email.message_from_bytes(taking.letters[0], policy=email.policy.default)
    assert letter["Subject"] == TEXT.subject
    assert letter["From"].addresses[0].display_name == TEXT.sender
    assert letter.get_content().replace("\r\n", "\n") == TEXT.body


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("gone@example.jp", Refused("550", permanent=True)),
        ("full@example.jp", Refused("452", permanent=False)),
    ],
)
def test_a_refusal_is_for_good_or_for_now(
    carrier: tuple[Carrier, int], address: str, outcome: Outcome
) -> None:
    assert send(carrier[1], address) == outcome


@pytest.mark.parametrize("address", ["a..b@docomo.ne.jp", "hana.@ezweb.ne.jp"])
def test_the_carriers_odd_addresses_arrive(carrier: tuple[Carrier, int], address: str) -> None:
    assert send(carrier[1], address) == Accepted("<link.1.1@hosho.example>")
    assert len(carrier[0].letters) == 1
