"""The sender of demo and rehearsal."""

import pytest

from payouts.outbound import demo
from payouts.outbound.demo import Demo
from payouts.outbound.messages import Accepted, Outcome, Refused, Text, Unknown

TEXT = Text("本文")


@pytest.mark.parametrize(
    ("ending", "local", "outcome", "later"),
    [
        ("5678", "taro", Accepted("demo-r"), Accepted("demo-r")),
        ("0550", "permanent", Refused("no_such_address", True), None),
        ("0450", "temporary", Refused("try_later", False), None),
        ("0408", "timeout", Unknown("timeout"), Accepted("demo-r")),
        ("0409", "lost", Unknown("lost"), None),
    ],
)
def test_demo_does_what_the_magic_address_says(
    ending: str, local: str, outcome: Outcome, later: Outcome | None
) -> None:
    sms, mail = Demo("sms"), Demo("mail")
    assert sms.send("r", f"+81901234{ending}", TEXT) == outcome
    assert mail.send("r", f"{local}@example.jp", TEXT) == outcome
    assert (sms.lookup("r"), mail.lookup("r")) == (later, later)


def test_demo_remembers_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "KEPT", 2)
    sender = Demo("sms")
    for reference in "abc":
        sender.send(reference, "+819012345678", TEXT)
    assert [sender.lookup(reference) for reference in "abc"] == [
        None,
        Accepted("demo-b"),
        Accepted("demo-c"),
    ]
