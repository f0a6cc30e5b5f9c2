"""Second looks in figures: how many were drawn, and in how many a third person saw it otherwise.

The draw itself is proved again: each decision that is in the list belongs there, and none is left
out (N63). The share is of the looks that somebody settled, in per cent.
"""

from datetime import datetime

from django.conf import settings

from applications import sampling
from applications.models import SecondLook
from applications.tables import OWN, Cell, Codes, Table, asked, name

LOOKS, LATE = "applications_secondlook_changelist", "coupons_latemovement_changelist"
OF_APPLICATIONS = f"""
SELECT prefecture_code, count(*), count(*) FILTER (WHERE verdict = ''),
       count(*) FILTER (WHERE verdict = 'agreed'), count(*) FILTER (WHERE verdict = 'disagreed'),
       count(*) FILTER (WHERE verdict = 'void')
FROM applications_secondlook WHERE {OWN} GROUP BY 1 ORDER BY 1
"""
OF_MOVEMENTS = f"""
SELECT prefecture_code, count(*) FILTER (WHERE s.new = 'drawn'),
       count(*) FILTER (WHERE s.new = 'drawn' AND m.state = 'drawn' AND s.last = 1),
       count(*) FILTER (WHERE s.old = 'drawn' AND s.new <> 'listed'),
       count(*) FILTER (WHERE s.old = 'drawn' AND s.new = 'listed'), 0
FROM coupons_latemovement m JOIN (
    SELECT of_id, old, new, row_number() OVER (PARTITION BY of_id ORDER BY id DESC) AS last
    FROM coupons_latemovementstep
) s ON s.of_id = m.id AND 'drawn' IN (s.old, s.new)
WHERE {OWN} GROUP BY 1 ORDER BY 1
"""


def looks(codes: Codes) -> Table:
    """Drawn decisions by prefecture and kind, and the share in which the third person differed."""
    kinds = (("申請の決定", OF_APPLICATIONS, LOOKS), ("確定後の増減", OF_MOVEMENTS, LATE))
    rows = [
        line(code, kind, listed, counts)
        for kind, sql, listed in kinds
        for code, *counts in asked(sql, codes)
    ]
    heads = (
        *("都道府県", "種類", "抽出", "確認待ち", "同意", "不同意", "取消しで不要"),
        "不同意の割合（％）",
    )
    note = f"不同意の割合は、同意と不同意に占める不同意です。{whole(rows)}{proof(codes)}"
    return Table("二次確認", heads, rows, note, (2, 3, 4, 5, 6))


def line(code: str, kind: str, listed: str, counts: list[int]) -> list[Cell]:
    """One prefecture's looks of one kind; where there is a list, each figure leads to it."""
    agreed, disagreed = counts[2:4]
    here = {"prefecture": code}
    if listed == LOOKS:
        kept = ("all", "", "agreed", "disagreed", "void")
        links = [(listed, {**here, "verdict": verdict} if verdict else here) for verdict in kept]
    else:
        links = [None, (listed, {**here, "state__exact": "drawn"}), None, None, None]
    figures = [Cell(n, to) for n, to in zip(counts, links, strict=True)]
    return [Cell(name(code)), Cell(kind), *figures, Cell(share(agreed, disagreed))]


def share(agreed: int, disagreed: int) -> float | str:
    """Disagreements among the settled, in per cent with one decimal; empty where none is."""
    settled = agreed + disagreed
    return round(100 * disagreed / settled, 1) if settled else ""


def whole(rows: list[list[Cell]]) -> str:
    """The share over all rows, as a sentence."""
    agreed, disagreed = (sum(int(row[column].value) for row in rows) for column in (4, 5))
    found = share(agreed, disagreed)
    return f"全体では{found}％です。" if found != "" else ""


def proof(codes: Codes) -> str:
    """Whether the draw was kept with the share of now, as a sentence."""
    percent = settings.SECOND_LOOK_PERCENT
    since = begun(percent)
    if since is None:
        return f"いまの割合（{percent}％）での抽出は、まだありません。"
    wrong = len(sampling.proved(percent, since, codes))
    told = f"食い違いが{wrong:,}件あります。" if wrong else "食い違いはありません。"
    return f"申請の抽出を{percent}％で計算し直すと、{told}"


def begun(percent: int) -> datetime | None:
    """Since when decisions are drawn with this share and no other; None: never yet."""
    rows = SecondLook.objects.order_by("drawn_at", "id")
    other = rows.exclude(percent=percent).last()
    own = rows.filter(percent=percent)
    first = (own.filter(drawn_at__gt=other.drawn_at) if other else own).first()
    return first.drawn_at if first else None
