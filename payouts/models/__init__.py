"""Everything that leaves the office, by subject."""

from payouts.models.app_holders import AppHolderRun
from payouts.models.gifts import Code, Order, OrderPart, OrderStep, Reveal
from payouts.models.links import Link
from payouts.models.messages import Attempt, Message
from payouts.models.offices import Bank, Branch, Clerk, Office
from payouts.models.payouts import Payout, PayoutLine, PayoutStep
from payouts.models.transfers import BankAccount, Batch, BatchStep, Transfer, TransferStep

__all__ = [
    "AppHolderRun",
    "Attempt",
    "Bank",
    "BankAccount",
    "Batch",
    "BatchStep",
    "Branch",
    "Clerk",
    "Code",
    "Link",
    "Message",
    "Office",
    "Order",
    "OrderPart",
    "OrderStep",
    "Payout",
    "PayoutLine",
    "PayoutStep",
    "Reveal",
    "Transfer",
    "TransferStep",
]
