"""Letters and calls: nothing goes out by machine, the row waits for a person."""

from payouts.outbound.messages import ByHand, Outcome, Text


class ByPerson:
    """The way out for who gave no channel: the office prints or phones, and books that itself."""

    concurrency, rate, receipts = 1, 0.0, False

    def send(self, reference: str, address: str, text: Text) -> Outcome:
        """Waits for print."""
        return ByHand()

    def lookup(self, reference: str) -> Outcome | None:
        """Waits for print."""
        return ByHand()
