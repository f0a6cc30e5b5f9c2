"""After the last day: the office looks at its closing report, and everybody is forgotten by stage.

The erasing is the job's own, on its own days; the books must be the same to the yen after each.
"""

import base64
from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.conf import settings
from django_otp.oath import totp

from applications import erasing, reconcile, roles
from config.clock import JST
from config.erasing import STAGES
from config.models import Erasure
from rehearsal import bells
from rehearsal.browser import Browser
from rehearsal.crowd import Crowd, Failed, expect

AFTER = timedelta(days=60)  # a stage's first day, and by when all that it means has waited enough
NIGHT = time(3, 30)
SHOWN = 5  # differences told by name


def look(crowd: Crowd) -> None:
    """The manager logs in and reads the first page, the reports and the closing report."""
    crowd.go("the office's closing report", [roles.demo_clerk("manager")], read)


def read(browser: Browser, clerk: roles.DemoClerk) -> None:
    root = f"/{settings.ADMIN_PATH}"
    browser.get(f"{root}login/")
    code = f"{totp(base64.b32decode(clerk.secret)):06d}"
    browser.send(username=clerk.username, password=clerk.password, otp_token=code)
    for path in ("", "reports/", "reports/final/", "coupons/seal/reconcile/"):
        browser.get(root + path)
        if browser.status != 200:
            raise Failed(f"the office's page {path}")
        if path == "reports/final/":
            expect(browser, "終了報告", "the closing report")


def erase(tell: Callable[[str], None]) -> list[dict[str, object]]:
    """Live on until each stage's days, let the nightly job erase, and hold the books against
    those before. Returns a line a stage."""
    before, lines = totals(), []
    for stage in sorted(STAGES, key=erasing.begins):
        day = (erasing.begins(stage) + AFTER).astimezone(JST).date()
        bells.go_to(datetime.combine(day, NIGHT, JST))
        bells.settle()
        after = totals()
        row = Erasure.objects.filter(stage=stage, complete=True).order_by("-pk").first()
        lines.append(
            {
                "stage": stage,
                "day": day.isoformat(),
                "rows": sum(row.counts.values()) if row else 0,
                "left": sum(erasing.waiting(stage).values()),
                "done": row is not None,
                "books": after == before,
                "changed": {key: found for key, found in after.items() if found != before.get(key)},
            }
        )
        tell(f"erased: {stage}")
    return lines


def totals() -> dict[str, tuple[int, int]]:
    """Count and yen of each bucket of the books."""
    books = reconcile.reconcile()
    found = {bucket: books.total(bucket) for bucket in reconcile.BUCKETS}
    wrong = {f"{d.check} {d.subject}": (d.left, d.right) for d in books.differences[:SHOWN]}
    return found | {"differences": (len(books.differences), 0)} | wrong
