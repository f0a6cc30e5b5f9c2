"""終了報告: the scheme as it ended, on one page: what remains, the books, the counts (N96)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from applications import reconcile, reports, tables
from applications.models import Closing
from applications.tables import Cell, Codes, Table
from config import clock
from config.notice import NOTICE
from config.states import label
from coupons.models import DoubleCharge, Seal
from payouts.models import Message

MINUTE = timedelta(minutes=1)
LISTS = "payouts_message_changelist"
CASES = "coupons_doublecharge_changelist"
MESSAGES = f"""
SELECT channel, state, count(*) FROM payouts_message WHERE {tables.OWN} GROUP BY 1, 2 ORDER BY 1, 2
"""
DOUBLES = f"""
SELECT prefecture_code, state, count(*) FROM coupons_doublecharge WHERE {tables.OWN}
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class FinalReport:
    """The report of a moment; final where nothing remains."""

    at: datetime
    remains: list[str]
    tables: list[Table]


def final_report(codes: Codes) -> FinalReport:
    """All of it, of these prefectures (None: all). Asks the providers for their books."""
    books = reconcile.reconcile()
    rows = [row for row in books.rows if codes is None or row.prefecture_code in codes]
    found = [
        scheme(),
        first_and_second(rows),
        third([paid for paid in books.paid if codes is None or paid.prefecture_code in codes]),
        reports.by_prefecture(codes),
        reports.by_road(codes),
        reports.by_payout(codes),
        reports.by_reason(codes),
        reports.waiting(codes),
        reports.unclaimed(codes),
        double_charges(codes),
        messages(codes),
        proofs(books, codes),
    ]
    return FinalReport(clock.now(), remains(books, rows, codes), found)


def remains(books: Any, rows: list[reconcile.Row], codes: Codes) -> list[str]:
    """What still has to happen before the scheme is over, in sentences."""
    found = []
    if clock.now() < NOTICE.dates.receiving_closes:
        found.append("受取の期限がまだ来ていません。")
    if waits := reports.open_applications(codes):
        found.append(f"決定していない申請が{waits:,}件あります。")
    owed = [row.buckets.get("owed", (0, 0)) for row in rows]
    if count := sum(count for count, _ in owed):
        yen = sum(yen for _, yen in owed)
        found.append(f"支払いの手続き中のものが{count:,}件（{yen:,}円）あります。")
    if books.differences:
        found.append(f"三つの帳簿に差異が{len(books.differences):,}件あります。")
    return found


def scheme() -> Table:
    """What it was, by the notice."""
    dates, last = NOTICE.dates, _last
    bank = [("申請の締切（口座振込）", last(dates.bank_applications_close))]
    facts = [
        ("制度", NOTICE.title),
        ("障害の発生", _moment(dates.outage_from)),
        ("残額の基準", last(dates.cut_off)),
        ("受付の開始", _moment(dates.site_opens)),
        ("申請の締切", last(dates.applications_close)),
        *(bank if NOTICE.bank_road else []),
        ("受取の期限", last(dates.receiving_closes)),
        ("対象の都道府県", "、".join(each.name for each in NOTICE.prefectures.values())),
    ]
    return Table("制度の概要", ("項目", "内容"), [[Cell(name), Cell(said)] for name, said in facts])


def first_and_second(rows: list[reconcile.Row]) -> Table:
    """The seal against the payouts, a line a prefecture."""
    lines: dict[str, list[int]] = {}
    for row in rows:
        sums = lines.setdefault(row.prefecture_code, [0] * (len(reconcile.BUCKETS) * 2 + 2))
        sums[0] += row.sealed
        for place, bucket in enumerate(reconcile.BUCKETS):
            count, yen = row.buckets.get(bucket, (0, 0))
            sums[1 + place * 2] += count
            sums[2 + place * 2] += yen
        sums[-1] += row.difference
    heads = ["都道府県", "確定残額（円）"]
    for word in reconcile.BUCKETS.values():
        heads += [f"{word}（件）", f"{word}（円）"]
    table = [[Cell(tables.name(code)), *map(Cell, sums)] for code, sums in sorted(lines.items())]
    heads.append("差異（円）")
    every = tuple(range(1, len(heads)))
    return Table("帳簿1・2　確定残額と支払い", tuple(heads), table, sums=every)


def third(paid: list[reconcile.Paid]) -> Table:
    """The payouts against what providers and banks report."""
    rows = []
    for line in paid:
        words = (tables.name(line.prefecture_code), reconcile.ROADS.get(line.road, line.road))
        to = (
            reports.PAYOUTS,
            {
                "prefecture": line.prefecture_code,
                "road__exact": line.road,
                "state__in": ",".join(reports.PAID),
            },
        )
        figures = [Cell(line.payouts, to), Cell(line.reported), Cell(line.difference)]
        rows.append([*map(Cell, words), *figures])
    heads = ("都道府県", "受取方法", "支払い（円）", "発行元・銀行（円）", "差異（円）")
    return Table("帳簿2・3　支払いと発行元・銀行", heads, rows, sums=(2, 3, 4))


def double_charges(codes: Codes) -> Table:
    """Cases of category B by state."""
    rows = [
        [
            Cell(tables.name(code)),
            Cell(label(DoubleCharge(), state)),
            Cell(count, (CASES, {"prefecture": code, "state__exact": state})),
        ]
        for code, state, count in tables.asked(DOUBLES, codes)
    ]
    return Table("二重引き落とし（B）", ("都道府県", "状態", "件数"), rows, sums=(2,))


def messages(codes: Codes) -> Table:
    """What was written to people, and whether it came."""
    channels, states = dict(Message.Channel.choices), dict(Message.State.choices)
    rows = [
        [
            Cell(channels.get(channel, channel)),
            Cell(states.get(state, state)),
            Cell(count, (LISTS, {"channel__exact": channel, "state__exact": state})),
        ]
        for channel, state, count in tables.asked(MESSAGES, codes)
    ]
    return Table("通知", ("送信方法", "状態", "件数"), rows, sums=(2,))


def proofs(books: Any, codes: Codes) -> Table:
    """The seals by which all of it can be checked later."""
    rows = []
    seal = Seal.objects.first()
    if seal:
        rows.append(["確定残額", _moment(seal.sealed_at), seal.coupons, seal.sha256])
    rows += [
        [f"受付一覧（{_last(each.deadline)}）", _moment(each.closed_at), each.count, each.sha256]
        for each in Closing.objects.order_by("deadline")
    ]
    if codes is None:
        found = len(books.differences)
        rows.append(["三つの帳簿の照合", _moment(books.at), found, f"差異{found:,}件"])
    heads = ("記録", "日時", "件数", "ハッシュ（SHA-256）・結果")
    return Table("記録の証明", heads, [list(map(Cell, row)) for row in rows])


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.JST):%Y-%m-%d %H:%M}"


def _last(end: datetime) -> str:
    """The last minute before an end."""
    return _moment(end - MINUTE)
