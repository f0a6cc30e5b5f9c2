"""Approving many clean cases together: one person puts them forward, another approves (N65).

The list is fixed when it is prepared. After the approval a job decides case by case, each in its
own transaction by the same acts as a single one, so that an interrupted run goes on where it
stopped, and a case that changed meanwhile is skipped, with the reason beside it.
"""

import logging
from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from applications import ownership, review, risks
from applications.models import Application, Bulk, BulkItem
from config import clock
from config.notice import NOTICE
from config.states import OVERTAKEN, Refused
from coupons import outcome
from coupons.sealing import is_sealed
from payouts import clerks

MOST = 5000  # cases of one bulk
SAMPLE = 10  # shown one by one to who approves
TWO_PEOPLE = "起案した人は承認できません。別の担当者が承認してください。"
CHANGED = "起案のあとに状態が変わりました"
FAILED = "処理できませんでした。1件ずつの審査で確認してください"

log = logging.getLogger(__name__)

# Received, every coupon agrees and is undecided, nothing to look at, in nobody's hands, no bulk's.
CLEAN = """
    SELECT a.id FROM applications_application a
    WHERE a.state = 'received' AND a.prefecture_code = %(prefecture)s
      AND a.marks = '{}' AND a.entered_by_id IS NULL AND a.holder_relation IN ('', 'self')
      AND (a.taken_until IS NULL OR a.taken_until < clock_timestamp())
      AND EXISTS (SELECT FROM applications_claim c
                  WHERE c.application_id = a.id AND c.state = 'pending')
      AND NOT EXISTS (SELECT FROM applications_claim c
                      WHERE c.application_id = a.id AND c.state = 'pending' AND c.match <> 'clean')
      AND NOT EXISTS (SELECT FROM applications_amendment m
                      WHERE m.application_id = a.id AND m.by_id IS NOT NULL)
      AND NOT EXISTS (SELECT FROM applications_bulkitem i
                      WHERE i.application_id = a.id
                        AND i.result IN ('', 'skipped'))
    ORDER BY a.arrived_at, a.id LIMIT %(most)s"""

# What each application would carry: its pending coupons' yen by the rule of the notice.
YEN = """
    SELECT c.application_id, sum(r.yen)::int
    FROM applications_claim c JOIN ({rule}) r ON r.coupon_id = c.coupon_id
    WHERE c.application_id = ANY(%(applications)s) AND c.state = 'pending'
    GROUP BY c.application_id"""


def candidates(prefecture_code: str, most: int = MOST) -> list[int]:
    """Ids of the cases that could be approved together, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(CLEAN, {"prefecture": prefecture_code, "most": most})
        return [row[0] for row in cursor.fetchall()]


def yen_of(ids: Iterable[int]) -> dict[int, int]:
    """Yen by application: sealed with its supplements, before the seal as the ledger stands."""
    ids = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coupon_id FROM applications_claim
               WHERE application_id = ANY(%s) AND state = 'pending' AND coupon_id IS NOT NULL""",
            [ids],
        )
        coupons = [row[0] for row in cursor.fetchall()]
        rule = f"SELECT o.coupon_id, o.balance AS yen FROM ({outcome.rule(ids=True)}) o"
        if is_sealed():
            rule = f"""SELECT o.coupon_id, o.balance + o.supplement AS yen
                       FROM ({outcome.owed(ids=True)}) o"""
        values = outcome.moments() | {"ids": coupons, "applications": ids}
        cursor.execute(YEN.format(rule=rule), values)
        return dict(cursor.fetchall())


def prepare(prefecture_code: str, *, by: AbstractBaseUser, most: int = MOST) -> Bulk:
    """Fix the list of clean cases of a prefecture for another person to approve.

    Raises Refused where there is none.
    """
    at = clock.now()
    clerks.require(by, prefecture_code)
    risks.mark()
    with transaction.atomic():
        _alone(prefecture_code)
        ids = candidates(prefecture_code, min(most, MOST))
        if not ids:
            raise Refused("一括承認できる申請は、いまありません。", "nothing")
        yen = yen_of(ids)
        bulk = Bulk.objects.create(
            prefecture_code=prefecture_code,
            count=len(ids),
            yen=sum(yen.values()),
            prepared_at=at,
            prepared_by=by,
        )
        BulkItem.objects.bulk_create(
            [BulkItem(bulk=bulk, application_id=pk, yen=yen.get(pk, 0)) for pk in ids],
            batch_size=1000,
        )
    return bulk


def sample(bulk: Bulk) -> list[BulkItem]:
    """SAMPLE cases spread over the list, the same each time it is looked at."""
    step = max(1, bulk.count // SAMPLE)
    ids = list(bulk.items.order_by("id").values_list("id", flat=True))[::step][:SAMPLE]
    return list(bulk.items.filter(pk__in=ids).select_related("application").order_by("id"))


def approve(bulk: Bulk, *, by: AbstractBaseUser) -> Bulk:
    """Release the list to the job that decides it, in the name of `by`. Raises Refused."""
    at = clock.now()
    with transaction.atomic():
        _open(bulk, by)
        if bulk.prepared_by_id == by.pk:
            raise Refused(
                "起案した人は承認できません。別の担当者が承認してください。", "two_people"
            )
        bulk.approved_at, bulk.approved_by = at, by
        bulk.save(update_fields=["approved_at", "approved_by"])
    return bulk


def drop(bulk: Bulk, *, by: AbstractBaseUser) -> Bulk:
    """Take a list back before it is approved; its cases are free again. Raises Refused."""
    at = clock.now()
    with transaction.atomic():
        _open(bulk, by)
        bulk.dropped_at, bulk.dropped_by = at, by
        bulk.save(update_fields=["dropped_at", "dropped_by"])
        bulk.items.filter(result="").update(result=BulkItem.Result.DROPPED, at=at)
    return bulk


def go_on(limit: int = 500) -> dict[str, int]:
    """Decide up to `limit` cases of the approved lists, the oldest list first; safe twice.

    Two runs at once share the cases: each is locked, and passed over where it is in work.
    """
    counts = {"approved": 0, "skipped": 0}
    to_do = Bulk.objects.filter(approved_at__isnull=False, finished_at=None)
    for bulk in to_do.select_related("approved_by").order_by("approved_at", "id"):
        while sum(counts.values()) < limit:
            result = _one(bulk)
            if result is None:
                break
            counts[result] += 1
        _finish(bulk)
    return counts


def _one(bulk: Bulk) -> str | None:
    """Decide the next case of a list; None where none is left or the rest is in work."""
    at = clock.now()
    with transaction.atomic():
        items = bulk.items.filter(result="").select_related("application").order_by("id")
        item = items.select_for_update(of=("self",), skip_locked=True).first()
        if item is None:
            return None
        why = _decide(item.application, bulk.approved_by)
        result = BulkItem.Result.SKIPPED if why else BulkItem.Result.APPROVED
        bulk.items.filter(pk=item.pk).update(result=result, why=why[:200], at=at)
    return str(result)


def _decide(row: Application, by: AbstractBaseUser) -> str:
    """Both signatures on one case: the matching's and the approver's. Why not, or ""."""
    try:
        with transaction.atomic():
            if row.state != Application.State.RECEIVED:
                return CHANGED
            ownership.forbid(row, by)
            clerks.require(by, row.prefecture_code)
            review.check_clean(row)
            review.approve(row, by=by)
    except Refused as refused:
        return refused.message
    except Exception as error:  # one case must not hold up the others
        log.error("bulk case %s failed: %s", row.pk, type(error).__name__)
        return FAILED
    return ""


def _finish(bulk: Bulk) -> None:
    if not bulk.items.filter(result="").exists():
        Bulk.objects.filter(pk=bulk.pk, finished_at=None).update(finished_at=clock.now())


def _open(bulk: Bulk, by: AbstractBaseUser) -> None:
    """Lock a list that is still to be decided. Raises Refused."""
    bulk.refresh_from_db(from_queryset=Bulk.objects.select_for_update(of=("self",)))
    clerks.require(by, bulk.prefecture_code)
    if bulk.approved_at or bulk.dropped_at:
        raise Refused(OVERTAKEN, "moved")


def _alone(prefecture_code: str) -> None:
    """One list is prepared at a time in a prefecture, so that no case stands in two."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"bulk:{prefecture_code}"])


def home(codes: Iterable[str]) -> str:
    """The prefecture that is offered first."""
    codes = list(codes)
    return NOTICE.home if NOTICE.home in codes else next(iter(codes), "")
