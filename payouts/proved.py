"""The encrypted cookie that carries a right proof on for half an hour (decided 17).

It names one subject in one scope; every use reads that row again, so a replaced link or a changed
application is dead at once.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import cipher, clock
from payouts.models import Link

LIFE = timedelta(minutes=30)


@dataclass(frozen=True)
class Proof:
    """One scope of proofs: its cookie's name. What opens there opens nowhere else."""

    name: str

    def carry(self, response: HttpResponse, subject: str) -> None:
        """Let this browser go on with `subject` without being asked again."""
        until = (clock.real_now() + LIFE).timestamp()
        response.set_cookie(
            self.name,
            cipher.encrypt_text(json.dumps([subject, until]).encode(), self._context),
            max_age=LIFE,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )

    def subject(self, request: HttpRequest) -> str:
        """What this browser proved itself for less than half an hour ago, "" for nothing."""
        try:
            text = cipher.decrypt_text(request.COOKIES.get(self.name, ""), self._context)
            subject, until = json.loads(text)
        except (cipher.Unreadable, ValueError):
            return ""
        return subject if clock.real_now().timestamp() < until else ""

    def forget(self, response: HttpResponse) -> None:
        """Let this browser be asked again."""
        response.delete_cookie(self.name, samesite="Lax")

    @property
    def _context(self) -> str:
        return f"{self.name.removeprefix(settings.COOKIE_PREFIX)}_cookie"


RECEIVING = Proof(settings.COOKIE_PREFIX + "proof")
NAME = RECEIVING.name


def carry(response: HttpResponse, link: Link) -> None:
    """Let this browser go on with this link."""
    RECEIVING.carry(response, f"link:{link.pk}")


def carried(request: HttpRequest, link: Link) -> bool:
    """Whether this browser proved itself for this very link less than half an hour ago."""
    return RECEIVING.subject(request) == f"link:{link.pk}"
