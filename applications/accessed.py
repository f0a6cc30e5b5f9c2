"""The record of what was opened, taken out and changed, in the words of the office."""

from typing import Any

from django.apps import apps

from applications import roles, staff
from config.models import AccessLog

OTHERS = {
    "user": "担当者",
    "suspects": "二重引き落としの疑い",
    "givebacklist": "戻入依頼",
    "reports": "報告",
    "final": "終了報告",
    "staff": "担当者の一覧",
    "contested": "重複申請",
    "reconcile": "残額照合",
    "reconcile_rows": "残額照合の明細",
    "inquiry_figures": "応対の件数",
    "levels": "コードの在庫と見込み",
    "undelivered": "届かなかった通知",
    "call_list": "電話連絡の一覧",
}
DEEDS = {
    "opened": "追加",
    "changed": "変更",
    "disabled": "停止",
    "enabled": "再開",
    "password": "パスワード",
    "second_half": "初期パスワードの後半",
    "device": "認証アプリの登録を消した",
    "unlocked": "ログインの停止を解除",
    "app": "認証アプリの登録",
    "app_ended": "認証アプリの登録し直し",
    "recovery_codes": "回復コードの作成",
}


def model_of(subject: str) -> Any:
    """The model of a subject, or None."""
    for package in roles.OURS:
        try:
            return apps.get_model(package, subject)
        except LookupError:
            continue
    return None


def subject_words(subject: str) -> str:
    """The office's word for a subject."""
    model = model_of(subject)
    return OTHERS.get(subject) or (str(model._meta.verbose_name) if model else subject)


def detail_words(row: AccessLog) -> str:
    """What exactly, in words."""
    if row.act not in ("account", "sign_in"):
        return row.detail
    deed, _, rest = row.detail.partition(" ")
    given = dict(part.split("=", 1) for part in rest.split() if "=" in part)
    parts = [DEEDS.get(deed, deed)]
    if "roles" in given:
        parts.append("・".join(roles.LABELS.get(role, role) for role in given["roles"].split(",")))
        places = given.get("prefectures", "")
        parts.append("全都道府県" if places == "all" else f"都道府県 {places}")
    if deed == "device":
        parts += [staff.FACTS.get(fact, fact) for fact in rest.split(",")]
    return "　".join(parts)
