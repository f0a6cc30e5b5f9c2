"""The people of the demo, one for each thing that a clerk may meet: each tells, asks and is
answered at a moment of its own, through the same acts as in earnest.

They hold coupons of the home prefecture that expired on the outage day; those without an expiry
(printed in the outage) and most others stay free to be tried.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from applications import intake, matching, review
from applications.answers import AccountAnswer, Answers, CouponAnswer
from applications.models import Application
from config import clock
from config.notice import NOTICE
from coupons import outcome
from coupons.models import Coupon

BETWEEN = timedelta(hours=33)  # two arrivals
ANSWERED = timedelta(days=2, hours=3)  # from an arrival to the office's act
FIRST_ID = 10**6  # their submission ids, the same at each start

# Coupons on paper of the home prefecture, by whether anything is owed on them.
PAPER = f"""
    SELECT c.*, r.eligible AND r.balance >= 1 AS owed
    FROM coupons_coupon c JOIN ({outcome.rule()}) r ON r.coupon_id = c.id
    WHERE c.prefecture_code = %(home)s AND c.charged_at IS NULL
      AND r.category = 'A1' AND c.travel_end = %(outage_day)s
    ORDER BY c.id"""

Act = Callable[[Application], object]


def clerk(role: str) -> AbstractBaseUser:
    """The demo's clerk of a role."""
    return get_user_model().objects.get(username=role)


def wait(row: Application) -> None:
    """Nobody of the office has looked yet."""


def decide(row: Application) -> None:
    """The matching signs first, the approver second."""
    review.check_clean(row)
    review.approve(row, by=clerk("approver"))


def check(row: Application) -> None:
    """The reviewer has signed; the approver has not."""
    claims = {claim.pk: ("approved", "") for claim in row.claims.all()}
    review.check(row, claims, by=clerk("reviewer"))


def hold(row: Application) -> None:
    text = f"{row.issuer}に電話で確認中。折り返しを待つ。"
    review.hold(row, by=clerk("reviewer"), reason="issuer", text=text)


def ask(row: Application) -> None:
    review.ask(row, ["inquiry_number"], by=clerk("reviewer"))


@dataclass(frozen=True)
class Person:
    """Who asks, how it shall be paid, what is mistaken, and what the office did about it."""

    name: str
    kana: str
    phone: str  # E.164
    email: str = ""
    method: str = "points"
    slip: str = ""  # number, travel_type, spent (nothing is left), same (another's coupon)
    act: Act = wait
    language: str = "ja"


CAST = (
    Person("静岡 花子", "シズオカ ハナコ", "+819012345601", act=decide),
    Person("山田 太郎", "ヤマダ タロウ", "+818012345602", "taro@example.jp", act=decide),
    Person("髙橋 一郎", "タカハシ イチロウ", "+817012345603", method="bank", act=decide),
    Person("伊藤 さくら", "イトウ サクラ", "+819012345604", act=hold),
    Person("渡辺 翔", "ワタナベ ショウ", "+818012345605", slip="number", act=ask),
    Person("中村 恵", "ナカムラ メグミ", "+819012345606", "megumi@example.jp", act=check),
    Person("佐藤 美咲", "サトウ ミサキ", "+819012345607", slip="number"),
    Person("𠮷田 健", "ヨシダ ケン", "+818012345608", "ken@example.jp", slip="travel_type"),
    Person("小林 直樹", "コバヤシ ナオキ", "+817012345609", slip="spent"),
    Person("鈴木 誠", "スズキ マコト", "+819012345610"),
    Person("鈴木 由美", "スズキ ユミ", "+818012345611", "yumi@example.jp", slip="same"),
    Person("Anna Smith", "ANNA SMITH", "+819012345612", "anna@example.jp", language="en"),
    Person("加藤 陽子", "カトウ ヨウコ", "+819012345613", method="bank"),
    Person("松本 大輔", "マツモト ダイスケ", "+818012345614"),
)


def apply(at: datetime) -> int:
    """Let those ask who would have until `at`, and the office act on them; returns how many."""
    opens, made = NOTICE.end_of("site_opens"), 0
    with transaction.atomic():
        for number, (person, coupon) in enumerate(with_coupons()):
            arrived = opens + timedelta(hours=1, minutes=13 * number) + number * BETWEEN
            if arrived > at:
                break
            with clock.at(arrived):
                row = intake.receive(
                    answers(person, coupon),
                    arrived_at=arrived,
                    submission_id=UUID(int=FIRST_ID + number),
                    language=person.language,
                )
            if arrived + ANSWERED <= at:
                with clock.at(arrived + ANSWERED):
                    person.act(row)
            made += 1
        matching.rematch()  # who asks for another's coupon came after them
    return made


def with_coupons() -> Iterator[tuple[Person, Coupon]]:
    """Everybody with the coupon that they hold, as far as the ledger has enough of them."""
    paper = list(Coupon.objects.raw(PAPER, outcome.moments() | {"home": NOTICE.home}))
    owed = iter([coupon for coupon in paper if coupon.owed])
    spent = iter([coupon for coupon in paper if not coupon.owed])
    coupon = None
    for person in CAST:
        if person.slip != "same":
            coupon = next(spent if person.slip == "spent" else owed, None)
        if coupon is not None:
            yield person, coupon


def answers(person: Person, coupon: Coupon) -> Answers:
    """What a person says of a coupon, with the slip."""
    number, travel_type = coupon.inquiry_number, coupon.travel_type
    if person.slip == "number":
        number = number[:-2] + number[:-3:-1]  # the last two digits the wrong way round
    if person.slip == "travel_type":
        travel_type = "day_trip" if travel_type == "stay" else "stay"
    bank = person.method == "bank"
    channel = "" if bank else "email" if person.email else "sms"
    return Answers(
        prefecture=coupon.prefecture_code,
        travel_type=travel_type,
        travel_start=coupon.travel_start if travel_type == "stay" else None,
        travel_end=coupon.travel_end,
        expires_on_outage_day="yes",
        coupons=(CouponAnswer(number, number, "paper"),),
        number_unknown=False,
        issuer=coupon.issuer,
        name=person.name,
        kana=person.kana,
        phone=person.phone,
        email="",
        method=person.method,
        channel=channel,
        delivery={"sms": person.phone, "email": person.email, "": ""}[channel],
        **(by_bank(person, travel_type) if bank else {}),
    )


def by_bank(person: Person, travel_type: str) -> dict[str, object]:
    """The answers of somebody who wants a transfer to their own account."""
    number = person.phone[-7:]
    stay = {"lodging": "見本の宿"} if travel_type == "stay" else {"agency": "見本旅行"}
    return {
        "account": AccountAnswer("0149", "静岡", "111", "本店営業部", "1", number, person.kana),
        "holder_relation": "self",
        "postal_code": "4200000",
        "address": "静岡県静岡市葵区見本町1-2-3",
        **stay,
    }
