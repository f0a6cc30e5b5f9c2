"""What is owed: the ledger's copy, its seal, and the cases of category B."""

from coupons.models.coupons import Correction, Coupon, Extension
from coupons.models.double_charges import (
    Debit,
    DoubleCharge,
    DoubleChargeNote,
    DoubleChargeStep,
    GiveBackList,
)
from coupons.models.ledger import Difference, Entry, Import
from coupons.models.seals import Seal, SealedItem
from coupons.models.supplements import LateMovement, LateMovementStep
from coupons.models.uploads import Upload, UploadChunk, UploadStep

__all__ = [
    "Correction",
    "Coupon",
    "Debit",
    "Difference",
    "DoubleCharge",
    "DoubleChargeNote",
    "DoubleChargeStep",
    "Entry",
    "Extension",
    "GiveBackList",
    "Import",
    "LateMovement",
    "LateMovementStep",
    "Seal",
    "SealedItem",
    "Upload",
    "UploadChunk",
    "UploadStep",
]
