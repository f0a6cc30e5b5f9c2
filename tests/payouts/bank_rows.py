"""Rows that a transfer stands on: an office, two clerks, sealed coupons, ready payouts."""

from datetime import date, datetime
from itertools import count

from django.contrib.auth.models import Permission, User
from django.db import transaction

from config import clock
from payouts import accounts, opening, transfers
from payouts.models import Clerk, Office, Payout, Transfer
from tests.payouts import rows

CUT_AT = datetime(2023, 5, 10, 9, 0, tzinfo=clock.JST)
MONDAY = date(2023, 5, 15)
NUMBERS = count(1)
RIGHTS = ["add_batch", "change_batch", "add_answerfile", "add_bankword", "add_recall"]
HEADS = "顧客コード1,振込金額,結果,理由"


def office(code: str = "22", **changes: str) -> Office:
    """The paying account of a prefecture's office."""
    facts = {
        "remitter_code": "0123456789",
        "remitter_kana": "ｼｽﾞｵｶｹﾝｼﾞﾑｷﾖｸ",
        "bank_code": "0149",
        "branch_code": "101",
        "account_type": "1",
        "account_number": "7654321",
    }
    return Office.objects.create(prefecture_code=code, **(facts | changes))


def clerk(name: str, *prefectures: str) -> User:
    """A payer with the rights of the bank road in these prefectures."""
    user = User.objects.create_user(name, password="x" * 12, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    Clerk.objects.create(user=user, prefectures=list(prefectures) or ["22"])
    return user


def account(number: str = "1234567", holder: str = "ヤマダ　タロウ") -> accounts.Account:
    """An account at a branch of a real bank."""
    return accounts.Account("0001", "001", "1", number, holder, "みずほ銀行", "東京営業部")


def said(transfer: Transfer, result: str, reason: str = "") -> str:
    """A line of the bank's results, under HEADS."""
    return f"{transfer.pk},{transfer.amount},{result},{reason}"


def send(payer: User, approver: User) -> list[Transfer]:
    """Cut, release and hand over whatever is ready in Shizuoka."""
    batch = transfers.cut("22", MONDAY, by=payer).batch
    assert batch is not None
    transfers.hand_over(transfers.release(batch, by=approver), by=approver)
    return list(batch.transfers.order_by("id"))


def ready(yen: int = 1730, *, code: str = "22", to: accounts.Account | None = None) -> Payout:
    """A bank payout of one sealed coupon, ready to be listed."""
    coupon = rows.coupon(f"{next(NUMBERS):012d}", code, yen)
    rows.seal(coupon)
    payout = rows.payout(
        coupon, road="bank", channel="", address="", bank_account=accounts.store(to or account())
    )
    with transaction.atomic():
        return opening.release([payout.pk], clock.now(), {})[0]
