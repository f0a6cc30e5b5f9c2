"""People who ask, by subject."""

from applications.models.announcements import Announcement
from applications.models.applications import Application, ApplicationStep, Note
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

__all__ = [
    "Amendment",
    "Announcement",
    "Application",
    "ApplicationStep",
    "ChangeRequest",
    "ChangeRequestStep",
    "ChannelLink",
    "Claim",
    "ClaimStep",
    "Closing",
    "Contest",
    "Correction",
    "Note",
]
