"""Where an application came from and how: what looks like a machine is marked, never refused.

An address is kept as a keyed hash, and only until no rule asks for it any more. Networks of mobile
carriers share an address among thousands: it decides nothing alone, the mark only holds a case.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings

from applications.draft import Draft
from applications.models import Application
from config import clock, limits
from config.cipher import keyed_hash

HOUR, AN_HOUR = timedelta(hours=1), 60  # applications from one address; carriers share theirs
DAY, A_NUMBER = timedelta(days=1), 5  # applications that name one coupon
KEPT = timedelta(days=30)
WHY = {
    "many_from_address": "同じ接続元から短い時間に多くの申請がありました",
    "many_for_number": "同じお問合せ番号で、1日に多くの申請がありました",
    "trap": "人には見えない欄に入力がありました（機械による送信の疑い）",
    "hasty": "はじめの画面から送信までが、人の操作としては短すぎます",
}
HOLDS = "busy_address"  # why a receipt was not sent


def hashed(address: str) -> bytes | None:
    """An address as the rules compare it."""
    return keyed_hash("source", address) if address else None


def looks_made(address: str, draft: Draft, trap: str, numbers: Iterable[str]) -> list[str]:
    """The marks of a submission by where it came from, how it was filled in, and what it names.

    Counted before the storing transaction, in which nobody waits for another traveller.
    """
    return list(_looks_made(address, draft, trap, numbers))


def _looks_made(address: str, draft: Draft, trap: str, numbers: Iterable[str]) -> Iterator[str]:
    # Sent again (a double click, after a 503) is one try, whoever of them comes first.
    first = int(limits.hit("draft", draft.submission_id.hex, DAY) == 1)
    if limits.hit("apply", address, HOUR, first) > AN_HOUR:
        yield "many_from_address"
    if trap:
        yield "trap"
    if clock.real_now() - draft.started_at < timedelta(seconds=settings.HASTY_SECONDS):
        yield "hasty"
    if limits.hit_each("number", filter(None, numbers), DAY, first) > A_NUMBER:
        yield "many_for_number"


def forget() -> int:
    """Forget the addresses of applications that are no longer fresh; returns how many."""
    rows = Application.objects.filter(source__isnull=False, arrived_at__lt=clock.now() - KEPT)
    return rows.update(source=None)
