"""The sender of demo and rehearsal: takes everything, reaches nobody, and fails on request.

Magic addresses, in the spirit of GOV.UK Notify's, for tests and for showing the office what
happens. A phone number counts by its last four digits, an e-mail address by what is before the @:

| number ends in | address      | outcome                                                      |
|----------------|--------------|--------------------------------------------------------------|
| 0550           | permanent@…  | refused for good: no such number or mailbox                  |
| 0450           | temporary@…  | refused for now, at every try                                |
| 0408           | timeout@…    | no answer, though it was sent: `lookup` finds it accepted    |
| 0409           | lost@…       | no answer and never sent: `lookup` finds nothing             |
| anything else  | anything else| accepted                                                     |
"""

from collections import OrderedDict
from threading import Lock
from typing import Literal

from payouts.outbound.messages import Accepted, Outcome, Refused, Text, Unknown

MAGIC = {
    "0550": Refused("no_such_address", permanent=True),
    "permanent": Refused("no_such_address", permanent=True),
    "0450": Refused("try_later", permanent=False),
    "temporary": Refused("try_later", permanent=False),
    "0408": Unknown("timeout"),
    "timeout": Unknown("timeout"),
    "0409": Unknown("lost"),
    "lost": Unknown("lost"),
}
KEPT = 10_000  # references remembered by one process


class Demo:
    """A peer of the real senders that keeps what it took in memory."""

    concurrency, rate, receipts = 2, 0.0, False

    def __init__(self, kind: Literal["sms", "mail"]) -> None:
        self.kind = kind
        self._taken: OrderedDict[str, Accepted] = OrderedDict()
        self._lock = Lock()

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        """Accept, or do what the magic address says."""
        mark = address[-4:] if self.kind == "sms" else address.partition("@")[0]
        outcome = MAGIC.get(mark, Accepted(f"demo-{reference}"))
        if outcome == Unknown("timeout") or isinstance(outcome, Accepted):
            self._take(reference)
        return outcome

    def lookup(self, reference: str) -> Outcome | None:
        """What this process took under a reference, None for nothing."""
        return self._taken.get(reference)

    def _take(self, reference: str) -> None:
        with self._lock:
            self._taken[reference] = Accepted(f"demo-{reference}")
            if len(self._taken) > KEPT:
                self._taken.popitem(last=False)
