"""Where an application stands, for the person who can name its number and one fact (N56).

Unknown and wrong look the same; tries are counted in PostgreSQL, by receipt number (decided 20).
"""

from dataclasses import dataclass
from datetime import timedelta

from applications import receipts
from applications.models import Application
from applications.validators.text import compact
from config import limits
from config.cipher import keyed_hash
from config.notice import NOTICE
from config.states import Refused
from config.templatetags.notice import ja_date, until
from payouts.models import Payout

TRIES, WINDOW = 10, timedelta(hours=1)

STATES = {
    "received": ("受け付けました", "事務局が内容を確認します。そのままお待ちください。"),
    "held": ("確認を続けています", "確認に時間をいただいています。そのままお待ちください。"),
    "asked": (
        "確認のお願いがあります",
        "お知らせをご覧のうえ、コールセンターへお電話ください。",
    ),
    "checked": ("確認を続けています", "内容の確認が進んでいます。そのままお待ちください。"),
    "withdrawn": ("取り下げられました", "この申請は取り下げられています。"),
}
PAYOUTS = {
    "waiting": "補償が決まりました。時期になりましたら、受取または振込の手続きに進みます。",
    "nothing_due": "確認の結果、残額がなかったため、お送りする補償はありません。",
    "issuing": "ポイントのコードを発行しています。",
    "issued": "ポイントは受取済みです。受取用URLから、期限までコードをご覧いただけます。",
    "lapsed": "受取期限が過ぎました。",
    "listed": "振込の準備をしています。",
    "handed_over": "銀行へ振込を依頼しました。",
    "paid": "振込が終わりました。",
    "returned": "振込ができませんでした。事務局からご連絡します。",
    "given_up": "振込ができないことが確定しました。コールセンターへお電話ください。",
}


@dataclass(frozen=True)
class Standing:
    """What the person reads: one headline, the next step, a line for each coupon."""

    application: Application
    headline: str
    next_step: str
    coupons: list[tuple[str, str]]


def find(typed_receipt: str, typed_proof: str) -> Application:
    """The application of a receipt number, for who knows the contact phone's end or the address.

    Raises Refused, with one sentence for every reason; after TRIES in an hour nobody gets further.
    """
    receipt = receipts.parse(typed_receipt) or ""
    if limits.hit("status", receipt or typed_receipt[:80], WINDOW) > TRIES:
        raise Refused("確認の回数が多いため、1時間ほどたってからもう一度お試しください。", "limit")
    found = Application.objects.filter(receipt_number=receipt).first()
    typed = _fold(typed_proof)
    digits = "".join(ch for ch in typed if ch.isdigit())[-4:]
    proofs = {keyed_hash("status", value) for value in (typed, digits) if len(value) >= 4}
    accepted = {keyed_hash("status", value) for value in _proofs(found) if value}
    if found is None or not proofs & accepted:
        raise Refused("受付番号と確認の内容が一致しません。もう一度お確かめください。", "wrong")
    return found


def _fold(text: str) -> str:
    return compact(text).lower()


def _proofs(application: Application | None) -> list[str]:
    if application is None:
        return ["", ""]
    phones = [application.phone, application.delivery if application.channel == "sms" else ""]
    mails = [application.email, application.delivery if application.channel == "email" else ""]
    return [phone[-4:] for phone in phones] + [_fold(mail) for mail in mails]


def standing(application: Application) -> Standing:
    """The state in words and the next step; no amount, and nothing that only the ledger knows."""
    claims = list(application.claims.select_related("payout").order_by("position"))
    payout = next((claim.payout for claim in claims if claim.payout), None)
    if application.state != Application.State.DECIDED:
        headline, next_step = STATES[application.state]
    elif payout is None:
        headline, next_step = "確認が終わりました", "補償の対象となるクーポンはありませんでした。"
    else:
        headline, next_step = "確認が終わりました", _payout_step(payout)
    coupons = [
        (claim.inquiry_number[-4:] or "番号は後日", _coupon_word(application, claim.state))
        for claim in claims
    ]
    return Standing(application, headline, next_step, coupons)


def _coupon_word(application: Application, state: str) -> str:
    if application.state != Application.State.DECIDED and state != "withdrawn":
        return "確認中"
    return {"approved": "補償の対象", "not_covered": "補償の対象外", "withdrawn": "取下げ"}.get(
        state, "確認中"
    )


def _payout_step(payout: Payout) -> str:
    if payout.state != "ready":
        return PAYOUTS[payout.state]
    if payout.road == Payout.Road.BANK:
        day = ja_date(NOTICE.dates.first_bank_day)
        return f"{day}から順次お振り込みします。手続きはいりません。"
    end = until(NOTICE.dates.receiving_closes)
    return f"受取用URLをお送りしました。{end}までにお受け取りください。"
