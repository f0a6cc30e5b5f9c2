"""Words and forms that the office's pages share: {% load office %}."""

from datetime import datetime
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.dateformat import format

from applications import masks, receipts, roles
from applications.models import Application, Claim
from config.clock import JST
from config.written import contact
from payouts.admin.listing import prefecture_name
from payouts.models import Message

register = template.Library()

KINDS = {
    "receipt": "受付のお知らせ",
    "link": "受取のご案内",
    "nothing_due": "残額なしのお知らせ",
    "decision": "確認の結果",
    "ask": "補正のお願い",
    "number": "お問合せ番号の入力のお願い",
    "changed": "申請内容の変更のお知らせ",
    "withdrawn": "申請の取下げのお知らせ",
    "notice": "事務局からのお知らせ",
    "late": "期限後の申請のご案内",
    "reminder": "受取期限のお知らせ",
    "proof": "配信先の確認",
}
FAILURES = {
    "once_a_day": "同じ宛先へは1日1通まで",
    "busy_address": "機械による送信の疑いのため送信を保留",
    "link_replaced": "新しいURLに置きかえた",
    "budget": "1日の予算の上限",
    "returned": "郵便が返送された",
    "wrong_number": "電話番号違い",
}

register.filter("contact", contact)
register.filter("receipt", receipts.written)
register.filter("prefecture", prefecture_name)


@register.simple_tag
def role_labels(user: Any) -> str:
    """The office's words for the roles of an account."""
    return roles.labels_of(user)


@register.filter
def short(moment: datetime | None) -> str:
    """2023/4/10 10:02, Japanese time."""
    return format(moment.astimezone(JST), "Y/n/j G:i") if moment else ""


@register.filter
def days_old(row: Application, at: datetime) -> int:
    """How many whole days ago an application came."""
    return (at - row.arrived_at).days


@register.filter
def match_label(match: str) -> str:
    """The office's word for a result of matching."""
    return dict(Claim.Match.choices).get(match, "未照合")


@register.filter
def kind_label(message: Message) -> str:
    """What a message is about."""
    return KINDS.get(message.kind, message.kind)


@register.filter
def failure_label(code: str) -> str:
    """Why a message did not go out."""
    return FAILURES.get(code, code)


@register.filter
def decision(posted: QueryDict, claim: Claim) -> str:
    """The choice for a coupon: just made, or made before; approval is offered where all agrees."""
    offered = "approved" if claim.match == Claim.Match.CLEAN else ""
    return posted.get(f"decision_{claim.pk}", claim.proposal or offered)


@register.filter
def reason_chosen(posted: QueryDict, claim: Claim) -> str:
    """The reason beside it."""
    return posted.get(f"reason_{claim.pk}", claim.reason)


@register.filter
def veiled(value: str) -> str:
    """A phone number or an e-mail address, masked; other texts as they are."""
    if "@" in value:
        return masks.masked_email(value)
    return masks.masked_phone(value) if value.startswith("+") else value


@register.filter
def tail(number: str) -> str:
    """An account number but for its first digits."""
    return "•" * max(0, len(number) - 3) + number[-3:]
