"""Words of the category B pages: {% load desk %}."""

from datetime import datetime
from typing import Any

from django import template

from applications import desk
from config.clock import JST
from coupons.models import Coupon, DoubleCharge, Entry

register = template.Library()

DETAIL = {
    "ledger": "台帳",
    "export": "取込ファイル",
    "sealed": "確定",
    "coupons": "枚数",
    "first": "はじめの番号",
    "last": "おわりの番号",
    "original": "当初の有効期限",
    "travel_end": "旅行日・チェックアウト日",
    "kind": "種別",
    "amount": "金額",
    "occurred_at": "日時",
    "lowest": "最も低い残高",
    "highest": "最も高い残高",
    "face_value": "額面",
    "paid": "決済額",
    "given_back": "戻入・取消の額",
    "category": "区分",
    "eligible": "対象",
    "balance": "残額",
    "in_app": "アプリ利用中",
}
KINDS = dict(Entry.Kind.choices)
FIELDS = {
    field.name: str(field.verbose_name) for model in (Entry, Coupon) for field in model._meta.fields
}

register.filter("case_number", desk.written)


@register.filter
def second(moment: datetime) -> str:
    """2/24 18:00:20, Japanese time: presses are seconds apart."""
    local = moment.astimezone(JST)
    return f"{local.month}/{local.day} {local:%H:%M:%S}"


@register.filter
def told_moment(moment: datetime) -> str:
    """The moment that a caller told, Japanese time; the day alone where no hour was told.

    An untold hour is kept as midnight, seven hours before anything went wrong.
    """
    local = moment.astimezone(JST)
    day = f"{local.year}/{local.month}/{local.day}"
    return f"{day} {local:%H:%M}" if (local.hour, local.minute) != (0, 0) else f"{day} 時刻不明"


@register.filter
def details(detail: dict[str, Any]) -> str:
    """A difference's particulars in words."""
    parts = [
        f"{DETAIL.get(key, key)}（{details(value)}）"
        if isinstance(value, dict)
        else f"{DETAIL.get(key, key)}：{said(value)}"
        for key, value in detail.items()
    ]
    return "、".join(parts)


def said(value: Any) -> str:
    """One value of a difference in words."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return "なし" if value in (None, "") else KINDS.get(value, str(value))


@register.filter
def coupon_field(name: str) -> str:
    """The office's word for a column of an export."""
    return FIELDS.get(name, name)


@register.filter
def many(count: int) -> str:
    """A count that one can read: 1,000,000."""
    return f"{count:,}"


@register.filter
def case_state(state: str) -> str:
    """The office's word for a state of a case."""
    return dict(DoubleCharge.State.choices).get(state, state)


@register.filter
def case_reason(code: str) -> str:
    """Why a case went there."""
    return {**desk.DENIED, desk.FOUND: "台帳で見つけた疑い"}.get(code, code)
