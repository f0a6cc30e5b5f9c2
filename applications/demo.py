"""The demo's data: the ledger as it was exported from day to day, a stock, people who asked.

Rehearsals only. Every row goes through the same acts as in earnest, each at its own moment; nothing
later than the rehearsal's clock is made.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model

from applications import intake, review
from applications.answers import AccountAnswer, Answers, CouponAnswer
from applications.models import Application
from config import clock
from config.notice import NOTICE
from config.states import Refused
from coupons import sealing
from coupons.ledger.importing import import_ledger
from coupons.models import Coupon, Import, SealedItem
from payouts import banks, stock
from payouts.models import Bank, Code, Office

COUPONS, SEED = 2000, 1
DAY = timedelta(days=1)
Say = Callable[[str], None]

FACES = {"ponta": (100, 500, 1000), "edy": (500, 1000, 2000), "nanaco": (1000, 2000)}
COPIES = 60  # codes of each face value and office
PEOPLE = (
    ("静岡 花子", "シズオカ ハナコ", "+819012345601", "hanako@example.jp"),
    ("山田 太郎", "ヤマダ タロウ", "+818012345602", "taro@example.jp"),
    ("髙橋 一郎", "タカハシ イチロウ", "+817012345603", "ichiro@example.jp"),
    ("Anna Smith", "ANNA SMITH", "+819012345604", "anna@example.jp"),
    ("佐藤 美咲", "サトウ ミサキ", "+819012345605", "misaki@example.jp"),
    ("𠮷田 健", "ヨシダ ケン", "+818012345606", "ken@example.jp"),
)


@dataclass(frozen=True)
class Exports:
    """When the coupon system's exports reach the office."""

    outage: datetime = NOTICE.dates.outage_from + timedelta(hours=3)
    sealed: datetime = NOTICE.dates.cut_off + timedelta(hours=9)
    later: datetime = NOTICE.dates.cut_off + 9 * DAY + timedelta(hours=8)
    last: datetime = NOTICE.dates.cut_off + 39 * DAY

    def until(self, at: datetime) -> list[datetime]:
        """Those that have arrived."""
        return [moment for moment in vars(self).values() if moment <= at]


def fill(say: Say) -> None:
    """Make what the demo shows at the rehearsal's moment; again: only what has come since."""
    at = clock.now()
    if not Bank.objects.exists():
        found = banks.load()
        say(f"bank master: {found[0]:,} banks, {found[1]:,} branches")
    offices()
    ledger(at, say)
    codes(say)
    if not Application.objects.exists():
        say(f"applications: {applications(at):,}")


def offices() -> None:
    """A paying account of each office, as a sample."""
    for prefecture in NOTICE.prefectures:
        Office.objects.get_or_create(
            prefecture_code=prefecture,
            defaults={
                "remitter_code": f"99{prefecture}000000"[:10],
                "remitter_kana": "ミホンジムキヨク",
                "bank_code": "0149",
                "branch_code": "001",
                "account_type": "1",
                "account_number": f"00000{prefecture}",
            },
        )


def ledger(at: datetime, say: Say) -> None:
    """Import the exports that have arrived by `at`, and seal after the cut-off's."""
    exports = Exports()
    for moment in exports.until(at)[Import.objects.count() :]:
        folder = settings.VAR_DIR / "exports" / f"{moment:%m-%d}"
        generator = settings.BASE_DIR / "tests" / "ledger_export.py"
        command = [sys.executable, str(generator), "--coupons", str(COUPONS), "--seed", str(SEED)]
        command += ["--out", str(folder), "--as-of", moment.isoformat()]
        subprocess.run(command, check=True)
        with clock.at(moment + timedelta(minutes=20)):
            import_ledger(folder)
            say(f"ledger export of {moment:%Y-%m-%d %H:%M} imported")
            if moment == exports.sealed:
                sealing.seal()
                say("balances sealed")


def codes(say: Say) -> None:
    """A stock of each stock brand for every office."""
    if Code.objects.exists():
        return
    expires = date(NOTICE.dates.receiving_closes.year + 1, 3, 31)
    count = 0
    for prefecture in NOTICE.prefectures:
        count += stock.store(
            (
                stock.StockRow(brand, face, f"DEMO{prefecture}{brand[:2].upper()}{face:04d}{i:06d}",
                               f"M{prefecture}-{i:05d}", expires)
                for brand, faces in FACES.items()
                for face in faces
                for i in range(COPIES)
            ),
            prefecture,
        )  # fmt: skip
    say(f"gift codes in stock: {count:,}")


def applications(at: datetime) -> int:
    """People who applied between the opening and `at`, some of them decided."""
    opens = NOTICE.end_of("site_opens")
    paper = list(
        Coupon.objects.filter(prefecture_code=NOTICE.home, charged_at=None)
        .exclude(original_expires_at=None)
        .filter(travel_end=NOTICE.dates.outage_day)
        .order_by("id")[: 3 * len(PEOPLE)]
    )
    made = 0
    for i, coupon in enumerate(paper):
        arrived = opens + timedelta(hours=7 * i + 1, minutes=13 * i)
        if arrived > at:
            break
        with clock.at(arrived):
            application = intake.receive(
                answers(coupon, i), arrived_at=arrived, submission_id=UUID(int=SEED * 10**6 + i)
            )
        made += 1
        if i % 3 == 0 and SealedItem.objects.filter(coupon=coupon).exists():
            decide(application, arrived + 2 * DAY)
    return made


def answers(coupon: Coupon, i: int) -> Answers:
    """What person `i` says of a coupon; every fifth wants a transfer, every seventh mistypes."""
    name, kana, phone, email = PEOPLE[i % len(PEOPLE)]
    phone = f"{phone[:-3]}{i:03d}"  # one receipt a day goes to a number
    number = coupon.inquiry_number
    if i % 7 == 5:
        number = number[:-2] + number[:-3:-1]
    bank = i % 5 == 4
    return Answers(
        prefecture=coupon.prefecture_code,
        travel_type=coupon.travel_type,
        travel_start=coupon.travel_start if coupon.travel_type == "stay" else None,
        travel_end=coupon.travel_end,
        expires_on_outage_day="yes",
        coupons=(CouponAnswer(number, number, "paper"),),
        number_unknown=False,
        issuer=coupon.issuer,
        name=name,
        kana=kana,
        phone=phone,
        email="",
        method="bank" if bank else "points",
        channel="sms" if i % 2 else "email",
        delivery=phone if i % 2 else email,
        account=AccountAnswer("0149", "静岡銀行", "001", "本店", "1", f"{1234567 + i:07d}", kana)
        if bank
        else None,
        holder_relation="self" if bank else "",
        postal_code="4200000" if bank else "",
        address="静岡県静岡市葵区見本町1-2-3" if bank else "",
        lodging="見本の宿" if bank else "",
    )


def decide(application: Application, at: datetime) -> None:
    """The matching signs first, the demo's approver second."""
    approver = get_user_model().objects.get(username="approver")
    with clock.at(at):
        try:
            review.check_clean(application)
            review.approve(application, by=approver)
        except Refused:  # not a clean match: it stays in the queue for the office to try
            return
