"""The office's figures: by prefecture, road, category, reason, waiting time, unclaimed value (N87).

A table is counted when it is asked for, of the prefectures that its reader works for. A figure
knows the list that it stands for, where there is one. Counts are cases, yen are whole yen, days are
from the arrival of an application.
"""

from collections.abc import Callable, Iterable

from applications import look_report, reconcile
from applications.models import Application, Claim
from applications.tables import OWN, Cell, Codes, Table, asked, name
from payouts.models import Payout

APPLICATIONS, PAYOUTS, DETAILS = (
    "applications_application_changelist",
    "payouts_payout_changelist",
    "coupons_seal_reconcile_rows",
)
ROADS = {"sms": "ポイント（SMS）", "email": "ポイント（メール）", "bank": "口座振込"}
AGES = ((0, 3), (4, 7), (8, 14), (15, 21), (22, None))  # days, both ends included
PAID = ("issued", "handed_over", "paid")

BY_PREFECTURE = f"""
WITH asked AS (
    SELECT prefecture_code, count(*) AS applications,
           count(*) FILTER (WHERE state IN ('received', 'held', 'asked', 'checked')) AS open,
           count(*) FILTER (WHERE state = 'decided') AS decided,
           count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn
    FROM applications_application WHERE {OWN} GROUP BY 1
), claimed AS (
    SELECT prefecture_code, count(*) AS coupons,
           count(*) FILTER (WHERE state = 'approved') AS approved,
           count(*) FILTER (WHERE state = 'not_covered') AS not_covered
    FROM applications_claim WHERE {OWN} GROUP BY 1
), paid AS (
    SELECT prefecture_code, count(*) FILTER (WHERE state = ANY(%(paid)s)) AS paid,
           coalesce(sum(amount) FILTER (WHERE state = ANY(%(paid)s)), 0)::bigint AS yen
    FROM payouts_payout WHERE {OWN} GROUP BY 1
)
SELECT prefecture_code, coalesce(applications, 0), coalesce(open, 0), coalesce(decided, 0),
       coalesce(withdrawn, 0), coalesce(coupons, 0), coalesce(approved, 0),
       coalesce(not_covered, 0), coalesce(paid, 0), coalesce(yen, 0)
FROM asked FULL JOIN claimed USING (prefecture_code) FULL JOIN paid USING (prefecture_code)
ORDER BY prefecture_code
"""


def by_prefecture(codes: Codes) -> Table:
    """Applications, coupons and payouts of each prefecture."""
    rows = []
    for code, every, waits, decided, withdrawn, coupons, approved, not_covered, paid, yen in asked(
        BY_PREFECTURE, codes, paid=list(PAID)
    ):
        here = {"prefecture": code}
        done = (PAYOUTS, {**here, "state__in": ",".join(PAID)})
        rows.append(
            [
                Cell(name(code)),
                Cell(every, (APPLICATIONS, {**here, "state": "all"})),
                Cell(waits, (APPLICATIONS, here)),
                Cell(decided, (APPLICATIONS, {**here, "state": "decided"})),
                Cell(withdrawn, (APPLICATIONS, {**here, "state": "withdrawn"})),
                Cell(coupons),
                Cell(approved),
                Cell(not_covered),
                Cell(paid, done),
                Cell(yen, done),
            ]
        )
    heads = (
        *("都道府県", "申請", "うち処理中", "うち決定済み", "うち取下げ"),
        *("クーポン（枚）", "うち補償決定", "うち対象外", "支払い済み（件）", "支払い済み（円）"),
    )
    return Table("都道府県別", heads, rows, sums=tuple(range(1, 10)))


BY_ROAD = f"""
SELECT CASE WHEN method = 'bank' THEN 'bank' ELSE channel END, count(*),
       count(*) FILTER (WHERE state IN ('received', 'held', 'asked', 'checked')),
       count(*) FILTER (WHERE state = 'decided'), count(*) FILTER (WHERE state = 'withdrawn'),
       count(*) FILTER (WHERE entered_by_id IS NOT NULL)
FROM applications_application WHERE {OWN} GROUP BY 1 ORDER BY 1
"""


def by_road(codes: Codes) -> Table:
    """Applications by how the applicant wants to receive."""
    rows = []
    for road, *counts in asked(BY_ROAD, codes):
        here = {"road": road}
        lists = [{"state": "all"}, {}, {"state": "decided"}, {"state": "withdrawn"}]
        lists.append({"state": "all", "look": "assisted"})
        rows.append(
            [
                Cell(ROADS.get(road, road)),
                *(
                    Cell(count, (APPLICATIONS, {**here, **narrowed}))
                    for count, narrowed in zip(counts, lists, strict=True)
                ),
            ]
        )
    heads = ("受取方法", "申請", "うち処理中", "うち決定済み", "うち取下げ", "うち代行入力")
    return Table("受取方法別", heads, rows, sums=(1, 2, 3, 4, 5))


BY_PAYOUT = f"""
SELECT origin, road, state, count(*), coalesce(sum(amount), 0)::bigint
FROM payouts_payout WHERE {OWN} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def by_payout(codes: Codes) -> Table:
    """Payouts by origin, road and state."""
    origins, roads = dict(Payout.Origin.choices), dict(Payout.Road.choices)
    states = dict(Payout.State.choices)
    rows = []
    for origin, road, state, count, yen in asked(BY_PAYOUT, codes):
        narrowed = {"origin__exact": origin, "road__exact": road, "state__exact": state}
        to = (PAYOUTS, narrowed)
        words = (origins[origin], roads[road], states[state])
        rows.append([*map(Cell, words), Cell(count, to), Cell(yen, to)])
    heads = ("経路", "受取方法", "状態", "件数", "円")
    return Table("支払いの状態別", heads, rows, sums=(3, 4))


def by_category(codes: Codes) -> Table:
    """What was sealed, by category, and where it is now: the first two books."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in reconcile.equation():
        if codes is not None and row.prefecture_code not in codes:
            continue
        places = found.setdefault(row.category, {})
        for bucket, (count, yen) in row.buckets.items():
            before = places.get(bucket, (0, 0))
            places[bucket] = (before[0] + count, before[1] + yen)
    rows = [
        [
            Cell(category),
            Cell(sum(count for count, _ in places.values())),
            Cell(sum(yen for _, yen in places.values())),
            *(Cell(places.get(bucket, (0, 0))[1]) for bucket in reconcile.BUCKETS),
        ]
        for category, places in sorted(found.items())
    ]
    heads = ("区分", "件数", "確定残額（円）", *(f"{w}（円）" for w in reconcile.BUCKETS.values()))
    note = "残額が0円のものは数えません。明細は「残額照合」の各数字から開けます。"
    return Table("区分別", heads, rows, note, tuple(range(1, len(heads))))


BY_REASON = f"""
SELECT prefecture_code, reason, count(*), count(DISTINCT application_id)
FROM applications_claim WHERE state = 'not_covered' AND {OWN} GROUP BY 1, 2 ORDER BY 1, 2
"""


def by_reason(codes: Codes) -> Table:
    """Coupons that are not covered, by coded reason."""
    words = dict(Claim.Reason.choices)
    rows = [
        [
            Cell(name(code)),
            Cell(words.get(reason, reason)),
            Cell(coupons),
            Cell(applications, (APPLICATIONS, {"prefecture": code, "state": "decided"})),
        ]
        for code, reason, coupons, applications in asked(BY_REASON, codes)
    ]
    heads = ("都道府県", "理由", "クーポン（枚）", "申請（件）")
    note = "申請の数字からは、その都道府県の決定済みの申請すべてを開きます。"
    return Table("補償の対象外の理由別", heads, rows, note, (2,))


DECIDED = f"""
SELECT prefecture_code, CASE WHEN method = 'bank' THEN 'bank' ELSE channel END,
       extract(epoch FROM decided_at - arrived_at) / 86400
FROM applications_application WHERE state = 'decided' AND {OWN}
"""
PAYMENTS = f"""
SELECT application.prefecture_code,
       CASE WHEN application.method = 'bank' THEN 'bank' ELSE application.channel END,
       extract(epoch FROM step.at - application.arrived_at) / 86400
FROM (SELECT DISTINCT application_id, payout_id FROM applications_claim
      WHERE payout_id IS NOT NULL AND {OWN}) claim
JOIN applications_application application ON application.id = claim.application_id
JOIN payouts_payout payout ON payout.id = claim.payout_id AND payout.state = ANY(%(paid)s)
CROSS JOIN LATERAL (
    SELECT min(at) AS at FROM payouts_payoutstep
    WHERE of_id = payout.id AND new IN ('issued', 'handed_over')
) step WHERE step.at IS NOT NULL
"""
OPEN = f"""
SELECT prefecture_code, CASE WHEN method = 'bank' THEN 'bank' ELSE channel END,
       extract(epoch FROM %(at)s - arrived_at) / 86400
FROM applications_application
WHERE state IN ('received', 'held', 'asked', 'checked') AND {OWN}
"""
SPREAD = """
SELECT road, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY days),
       percentile_disc(0.9) WITHIN GROUP (ORDER BY days), max(days), {ages}
FROM (SELECT road, floor(greatest(age, 0))::int AS days
      FROM ({inner}) spans (prefecture_code, road, age)) whole
GROUP BY 1 ORDER BY 1
"""
STAGES = {
    "受付から決定まで": DECIDED,
    "受付から支払いまで": PAYMENTS,
    "処理中（受付からいままで）": OPEN,
}


def waiting(codes: Codes) -> Table:
    """Days from arrival to decision, to payment, and until now of what is open."""
    ages = ", ".join(
        f"count(*) FILTER (WHERE days >= {low}"
        + (f" AND days <= {high})" if high is not None else ")")
        for low, high in AGES
    )
    rows = []
    for stage, inner in STAGES.items():
        sql = SPREAD.format(ages=ages, inner=inner)
        for road, *figures in asked(sql, codes, paid=list(PAID)):
            rows.append([Cell(stage), Cell(ROADS.get(road, road)), *map(Cell, figures)])
            if inner == OPEN:
                rows[-1][2] = Cell(figures[0], (APPLICATIONS, {"road": road}))
    spans = [f"{low}〜{high}日" if high is not None else f"{low}日以上" for low, high in AGES]
    heads = ("区間", "受取方法", "件数", "中央値（日）", "90％（日）", "最長（日）", *spans)
    note = (
        "支払いは、ポイントはコードの発行、口座振込は銀行への引渡しまでです。"
        "日数は24時間ごとに数え、端数は切り捨てます。"
    )
    return Table("待ち日数", heads, rows, note)


UNCLAIMED = f"""
SELECT prefecture_code, road, state, count(*), coalesce(sum(amount), 0)::bigint
FROM payouts_payout
WHERE state IN ('ready', 'lapsed', 'returned', 'given_up') AND {OWN}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def unclaimed(codes: Codes) -> Table:
    """What is due and nobody has taken: links not used, lapsed, transfers that came back."""
    roads, states = dict(Payout.Road.choices), dict(Payout.State.choices)
    rows = []
    for code, road, state, count, yen in asked(UNCLAIMED, codes):
        narrowed = {"prefecture": code, "road__exact": road, "state__exact": state}
        to = (PAYOUTS, narrowed)
        words = [Cell(name(code)), Cell(roads[road]), Cell(states[state])]
        rows.append([*words, Cell(count, to), Cell(yen, to)])
    for row in reconcile.equation():
        count, yen = row.buckets.get("not_claimed", (0, 0))
        if count and (codes is None or row.prefecture_code in codes):
            narrowed = {"prefecture": row.prefecture_code, "road": row.road}
            narrowed |= {"category": row.category, "bucket": "not_claimed"}
            place = f"{reconcile.ROADS.get(row.road, row.road)}　区分{row.category}"
            words = [Cell(name(row.prefecture_code)), Cell(place), Cell("申請なし・案内前")]
            rows.append([*words, Cell(count, (DETAILS, narrowed)), Cell(yen, (DETAILS, narrowed))])
    heads = ("都道府県", "受取方法", "状態", "件数", "円")
    return Table("未受取額", heads, rows, sums=(3, 4))


REPORTS: dict[str, Callable[[Codes], Table]] = {
    "prefecture": by_prefecture,
    "road": by_road,
    "payout": by_payout,
    "category": by_category,
    "reason": by_reason,
    "waiting": waiting,
    "unclaimed": unclaimed,
    "looks": look_report.looks,
}
TITLES = {
    "prefecture": "都道府県別",
    "road": "受取方法別",
    "payout": "支払いの状態別",
    "category": "区分別（確定残額のゆくえ）",
    "reason": "補償の対象外の理由別",
    "waiting": "待ち日数",
    "unclaimed": "未受取額",
    "looks": "二次確認",
}


def plain(table: Table) -> Iterable[list[object]]:
    """The rows as a file has them, the total last."""
    yield from ([cell.value for cell in row] for row in table.rows)
    if table.total:
        yield list(table.total)


def open_applications(codes: Codes) -> int:
    """How many still wait for a decision."""
    rows = Application.objects.filter(state__in=("received", "held", "asked", "checked"))
    return (rows if codes is None else rows.filter(prefecture_code__in=codes)).count()
