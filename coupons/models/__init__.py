"""What is owed: the ledger's copy, its seal, and the cases of category B."""

from coupons.models.coupons import Correction, Coupon, Extension
from coupons.models.double_charges import Debit, DoubleCharge, DoubleChargeStep
from coupons.models.ledger import Difference, Entry, Import
from coupons.models.seals import Seal, SealedItem

__all__ = [
    "Correction",
    "Coupon",
    "Debit",
    "Difference",
    "DoubleCharge",
    "DoubleChargeStep",
    "Entry",
    "Extension",
    "Import",
    "Seal",
    "SealedItem",
]
