"""The encrypted cookie that carries a right proof on for half an hour (decided 17).

It names one link and generation; every use reads the link again, so a replaced one is dead at once.
"""

import json
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import cipher, clock
from payouts.models import Link

NAME = settings.COOKIE_PREFIX + "proof"
LIFE = timedelta(minutes=30)
CONTEXT = "proof_cookie"


def carry(response: HttpResponse, link: Link) -> None:
    """Let this browser go on without being asked again."""
    content = {"link": link.pk, "until": (clock.real_now() + LIFE).timestamp()}
    response.set_cookie(
        NAME,
        cipher.encrypt_text(json.dumps(content).encode(), CONTEXT),
        max_age=LIFE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def carried(request: HttpRequest, link: Link) -> bool:
    """Whether this browser proved itself for this very link less than half an hour ago."""
    try:
        content = json.loads(cipher.decrypt_text(request.COOKIES.get(NAME, ""), CONTEXT))
    except (cipher.Unreadable, ValueError):
        return False
    return content["link"] == link.pk and clock.real_now().timestamp() < content["until"]
