"""Which decisions a third person looks at before anything is paid: a set share, drawn by hash.

The draw is a keyed hash of the application and of how often it was decided, so that nobody can
choose or foresee it and anybody with the key can prove it again.
"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from applications.models import Application, ApplicationStep, SecondLook
from config import cipher
from payouts.models import Payout

PURPOSE = "second look"


def is_drawn(application_id: int, decision: int, percent: int) -> bool:
    """Whether this decision (the first, the second ...) falls into the share of `percent`."""
    return cipher.in_share(PURPOSE, f"{application_id}:{decision}", percent)


def draw(row: Application, payout: Payout | None, at: datetime) -> SecondLook | None:
    """Put a decision just made before a third person, where it is drawn; its payout waits.

    In the caller's transaction, after the history of the decision is written.
    """
    decision = row.steps.filter(new=Application.State.DECIDED).count()
    percent = settings.SECOND_LOOK_PERCENT
    if not is_drawn(row.pk, decision, percent):
        return None
    if payout:
        Payout.objects.filter(pk=payout.pk).update(second_look=True)
        payout.second_look = True
    return SecondLook.objects.create(
        application=row,
        decision=decision,
        payout=payout,
        prefecture_code=row.prefecture_code,
        percent=percent,
        drawn_at=at,
        checked_by=row.checked_by,
        entered_by=row.entered_by,
        decided_by=row.decided_by,
    )


def void(row: Application, at: datetime) -> None:
    """Nothing is left to look at: the decision was taken back."""
    row.looks.filter(verdict=SecondLook.Verdict.OPEN).update(verdict=SecondLook.Verdict.VOID, at=at)


def proved(
    percent: int, since: datetime, codes: Collection[str] | None = None
) -> list[tuple[int, int]]:
    """The decisions since `since` that stand in the list and should not, or the other way round.

    As (application id, number of the decision); empty where the draw was kept with `percent`.
    `codes`: of these prefectures; None: of all.
    """
    counts: dict[int, int] = {}
    wrong = []
    drawn = set(SecondLook.objects.values_list("application_id", "decision"))
    steps = ApplicationStep.objects.filter(new=Application.State.DECIDED).order_by("id")
    if codes is not None:
        steps = steps.filter(of__prefecture_code__in=codes)
    for application_id, at in steps.values_list("of_id", "at").iterator():
        counts[application_id] = decision = counts.get(application_id, 0) + 1
        found = (application_id, decision)
        if at >= since and (found in drawn) != is_drawn(*found, percent):
            wrong.append(found)
    return wrong
