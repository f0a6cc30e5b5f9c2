"""The desk of category B: one call makes a case (coupons) and the application that waits for it.

The application's receipt number is the case number, so that it works at /status/ (N38). A call
taken before the deadline counts as an application in time, also where the way of receiving was
taken down later (N42); calls come in before the site opens.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from applications import intake, matching, receipts
from applications.answers import Answers
from applications.models import Application, Claim
from applications.validators.numbers import digits
from config import clock
from config.notice import NOTICE
from config.states import Refused
from coupons import double_charges, suspects
from coupons.models import Coupon, DoubleCharge
from payouts import clerks

OPENS = NOTICE.dates.outage_from  # nobody can call earlier about it
FOUND = "found"  # reason of the first step: found by us, nobody called
DENIED = {
    "no_double": "店舗の記録では重複していない",
    "no_record": "店舗に記録がない",
    "no_answer": "店舗の回答が得られない",
    "given_back": "台帳で、すでに戻入・取消をしている",
    "withdrawn": "申し出の取下げ",
    "mistake": "確認の誤り（二人目による取消）",
}


@dataclass(frozen=True)
class Ids:
    """Drawn when the form is opened: the same form sent twice makes one case."""

    submission_id: UUID
    case_number: str


def take(
    told: dict[str, Any], answers: Answers | None, ids: Ids, *, by: AbstractBaseUser
) -> DoubleCharge:
    """Write a call down, in one transaction with its application; without one where `answers` is
    None. `told`: the fields of DoubleCharge as heard. Raises Refused as intake does.
    """
    clerks.require(by, told["prefecture_code"])
    known = DoubleCharge.objects.filter(case_number=ids.case_number).first()
    if known:
        return known
    with transaction.atomic():
        if answers is not None:
            intake.receive(
                answers,
                arrived_at=clock.now(),
                submission_id=ids.submission_id,
                entered_by=by,
                opens=OPENS,
                receipt_number=ids.case_number,
            )
        row = double_charges.take(case_number=ids.case_number, by=by, **told)
        rematch(row)
        return row


def attach(told: dict[str, Any], application: Application, *, by: AbstractBaseUser) -> DoubleCharge:
    """A case of somebody who applied before: it bears that application's number."""
    clerks.require(by, application.prefecture_code)
    if application.prefecture_code != told["prefecture_code"]:
        raise Refused("申請と都道府県が違います。", "prefecture")
    with transaction.atomic():
        Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        number = application.receipt_number
        count = cases_of(application).count()
        number = f"{number}-{count + 1}" if count else number
        row = double_charges.take(case_number=number, by=by, **told)
        rematch(row)
        return row


def complete(row: DoubleCharge, answers: Answers, ids: Ids, *, by: AbstractBaseUser) -> Application:
    """The application of a case written down without one; it arrived when the call was taken."""
    clerks.require(by, row.prefecture_code)
    if application_of(row):
        raise Refused("この受付には、もう申請があります。", "moved")
    found_by_us = row.steps.filter(old="", reason=FOUND).exists()
    with transaction.atomic():
        made = intake.receive(
            answers,
            arrived_at=clock.now() if found_by_us else row.taken_at,
            submission_id=ids.submission_id,
            entered_by=by,
            opens=OPENS,
            receipt_number=row.case_number,
        )
        rematch(row)
        return made


def take_up(coupon: Coupon, *, by: AbstractBaseUser) -> DoubleCharge:
    """Open a case for doubles that we found ourselves."""
    clerks.require(by, coupon.prefecture_code)
    return suspects.take_up(coupon, receipts.new(), by)


def confirm(row: DoubleCharge, transactions: list[str], *, by: AbstractBaseUser) -> DoubleCharge:
    """First signature on the give-back; what the shop said must stand in the case."""
    clerks.require(by, row.prefecture_code)
    if not row.notes.filter(kind="shop").exists():
        raise Refused("先に、店舗の回答を記録してください。", "no_answer")
    return double_charges.confirm(row, by, transactions)


def deny(row: DoubleCharge, reason: str, *, by: AbstractBaseUser) -> DoubleCharge:
    """The end of a case that the shop does not bear out; its coupon is an ordinary one again."""
    clerks.require(by, row.prefecture_code)
    if reason not in DENIED:
        raise Refused("理由を選んでください。", "reason")
    with transaction.atomic():
        double_charges.deny(row, by, reason)
        rematch(row)
    return row


def identify(row: DoubleCharge, number: str, *, by: AbstractBaseUser) -> DoubleCharge:
    """Name the coupon of a case, by its number in any spelling."""
    clerks.require(by, row.prefecture_code)
    coupon = Coupon.objects.filter(inquiry_number=digits(number)).first()
    if coupon is None or coupon.prefecture_code != row.prefecture_code:
        raise Refused("この番号は、ご利用の都道府県の台帳にありません。", "not_found")
    with transaction.atomic():
        double_charges.identify(row, coupon, by)
        rematch(row)
    return row


def rematch(row: DoubleCharge) -> None:
    """Compare anew who asks for the coupon of a case."""
    if row.coupon_id:
        asking = Claim.objects.filter(inquiry_number=row.coupon.inquiry_number, state="pending")
        matching.match(list(asking.select_related("application")))


def application_of(row: DoubleCharge) -> Application | None:
    """The application that waits for this case."""
    number = row.case_number.split("-")[0]
    return Application.objects.filter(receipt_number=number).first()


def cases_of(application: Application) -> Any:
    """The cases that an application waits for."""
    return DoubleCharge.objects.filter(case_number__startswith=application.receipt_number)


def asking_for(number: str, user: Any) -> list[Application]:
    """Applications for a coupon that a new call may belong to."""
    if not number:
        return []
    rows = Application.objects.filter(claims__inquiry_number=number).exclude(state="withdrawn")
    return list(clerks.scoped(rows, user).distinct().order_by("arrived_at")[:5])


def reading(case_number: str) -> str:
    """A case number as it is read out: kana for letters, digits by their names, groups apart."""
    return "　".join("・".join(SOUNDS[c] for c in part) for part in groups(case_number))


def written(case_number: str) -> str:
    """A case number as people see it; a second case of one application says so."""
    number, _, part = case_number.partition("-")
    return receipts.written(number) + (f"（{part}件目）" if part else "")


def groups(case_number: str) -> list[str]:
    """The number's groups of four, without the mark of a second case."""
    return receipts.written(case_number.split("-")[0]).split("-")


SPOKEN = (  # how each letter of a receipt number is said
    *("ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ"),
    *("エー", "ビー", "シー", "ディー", "イー", "エフ", "ジー", "エイチ", "ジェー", "ケー", "エム"),
    *("エヌ", "ピー", "キュー", "アール", "エス", "ティー", "ユー", "ブイ", "ダブリュー"),
    *("エックス", "ワイ", "ゼット"),
)
SOUNDS = dict(zip(receipts.ALPHABET, SPOKEN, strict=True))
