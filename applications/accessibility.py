"""The result of the accessibility tests, as /accessibility/ states it.

To be renewed with the tests of tests/stories/test_states_browser.py, which make it.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

TESTED_ON = date(2026, 11, 24)
TOOLS = ("axe-core 4.12", "Chromium 156", "Playwright 1.65")
STATES = 122  # pages in their states, each at 375 and 1280 pixels


@dataclass(frozen=True)
class Result:
    """One kind of test: how it was done, and what came of it."""

    name: str
    outcome: str


RESULTS = (
    Result(
        _("自動検査（WCAG 2.0・2.1・2.2の適合レベルAとAA、推奨事項）"),
        _("問題は見つかりませんでした（0件）"),
    ),
    Result(_("キーボードだけでの操作（申請のはじめから受付番号まで）"), _("すべて操作できました")),
    Result(_("スクリプト（JavaScript）を止めた操作"), _("すべて操作できました")),
    Result(
        _("幅320ピクセル、文字の大きさ200％、文字と行の間隔を広げた表示"),
        _("横にはみ出すところ、切れるところはありませんでした"),
    ),
    Result(_("強制カラー（ハイコントラスト）の表示"), _("枠とボタンの区切りが残りました")),
    Result(
        _("内容の確認、受付番号、ポイントのコードの画面の印刷"), _("どれもA4で1枚に収まりました")
    ),
)
