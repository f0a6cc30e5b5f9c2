"""After a transfer came back: a link to correct the account, two signatures, a new one (N49).

A return is booked among the payouts, which know no applicant. Here everybody whose money came back
is asked, once a return; the corrected account waits for the office, and the transfer that follows
carries the signatures of those who looked at it. The money is owed all the while.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import amendments, replies, review, tokens
from applications.answers import AccountAnswer
from applications.corrections import asking
from applications.corrections.answering import note_step
from applications.models import Application, Claim, Correction, NewAccount
from applications.validators.accounts import is_cut
from applications.validators.kana import same_reading
from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import accounts, clerks, transfers
from payouts.models import Payout, PayoutLine, Transfer

MOST = 500  # people asked in one transaction
ACCOUNT = "account"
REASON = "new_account"
OPEN = (NewAccount.State.GIVEN, NewAccount.State.CHECKED)
WHY = gettext_lazy(
    "口座へお振り込みできませんでした。通帳やキャッシュカードをご覧になり、もう一度ご入力ください。"
)
# What the bank said, as a person can use it; of other reasons nothing more is known.
SAID = {
    "number_differs": gettext_lazy("銀行からは、口座番号が違うと連絡がありました。"),
    "name_differs": gettext_lazy("銀行からは、口座名義（カナ）が違うと連絡がありました。"),
    "no_account": gettext_lazy(
        "銀行からは、その番号の口座がないと連絡がありました。支店と口座番号をお確かめください。"
    ),
    "type_differs": gettext_lazy("銀行からは、預金種目が違うと連絡がありました。"),
    "payee_side": gettext_lazy(
        "銀行からは、その口座では受け取れないと連絡がありました。別の口座をご指定ください。"
    ),
}
TWO_PEOPLE = "口座を確認した人、代行入力した人は承認できません。別の担当者が承認してください。"
DISMISSALS = {
    "not_confirmed": "ご本人と確認できない",
    "same_account": "振込不能になった口座と同じ",
    "wrong_account": "口座の内容に誤りがある",
    "no_need": "訂正の必要がなくなった",
}


def end() -> datetime:
    """The first moment too late to correct an account, as decided today."""
    return NOTICE.end_of("bank_corrections_until", Postponement.approved())


def returned(row: Application) -> QuerySet[Payout]:
    """The payouts of an application whose money came back and is owed."""
    coupons = row.claims.filter(state="approved").values("coupon")
    rows = Payout.objects.filter(state=Payout.State.RETURNED, lines__released_at=None)
    return rows.filter(lines__coupon__in=coupons).distinct()


def why(row: Application) -> list[str]:
    """Why an applicant is asked for another account, in plain words."""
    sent = Transfer.objects.filter(payout__in=returned(row)).order_by("pk").last()
    said = SAID.get(sent.return_reason) if sent else None
    return [str(WHY), *([str(said)] if said else [])]


def open_of(row: Application) -> NewAccount | None:
    """The correction that the office has not decided on yet."""
    return row.new_accounts.filter(state__in=OPEN).first()


def link_of(row: Application, at: datetime) -> Correction | None:
    """The link by which an applicant may correct the account at `at`, None where there is none."""
    link = asking.open_of(row, at) if row.state == Application.State.DECIDED else None
    return link if link and returned(row).exists() and not open_of(row) else None


def ask_due() -> dict[str, int]:
    """Ask everybody whose transfer came back since they were last asked; safe twice. Counts."""
    at, told, last = clock.now(), 0, 0
    if at >= end():
        return {"told": 0}
    owed = PayoutLine.objects.filter(payout__state=Payout.State.RETURNED, released_at=None)
    claims = Claim.objects.filter(state="approved", coupon__in=owed.values("coupon"))
    decided = Application.objects.filter(state="decided", pk__in=claims.values("application"))
    while True:
        with transaction.atomic():
            ids = decided.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
            wave = list(ids[:MOST])
            rows = Application.objects.select_for_update(of=("self",), skip_locked=True)
            for row in rows.filter(pk__in=wave).order_by("pk"):
                if _unasked(row):
                    ask(row)
                    told += 1
        if len(wave) < MOST:
            return {"told": told}
        last = wave[-1]


def ask(row: Application) -> Correction:
    """A link to correct the account, and its message; in the caller's transaction, row locked."""
    link = tokens.make(Correction, row, clock.now(), items=[ACCOUNT], due_at=end())
    asking.tell(row, link)
    return link


def give(
    row: Application,
    account: AccountAnswer,
    holder: dict[str, Any],
    *,
    arrived_at: datetime,
    by: AbstractBaseUser | None = None,
) -> NewAccount:
    """Take a corrected account, from the applicant or (`by`) from a clerk on the phone.

    `holder`: holder_relation and holder_consent. Raises Refused: too late, nothing came back, or
    one is with the office already.
    """
    at = clock.now()
    with review.promised():
        review.locked(row, by)
        link = link_of(row, arrived_at)
        if open_of(row):
            raise Refused(_("この入力は、すでに受け付けています。"), "answered")
        if not returned(row).exists() or row.state != Application.State.DECIDED:
            raise Refused(_("口座の訂正は、もう必要ありません。"), "moved")
        if arrived_at >= end() or (by is None and link is None):
            raise Refused(_("入力の期限を過ぎました。"), "late")
        made = NewAccount.objects.create(
            application=row,
            prefecture_code=row.prefecture_code,
            bank_account=accounts.store(account.account()),
            marks=_marks(row, account, holder["holder_relation"]),
            given_at=at,
            entered_by=by,
            **holder,
        ).begin(by=by, at=at)
        row.corrections.filter(replaced_at=None, answered_at=None).update(answered_at=at)
        note_step(row, REASON, at)
        replies.tell_changed(row, replies.reach(row))
        return made


def check(new: NewAccount, *, by: AbstractBaseUser) -> NewAccount:
    """First signature: a clerk has looked at the account, and at what came back."""
    clerks.require(by, new.prefecture_code)
    return new.move("checked", by=by, checked_by=by)


def dismiss(new: NewAccount, *, by: AbstractBaseUser, reason: str) -> NewAccount:
    """Put a correction aside; its applicant is asked again. Raises Refused without a reason."""
    clerks.require(by, new.prefecture_code)
    if reason not in DISMISSALS:
        raise Refused("理由を選んでください。", "reason")
    with review.promised():
        row = Application.objects.get(pk=new.application_id)
        review.locked(row, by)
        new.move("dismissed", by=by, reason=reason)
        if clock.now() < end() and returned(row).exists():
            ask(row)
        return new


def approve(new: NewAccount, *, by: AbstractBaseUser) -> NewAccount:
    """Second signature: what came back is ready for a new transfer to the new account.

    Raises Refused: one person, or nothing to pay again.
    """
    at = clock.now()
    clerks.require(by, new.prefecture_code)
    with review.promised():
        if by.pk in (new.checked_by_id, new.entered_by_id):
            raise Refused(TWO_PEOPLE, "two_people")
        row = Application.objects.get(pk=new.application_id)
        review.locked(row, by)
        new.move("done", by=by, at=at, approved_by=by)
        payouts = list(returned(row).order_by("pk"))
        if not payouts:
            raise Refused("振り込み直すものがありません。", "moved")
        for payout in payouts:
            signed = {"prepared_by": new.checked_by, "approved_by": by}
            transfers.pay_again(payout, new.bank_account, **signed)
        values = {
            "bank_account": new.bank_account,
            "holder_relation": new.holder_relation,
            "holder_consent": new.holder_consent,
        }
        old = [mark for mark in row.marks if mark not in amendments.OF_THE_ACCOUNT]
        row.marks = old + [mark for mark in new.marks if mark in amendments.OF_THE_ACCOUNT]
        amendments.amend(row, values, at=at, by=by)
        return new


def _unasked(row: Application) -> bool:
    """Whether something came back after the last question, and no correction is under way."""
    steps = returned(row).filter(steps__new="returned")
    came_back = steps.aggregate(last=Max("steps__at"))["last"]
    asked = row.corrections.aggregate(last=Max("made_at"))["last"]
    return bool(came_back) and (asked is None or asked < came_back) and not open_of(row)


def _marks(row: Application, account: AccountAnswer, relation: str) -> list[str]:
    """What the office should look at in a corrected account (codes of intake.MARKS)."""
    own = relation in amendments.OWN_NAMES
    before = row.bank_account.account_hash if row.bank_account else None
    holds = {
        "bank_unknown": not account.known,
        "yucho_check": not account.looks_right,
        "holder_differs": own and same_reading(account.holder_kana) != same_reading(row.kana),
        "holder_long": is_cut(account.holder_kana),
        "other_holder": not own,
        "same_account": before == accounts.account_hash(account.account()),
    }
    return [mark for mark, found in holds.items() if found]
