"""What leaves the office, to look at: payouts, messages, transfers, the stock of codes."""

from payouts.admin import money, outbox, staff

__all__ = ["money", "outbox", "staff"]
