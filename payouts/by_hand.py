"""A result of one transfer that came by statement, phone or letter: who said it, and when (N74)."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from config import clock
from config.states import Refused, label
from payouts import clerks, results
from payouts.models import BankWord, Transfer

CHOSEN = {key: label for key, label in results.REASONS.items() if key != results.RECALLED}


def book(
    transfer: Transfer,
    result: str,
    reason: str,
    *,
    source: str,
    told_by: str,
    told_at: datetime,
    by: AbstractBaseUser,
) -> BankWord:
    """Book one transfer as returned (`reason`: a code of CHOSEN) or as arrived, with its source.

    `told_by`: who said so, or which line of the statement; `told_at`: when (JST). Raises Refused.
    """
    at, told_by = clock.now(), told_by.strip()
    clerks.require(by, transfer.prefecture_code)
    if result not in BankWord.Result.values:
        raise Refused("結果を選んでください。", "result")
    returned = result == BankWord.Result.RETURNED
    if returned and reason not in CHOSEN:
        raise Refused("振込不能の理由を選んでください。", "reason")
    if source not in BankWord.Source.values:
        raise Refused("知った方法を選んでください。", "source")
    if not told_by or len(told_by) > 100:
        raise Refused(
            "だれから聞いたか、または明細のどこかを100文字までで入れてください。", "told_by"
        )
    with transaction.atomic():
        rows = Transfer.objects.select_for_update(of=("self",)).select_related("batch")
        held = rows.get(pk=transfer.pk)
        why_not = refusal(held, result)
        if why_not:
            raise Refused(why_not, "state")
        if not held.batch.handed_over_at <= told_at <= at:
            raise Refused("知った日時は、銀行へ引き渡してから今までの日時です。", "told_at")
        given = reason if returned else ""
        results.move([held], held.state, result, by=by, at=at, reason=given)
        return BankWord.objects.create(
            transfer=held,
            result=result,
            reason=given,
            source=source,
            told_by=told_by,
            told_at=told_at,
            at=at,
            by=by,
        )


def refusal(transfer: Transfer, result: str) -> str:
    """Why this transfer can't have this result now, "" when it can."""
    if result in Transfer.ARROWS[transfer.state]:
        return ""
    return f"「{label(transfer, transfer.state)}」の振込には記帳できません。"
