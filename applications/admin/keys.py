"""The keys of the working screens, as they are listed there; static/shortcuts.js obeys the page.

A key goes to a control and never presses one that decides: only to step on to the next case, or to
take this one, is it enough. Inside a box keys are letters.
"""

LIST = (
    ("n", "次の案件を受け取る"),
    ("/", "検索へ"),
    ("j　k", "次の行・前の行へ（Enterで開く）"),
    ("?", "この一覧を開く・閉じる"),
)
PAGE = (
    ("n", "この案件を置いて、次の案件へ"),
    ("t", "担当する"),
    ("1〜9", "その枚目の判断へ（矢印キーで選ぶ）"),
    ("a", "審査済みにする・承認する・同意する、のボタンへ（Enterで実行）"),
    ("v", "お知らせの文面を見る、のボタンへ"),
    ("h", "保留へ"),
    ("q", "補正をお願いする、へ"),
    ("b", "差し戻す、へ"),
    ("m", "メモへ"),
    ("e", "内容を訂正する、へ"),
    ("p", "連絡先をすべて表示、へ"),
    ("?", "この一覧を開く・閉じる"),
)
