"""The office's words on the pages of batches."""

from payouts import account_checks, arriving, results, transfers
from payouts.resending import REASONS as RESENT

TAKEN_OUT = {
    "place": "金融機関・支店の確認が必要",
    "account": "口座の確認が必要",
    "asked": "申請者からの申し出",
    "decision": "決定の見直し",
    "mistake": "作成の誤り",
}
FAULTS = {
    "account": "口座を読み取れません",
    "holder": "口座名義を全銀形式で書けません",
    "bank_code": "銀行コードがありません",
    "branch_code": "支店コードがありません",
    "account_type": "預金種目が正しくありません",
    "account_number": "口座番号が正しくありません",
    "yen": "金額が1件の上限を超えています",
}
REASONS = {
    **RESENT,
    **TAKEN_OUT,
    **results.REASONS,
    **account_checks.STEP,
    arriving.REASON: "振込指定日から銀行営業日で一定の日数、返却がないため",
    "given_up": "支払不能の確定",
    transfers.COPY: "控のダウンロード",
    transfers.COPY_CSV: "控のダウンロード（CSV）",
    "corrected": "訂正された口座へ振り込み直し",
}


def why(reason: str) -> str:
    """The words of a step's reason; a batch is named as the office names it."""
    if reason.startswith("batch "):
        return f"振込データ{reason.removeprefix('batch ')}"
    return REASONS.get(reason, reason)
