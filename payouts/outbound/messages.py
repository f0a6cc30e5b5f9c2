"""What a message provider is to us: a sender that takes one text and tells what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

CODE, REF = 40, 80  # letters of a reason and of a provider's name that an adapter may return


@dataclass(frozen=True, slots=True)
class Text:
    """A message as its receiver reads it. `subject` and `sender` are used by e-mail only."""

    body: str
    subject: str = ""
    sender: str = ""  # display name, beside the one address of the site


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it and answers for it; `ref` is the provider's own name for it."""

    ref: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider does not take it. `permanent`: this address will never do (a bounce).

    `technical`: our key, account or connection is to blame, whatever the address: all wait.
    """

    code: str
    permanent: bool
    technical: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came: it may have gone out or not. Ask by `lookup` before sending it again."""

    code: str = "no_answer"


@dataclass(frozen=True, slots=True)
class ByHand:
    """Nothing goes out by machine: a person prints the letter or makes the call."""


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery receipt. `event`: its name at the provider, the same each time that it comes.

    `outcome`: delivered, failed, delayed, complained. `happened_at` is the provider's moment.
    """

    reference: str
    provider_ref: str
    outcome: str
    happened_at: datetime
    permanent: bool = False
    code: str = ""
    event: str = ""


Outcome = Accepted | Refused | Unknown | ByHand


class Sender(Protocol):
    """One way out. It knows no rows and raises nothing for what a provider may answer."""

    concurrency: int
    """How many sends may run side by side."""
    rate: float
    """How many sends a second all processes together may make; 0 for no bound."""
    receipts: bool
    """Whether the provider tells afterwards if a message arrived."""

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        """Send once under our own reference, the same for every try of a message."""
        ...

    def lookup(self, reference: str) -> Outcome | None:
        """What became of a reference. None: never taken, sending is safe. Unknown: can't tell."""
        ...
