"""Everything that leaves the office, by subject."""

from payouts.models.app_holders import AppHolderRun
from payouts.models.brakes import LateLink, Pace, Pause, Spending
from payouts.models.gifts import Code, Delivery, Order, OrderPart, OrderStep, Reveal
from payouts.models.links import Link, Reopening
from payouts.models.messages import Attempt, Message, MessageAct
from payouts.models.offices import Bank, Branch, Clerk, Office
from payouts.models.payouts import Payout, PayoutLine, PayoutStep, Unpayable
from payouts.models.receipts import Barred, Receipt
from payouts.models.transfers import BankAccount, Batch, BatchStep, Transfer, TransferStep

__all__ = [
    "AppHolderRun",
    "Attempt",
    "Bank",
    "BankAccount",
    "Barred",
    "Batch",
    "BatchStep",
    "Branch",
    "Clerk",
    "Code",
    "Delivery",
    "LateLink",
    "Link",
    "Message",
    "MessageAct",
    "Office",
    "Order",
    "OrderPart",
    "OrderStep",
    "Pace",
    "Pause",
    "Payout",
    "PayoutLine",
    "PayoutStep",
    "Receipt",
    "Reopening",
    "Reveal",
    "Spending",
    "Transfer",
    "TransferStep",
    "Unpayable",
]
