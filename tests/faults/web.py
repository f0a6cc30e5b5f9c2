"""One web process in earnest's manner (granian, role hosho_app, one proxy in front), and a world of
rows with a valid link or cookie for every door, so that requests get as far as they can."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.http import HttpResponse
from django.test import Client

from applications import late_access, review, tokens
from applications.models import ChannelLink, Correction, LateAccess
from applications.views.status_entry import KNOWN, SURE
from config import cipher, clock, rehearsal, run
from config.models import Offset
from payouts import links, opening, proved
from payouts.models import Link
from tests.applications import rows
from tests.payouts import rows as money

OPEN = datetime(2023, 4, 10, 10, tzinfo=clock.JST)


@dataclass
class World:
    """What a stranger could hold in their hands."""

    tokens: dict[str, str] = field(default_factory=dict)  # beginning of a path -> a living token
    cookies: dict[str, list[str]] = field(default_factory=dict)  # name -> valid values
    receipts: list[str] = field(default_factory=list)


@contextmanager
def web(var: Path, database_url: str, **changes: str) -> Iterator[int]:
    """The port of a running web process on this database, in April 2023."""
    (var / "static").mkdir(parents=True)
    Offset.objects.update_or_create(id=1, defaults={"ahead": OPEN - clock.real_now()})
    rehearsal.refresh()
    port = run.free_port()
    environment = {
        **os.environ,
        "VAR_DIR": str(var),
        "DATABASE_URL": database_url,
        "DATABASE_OWNER_URL": "",
        "REDIS_URL": f"unix://{var}/nobody.sock",
        "DATABASE_POOL": "1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "TRUSTED_PROXIES": "1",
        "PYTHONWARNINGS": "ignore",
        **changes,
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", "16"]
    command += ["--http1-header-read-timeout", "10000", "--http1-buffer-size", "32768"]
    command += ["--no-access-log", "--log-level", "error", "config.wsgi:application"]
    process = run.start(environment, command)
    try:
        run.wait_until_open(port, [process])
        yield port
    finally:
        run.stop(process)
        clock.set_offset(timedelta())


def world() -> World:
    """Applications, links and cookies, and a manager who is signed in."""
    asked = rows.application(rows.coupon("123456784321"))
    review.ask(asked, ["person"], by=rows.clerk())
    coupon = rows.coupon("123456784322")
    money.seal(coupon)
    decided = rows.application(coupon)
    review.check(decided, {decided.claims.get().pk: ("approved", "")}, by=rows.clerk())
    review.approve(decided, by=rows.clerk("approver"))
    opening.release_due()
    money.codes("ponta", 500, 8)
    link = Link.objects.get(replaced_at=None)
    late = late_access_of()
    channel = tokens.first(ChannelLink, asked, clock.now())
    tokens_of = {
        "/r/": links.token_of(link),
        "/p/": tokens.token_of(channel),
        "/status/p/": tokens.token_of(channel),
        "/l/": late_access.token_of(late),
        "/apply/late/": late_access.token_of(late),
    }
    correction = tokens.token_of(Correction.objects.get())
    tokens_of |= {"/c/": correction, "/status/correct/": correction}
    carried = [carry(KNOWN, f"{row.pk}{sure}") for row in (asked, decided) for sure in ("", SURE)]
    manager = rows.signed_in(Client(), rows.clerk("manager"))
    cookies = {
        KNOWN.name: carried,
        proved.NAME: [carry(proved.RECEIVING, f"link:{link.pk}")],
        "office": [manager.cookies["office"].value],
    }
    return World(tokens_of, cookies, [asked.receipt_number, decided.receipt_number])


def late_access_of() -> LateAccess:
    """A link for who proved their case after the deadline."""
    at = clock.now()
    letters = (LateAccess.PURPOSE, 1, late_access.GENERATION, LateAccess.LENGTH)
    number, token = cipher.link_token(*letters)
    return LateAccess.objects.create(
        pk=1,
        prefecture_code="22",
        reason="other",
        account="x",
        name="静岡 花子",
        channel="sms",
        contact="+819012345678",
        expires_at=at + timedelta(days=40),
        prepared_at=at,
        prepared_by=rows.clerk(),
        approved_at=at,
        approved_by=rows.clerk("manager"),
        key_number=number,
        token_hash=cipher.token_hash(token),
    )


def carry(proof: proved.Proof, subject: str) -> str:
    """The value of a cookie of this proof."""
    response = HttpResponse()
    proof.carry(response, subject)
    return response.cookies[proof.name].value
