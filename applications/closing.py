"""After the deadline: seal the list of applications (promise 2).

Nobody's right depends on this job: intake judges each arrival by the notice. It counts, chains a
hash over (receipt number, arrival), rematches, and leaves a tally for the office.
"""

import hashlib
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Count

from applications.intake import DOOR
from applications.matching import rematch
from applications.models import Application, Claim, Closing
from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused

SETTLING = timedelta(minutes=5)  # no storing transaction of before the deadline lives longer


def close_applications() -> Closing:
    """Seal the list once for each deadline; a second run gives the first one's row.

    Raises Refused before SETTLING has passed after the deadline.
    """
    at = clock.now()
    deadline = NOTICE.end_of("applications_close", Postponement.approved())
    if at < deadline + SETTLING:
        raise Refused("申請の締切から5分が過ぎるまで、締切処理はできません。", "early")
    found = Closing.objects.filter(deadline=deadline).first()
    if found:
        return found
    rematch()
    with transaction.atomic():
        with connection.cursor() as cursor:  # waits for every storing transaction under way
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DOOR])
        count, digest = chained(deadline)
        row = Closing(
            deadline=deadline, closed_at=at, count=count, sha256=digest, tally=tally(deadline)
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # another process was faster, and counted the same
            return Closing.objects.get(deadline=deadline)
    return row


def chained(deadline: object) -> tuple[int, str]:
    """Count and hash: each link is SHA-256 of the link before, the receipt number, the arrival."""
    count, link = 0, b""
    rows = Application.objects.filter(arrived_at__lt=deadline).order_by("arrived_at", "id")
    for receipt, arrived in rows.values_list("receipt_number", "arrived_at").iterator(10_000):
        told = f"{receipt},{arrived.astimezone(clock.JST).isoformat(timespec='microseconds')}\n"
        link = hashlib.sha256(link + told.encode()).digest()
        count += 1
    return count, link.hex()


def tally(deadline: object) -> dict[str, object]:
    """What lies before the office: applications by state and way, claims by match result."""
    rows = Application.objects.filter(arrived_at__lt=deadline)
    claims = Claim.objects.filter(application__in=rows, state="pending")

    def by(field: str, found: object) -> dict[str, int]:
        return dict(found.values_list(field).annotate(Count("id")).order_by(field))

    return {
        "states": by("state", rows),
        "methods": by("method", rows),
        "prefectures": by("prefecture_code", rows),
        "pending_matches": by("match", claims),
    }
