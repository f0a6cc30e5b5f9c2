"""Everything that leaves the office, by subject."""

from payouts.models.answers import AccountCheck, AnswerFile, BankWord, GivingUp, Recall
from payouts.models.app_holders import AppHolderRun
from payouts.models.brakes import LateLink, Pace, Pause, Spending
from payouts.models.gifts import Code, Delivery, Order, OrderPart, OrderStep, Reveal
from payouts.models.links import Link, Reopening
from payouts.models.messages import Attempt, Message, MessageAct
from payouts.models.office_changes import OfficeChange
from payouts.models.offices import Bank, Branch, Clerk, Office
from payouts.models.payouts import Payout, PayoutLine, PayoutStep, Unpayable
from payouts.models.receipts import Barred, Receipt
from payouts.models.transfers import BankAccount, Batch, BatchStep, Transfer, TransferStep

__all__ = [
    "AccountCheck",
    "AnswerFile",
    "AppHolderRun",
    "Attempt",
    "Bank",
    "BankAccount",
    "BankWord",
    "Barred",
    "Batch",
    "BatchStep",
    "Branch",
    "Clerk",
    "Code",
    "Delivery",
    "GivingUp",
    "LateLink",
    "Link",
    "Message",
    "MessageAct",
    "Office",
    "OfficeChange",
    "Order",
    "OrderPart",
    "OrderStep",
    "Pace",
    "Pause",
    "Payout",
    "PayoutLine",
    "PayoutStep",
    "Recall",
    "Receipt",
    "Reopening",
    "Reveal",
    "Spending",
    "Transfer",
    "TransferStep",
    "Unpayable",
]
