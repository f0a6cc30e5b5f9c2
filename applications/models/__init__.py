"""People who ask, by subject."""

from applications.models.announcements import Announcement
from applications.models.applications import Application, ApplicationStep, Note
from applications.models.circulars import Circular, Recipient
from applications.models.claims import Claim, ClaimStep
from applications.models.closing import Closing
from applications.models.contests import Contest
from applications.models.corrections import (
    Amendment,
    ChangeRequest,
    ChangeRequestStep,
    ChannelLink,
    Correction,
)
from applications.models.entries import AssistedEntry
from applications.models.inquiries import Inquiry, InquiryNote
from applications.models.late_access import LateAccess
from applications.models.letters import CallTry, Letter, LetterBatch
from applications.models.looks import Bulk, BulkItem, SecondLook, Tally
from applications.models.new_accounts import NewAccount, NewAccountStep

__all__ = [
    "Amendment",
    "Announcement",
    "Application",
    "ApplicationStep",
    "AssistedEntry",
    "Bulk",
    "BulkItem",
    "CallTry",
    "ChangeRequest",
    "ChangeRequestStep",
    "ChannelLink",
    "Circular",
    "Claim",
    "ClaimStep",
    "Closing",
    "Contest",
    "Correction",
    "Inquiry",
    "InquiryNote",
    "LateAccess",
    "Letter",
    "LetterBatch",
    "NewAccount",
    "NewAccountStep",
    "Note",
    "Recipient",
    "SecondLook",
    "Tally",
]
