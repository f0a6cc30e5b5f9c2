"""People who ask, by subject."""

from applications.models.applications import Application, ApplicationStep, Note
from applications.models.claims import Claim, ClaimStep
from applications.models.closing import Closing

__all__ = ["Application", "ApplicationStep", "Claim", "ClaimStep", "Closing", "Note"]
