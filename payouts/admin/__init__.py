"""What leaves the office, to look at: payouts, messages, transfers, the stock of codes."""

from payouts.admin import batches, ledger, money, offices, outbox, reopening, stock

__all__ = ["batches", "ledger", "money", "offices", "outbox", "reopening", "stock"]
