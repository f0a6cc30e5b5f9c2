"""What leaves the office, to look at: payouts, messages, transfers, the stock of codes."""

from payouts.admin import ledger, money, outbox, staff

__all__ = ["ledger", "money", "outbox", "staff"]
