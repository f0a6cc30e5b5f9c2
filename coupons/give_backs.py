"""The give-back list (戻入依頼): what the coupon system is asked to put back, and until when.

One person makes the list of an office's confirmed cases, another releases it (N41, promise 7). The
answer comes with a later export and is matched one to one (double_charges.reflect_arrived).
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet, Sum

from config import clock
from config.notice import NOTICE
from config.states import Refused
from coupons import double_charges, supplements
from coupons.models import Debit, DoubleCharge, GiveBackList

HEADS = (
    "依頼番号",
    "受付番号",
    "お問合せ番号",
    "戻入の対象取引",
    "戻入額（円）",
    "延長後の有効期限",
)
State = DoubleCharge.State


def waiting(prefecture_code: str) -> QuerySet[DoubleCharge]:
    """Confirmed cases of an office that stand in no list yet."""
    rows = DoubleCharge.objects.filter(state=State.CONFIRMED, give_back_list=None)
    return rows.filter(prefecture_code=prefecture_code)


def prepare(prefecture_code: str, by: AbstractBaseUser) -> GiveBackList:
    """Put all that waits into one list. First signature. Raises Refused where nothing waits."""
    at = clock.now()
    with transaction.atomic():
        rows = waiting(prefecture_code).select_for_update(of=("self",)).order_by("id")
        ids = list(rows.values_list("id", flat=True))
        if not ids:
            raise Refused("戻入を依頼する、確認済みの受付はありません。", "empty")
        total = Debit.objects.filter(of__in=ids).aggregate(yen=Sum("amount"))["yen"]
        made = GiveBackList.objects.create(
            prefecture_code=prefecture_code,
            prepared_at=at,
            prepared_by=by,
            cases=len(ids),
            total_yen=total,
        )
        DoubleCharge.objects.filter(pk__in=ids).update(give_back_list=made)
        return made


def release(row: GiveBackList, by: AbstractBaseUser) -> GiveBackList:
    """Ask for it. Second signature: of nobody who made the list or confirmed a case in it.

    After the cut-off the person can spend nothing more: our own dated supplement takes the place of
    the coupon system's give-back, to be judged by two people (N41). Raises Refused, before it also
    where an export has told one of the give-backs since: it would be booked twice.
    """
    at = clock.now()
    with transaction.atomic():
        row = locked(row)
        if by.pk == row.prepared_by_id or row.rows.filter(confirmed_by=by).exists():
            raise Refused(
                "依頼を作成した担当者、受付を確認した担当者は確定できません。"
                "別の担当者が確定してください。",
                "two_people",
            )
        if at < NOTICE.dates.cut_off and (told := already_told(row)):
            raise Refused(
                f"台帳で、すでに戻入または取消をした決済が入っています（{'、'.join(told)}）。"
                "依頼をとりやめ、その受付を終了してから、作り直してください。",
                "given_back",
            )
        row.released_at, row.released_by, row.sha256 = at, by, sha256(row)
        row.save(update_fields=["released_at", "released_by", "sha256"])
        for case in row.rows.order_by("id"):
            case.move(State.INSTRUCTED, by=by, at=at, instructed_by=by)
            if at >= NOTICE.dates.cut_off:
                list_own(case)
        double_charges.reflect_arrived(at)
        return row


def already_told(row: GiveBackList) -> list[str]:
    """Case numbers of a list of which an export shows a debit as given back by now."""
    debits = Debit.objects.filter(of__give_back_list=row)
    back = double_charges.given_back(debits.values_list("of__coupon_id", flat=True))
    found = debits.filter(transaction_id__in=back).order_by("of_id").values_list("of__case_number")
    return list(dict.fromkeys(number for (number,) in found))


def list_own(case: DoubleCharge) -> None:
    """Our own give-back for a case, unless an export has told it before us."""
    try:
        supplements.list_own(case)
    except Refused as refused:
        if refused.code != "listed":
            raise


def drop(row: GiveBackList) -> None:
    """Undo a list that nobody has released; its cases wait again."""
    with transaction.atomic():
        row = locked(row)
        row.rows.update(give_back_list=None)
        row.delete()


def locked(row: GiveBackList) -> GiveBackList:
    """The list as it is now, held. Raises Refused where it is released or gone."""
    lists = GiveBackList.objects.select_for_update(of=("self",))
    found = lists.filter(pk=row.pk, released_at=None).first()
    if found is None:
        raise Refused("確定済みか、とりやめた依頼です。画面を開き直してください。", "moved")
    return found


def lines(row: GiveBackList) -> Iterator[tuple[str, str, str, str, int, str]]:
    """The file's rows, one a debit, always in the same order (HEADS)."""
    last_minute = NOTICE.dates.cut_off - timedelta(seconds=1)
    debits = Debit.objects.filter(of__give_back_list=row).order_by("of_id", "id")
    for debit in debits.select_related("of__coupon"):
        case = debit.of
        yield (
            str(row),
            case.case_number,
            case.coupon.inquiry_number,
            debit.transaction_id,
            debit.amount,
            last_minute.isoformat(),
        )


def sha256(row: GiveBackList) -> str:
    """The hash of what is asked for, line by line."""
    digest = hashlib.sha256()
    for line in lines(row):
        digest.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()
