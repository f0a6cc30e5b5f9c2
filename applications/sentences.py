"""What the office's codes say: to the applicant in whole sentences, to the office in labels."""

from django.utils.translation import gettext_lazy as _

from applications.models import Claim
from config.languages import lazily
from config.notice import NOTICE
from config.templatetags.notice import ja_date, until
from payouts import resending

Reason = Claim.Reason

# Neutral where two people ask for one coupon: neither is told of the other (Q14).
NOT_COVERED = {
    Reason.NO_SUCH_COUPON: _(
        "補償の対象となる地域クーポン（紙）であることを確認できませんでした。"
    ),
    Reason.OUTSIDE: lazily(
        lambda: (
            _(
                "クーポンの有効期限と旅行の最終日が、どちらも%(day)sでは"
                "なかったため、補償の対象に当たりませんでした。"
            )
            % {"day": ja_date(NOTICE.dates.outage_day)}
        )
    ),
    Reason.NO_BALANCE: lazily(
        lambda: (
            _("%(cut_off)sの時点で、対象となる残額がありませんでした。")
            % {"cut_off": until(NOTICE.dates.cut_off)}
        )
    ),
    Reason.APP_LINK: _(
        "アプリにご登録の連絡先へ、別に受取のご案内をお送りします。このクーポンの申請は必要ありません。"
    ),
    Reason.ALREADY: _("このクーポンの補償は、すでにお手続きが進んでいます。"),
    Reason.UNCONFIRMED: _(
        "ご入力のお問合せ番号を確認できませんでした。番号は、クーポンの発行店でお確かめいただけます。"
    ),
}

# What the office asks back for (補正のお願い); each is said to the applicant as it stands here.
ASKED = {
    "inquiry_number": _("地域クーポン（紙）のお問合せ番号"),
    "travel": _("旅行の種類と日付"),
    "prefecture": _("ご利用の都道府県"),
    "expiry": _("クーポンの有効期限"),
    "use": _("アプリへのチャージの状況"),
    "person": _("お名前とご連絡先"),
    "delivery": _("受取案内の配信先"),
    "account": _("振込先の口座"),
    "lodging": _("宿泊施設または旅行会社"),
}

# Why a case was moved; history keeps the code, what is particular goes into a note.
WHY: dict[str, dict[str, str]] = {
    "hold": {
        "issuer": "発行店へ確認中",
        "contested": "重複申請の確認中",
        "risk": "要確認の印の確認中",
        "ledger": "次の台帳取込を待つ",
        "other": "その他（メモに記入）",
    },
    "resume": {
        "answered": "回答があった",
        "clarified": "確認が済んだ",
        "other": "その他（メモに記入）",
    },
    "send_back": {
        "match": "照合結果の見直し",
        "reason": "対象外の理由の見直し",
        "account": "口座・名義の見直し",
        "other": "その他（メモに記入）",
    },
    "revoke": {
        "mistake": "決定の誤り",
        "method": "受取方法の変更の申し出",
        "second_look": "二次確認での不同意",
        "new_fact": "新しい事実が分かった",
        "other": "その他（メモに記入）",
    },
    "amend": {
        "applicant": "申請者からの申し出（電話など）",
        "paper": "申請書の読みまちがい・入力まちがい",
        "issuer": "発行店の回答",
        "other": "その他（メモに記入）",
    },
    "withdraw": {
        "by_applicant": "申請者の申し出",
        "duplicate": "同じ内容の申請がある",
        "other": "その他（メモに記入）",
    },
}


def not_covered(reason: str) -> str:
    """The sentence that an applicant reads for a coded reason of 補償の対象外."""
    return NOT_COVERED[Reason(reason)]


def why(reason: str) -> str:
    """The office's words for a reason in the history; other texts stand as they are."""
    words = {code: label for table in WHY.values() for code, label in table.items()}
    words |= {f"amend_{code}": f"内容の訂正（{label}）" for code, label in WHY["amend"].items()}
    sent_anew = {code: f"受取用URLの再送（{label}）" for code, label in resending.REASONS.items()}
    return {**words, **dict(Reason.choices), **MACHINE, **sent_anew}.get(reason, reason)


MACHINE = {
    "matching": "照合による自動確認",
    "receiving_closes": "受取期限",
    "corrected": "口座の訂正",
    "new_account": "振込不能後の口座の訂正を受付",
    "corrected_by_applicant": "申請者による補正",
    "changed_by_applicant": "申請者による受取方法の変更",
    "to_points": "申請者の申し出により、ポイントへ変更",
    "to_contact": "申し出により、配信先を変更",
}
