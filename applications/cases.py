"""One case in one person's hands: take, hand out the next, give back.

A case is held under a lease of real time (clock_timestamp): a clerk who went home does not block
it, a jump of the rehearsal clock does not free it.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from applications.models import Application
from config.states import Refused
from payouts import clerks

LEASE_MINUTES = 20
STAGES = {"check": "received", "approve": "checked"}
PASSED = 300  # cases remembered as put aside in one sitting
LOOKED_AT = 60  # free cases looked at, oldest first, so that many clerks at once each find one

FREE = "(taken_by_id IS NULL OR taken_until < clock_timestamp())"
TAKE = f"""
    UPDATE applications_application
    SET taken_by_id = %(by)s,
        taken_until = clock_timestamp() + make_interval(mins => {LEASE_MINUTES})
    WHERE id = %(id)s AND state IN ('received', 'held', 'asked', 'checked')
      AND ({FREE} OR taken_by_id = %(by)s)"""

# Who signed first, or entered the case, does not give the second signature.
NEXT = f"""
    SELECT id FROM applications_application
    WHERE id = ANY(ARRAY(
        SELECT c.id FROM unnest(%(codes)s::text[]) p (code) CROSS JOIN LATERAL (
            SELECT id, arrived_at FROM applications_application
            WHERE state = %(state)s AND prefecture_code = p.code AND {FREE}
              AND id <> ALL(%(passed)s)
              AND (state <> 'checked' OR (checked_by_id IS DISTINCT FROM %(by)s
                                          AND entered_by_id IS DISTINCT FROM %(by)s))
            ORDER BY arrived_at, id LIMIT {LOOKED_AT}
        ) c ORDER BY c.arrived_at, c.id LIMIT {LOOKED_AT}))
      AND state = %(state)s AND {FREE}
    ORDER BY arrived_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"""


def take(application: Application, *, by: AbstractBaseUser) -> Application:
    """Take one case into one's hands, or hold it longer.

    Raises Refused where another clerk holds it, or nothing is left to do about it.
    """
    clerks.require(by, application.prefecture_code)
    if not _take(application.pk, by):
        raise Refused("ほかの担当者が処理中か、処理の終わった申請です。", "taken")
    application.refresh_from_db()
    return application


def next_case(
    by: AbstractBaseUser, *, stage: str = "check", passed: tuple[int, ...] = ()
) -> Application | None:
    """The case in this clerk's hands, else the oldest free one of the stage; None if none is left.

    Two clerks asking at once get two cases. `passed` are cases that the clerk has put aside.
    """
    state = STAGES[stage]
    held = in_hands(by).filter(state=state).exclude(pk__in=passed).order_by("arrived_at").first()
    if held:
        return take(held, by=by)
    with transaction.atomic(), connection.cursor() as cursor:
        codes = clerks.prefectures_of(by)
        values = {"codes": codes, "state": state, "by": by.pk, "passed": list(passed)}
        cursor.execute(NEXT, values)
        found = cursor.fetchone()
        if found is None:
            return None
        _take(found[0], by)
    return Application.objects.get(pk=found[0])


def go_on(
    by: AbstractBaseUser, *, stage: str, aside: Application | None, passed: list[int]
) -> tuple[Application | None, list[int]]:
    """Put `aside` back and go on through the queue, past all that was `passed`; round at its end.

    Returns the next case, and what is passed from here on.
    """
    if aside is None:
        return next_case(by, stage=stage), []
    release_case(aside, by=by)
    passed = [*passed, aside.pk][-PASSED:]
    case = next_case(by, stage=stage, passed=tuple(passed))
    if case is None and len(passed) > 1:
        passed = [aside.pk]
        case = next_case(by, stage=stage, passed=(aside.pk,))
    return case, passed


def release_case(application: Application, *, by: AbstractBaseUser) -> None:
    """Give a case back; nothing happens where it is not in these hands."""
    Application.objects.filter(pk=application.pk, taken_by=by).update(
        taken_by=None, taken_until=None
    )


def in_hands(by: Any) -> Any:
    """The cases that a clerk holds now."""
    return Application.objects.filter(taken_by=by, taken_until__gt=Now())


def minutes_left(application: Application) -> int:
    """For how many minutes more the case is held, begun ones counted, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT ceil(extract(epoch FROM taken_until - clock_timestamp()) / 60)::int
               FROM applications_application WHERE id = %s""",
            [application.pk],
        )
        found = cursor.fetchone()
    return max(0, (found[0] or 0) if found else 0)


def held_by_another(application: Application, by: AbstractBaseUser | None) -> bool:
    """Whether another clerk holds the case now."""
    mine = Q(taken_by=None) | Q(taken_by=by)
    return Application.objects.filter(~mine, pk=application.pk, taken_until__gt=Now()).exists()


def _take(application_id: int, by: AbstractBaseUser) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"by": by.pk, "id": application_id})
        return cursor.rowcount == 1
