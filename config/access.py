"""Who looked at whose record, who took what out: one row each, append-only (N83, N84).

Everybody of the office writes them by these functions; the database refuses to change one. A row
holds ids, codes and counts, never a name, a number or what was searched for.
"""

from typing import Any

from config import clock
from config.models import AccessLog

ACTS = {
    "view": "閲覧",
    "reveal": "伏せ字の表示",
    "export": "出力",
    "import": "取込み",
    "account": "担当者の変更",
    "sign_in": "ログイン手段の変更",
}
EXPORT = "config.export_lists"  # the right to take a list or a report out


def viewed(by: Any, subject: str, subject_id: object) -> None:
    """`by` opened a page about this record. `subject` is the model's name in small letters."""
    noted(by, "view", subject, subject_id)


def revealed(by: Any, subject: str, subject_id: object, what: str) -> None:
    """`by` had a hidden part of this record shown: `what` is the name of the field."""
    noted(by, "reveal", subject, subject_id, what)


def exported(by: Any, subject: str, subject_id: object = "", detail: str = "") -> None:
    """`by` took a list out. `detail`: its filters by name, without what was typed."""
    noted(by, "export", subject, subject_id, detail)


def noted(by: Any, act: str, subject: str, subject_id: object = "", detail: str = "") -> None:
    """One row. `act` is one of ACTS."""
    AccessLog.objects.create(
        at=clock.now(),
        by=by,
        act=act,
        subject=subject,
        subject_id=str(subject_id),
        detail=detail[:200],
    )
