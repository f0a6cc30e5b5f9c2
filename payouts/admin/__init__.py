"""What leaves the office, to look at: payouts, messages, transfers, the stock of codes."""

from payouts.admin import answers, batches, ledger, money, offices, outbox, reopening, sent, stock

__all__ = [
    "answers",
    "batches",
    "ledger",
    "money",
    "offices",
    "outbox",
    "reopening",
    "sent",
    "stock",
]
