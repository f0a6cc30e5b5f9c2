"""The office's figures: each counted by hand beside it."""

from datetime import datetime, timedelta

import pytest

from applications import final_report, reports, review, tables
from config import clock
from config.notice import NOTICE
from tests.applications import rows

pytestmark = pytest.mark.django_db


def values(table: tables.Table) -> list[list[object]]:
    return [[cell.value for cell in row] for row in table.rows]


def decided(days: int, **changes: object) -> object:
    """An application decided so many days after it came."""
    row = review.check_clean(rows.application(rows.coupon(), **changes))
    with clock.at(rows.ARRIVED + timedelta(days=days, hours=1)):
        return review.approve(row, by=rows.clerk("approver"))


def test_by_prefecture_counts_applications_coupons_and_payouts() -> None:
    rows.application(rows.coupon(), rows.coupon())
    rows.application(rows.coupon(), prefecture_code="24")
    decided(1)
    table = reports.by_prefecture(None)

    assert values(table) == [
        ["静岡県", 2, 1, 1, 0, 3, 1, 0, 0, 0],
        ["三重県", 1, 1, 0, 0, 1, 0, 0, 0, 0],
    ]
    assert table.total == ["合計", 3, 2, 1, 0, 4, 1, 0, 0, 0]
    assert values(reports.by_prefecture({"24"})) == values(table)[1:]


def test_by_road_tells_points_from_the_bank() -> None:
    rows.application(rows.coupon())
    rows.application(rows.coupon(), channel="email", delivery="a@example.jp")
    rows.application(rows.coupon(), method="bank", entered_by=rows.clerk("call_centre"))

    assert values(reports.by_road(None)) == [
        ["口座振込", 1, 1, 0, 0, 1],
        ["ポイント（メール）", 1, 1, 0, 0, 0],
        ["ポイント（SMS）", 1, 1, 0, 0, 0],
    ]


def test_reasons_are_counted_by_coupon() -> None:
    row = rows.application(rows.coupon(), rows.coupon())
    row.claims.update(state="not_covered", reason="no_balance")

    assert values(reports.by_reason(None)) == [["静岡県", "対象となる残額がない", 2, 1]]


def test_waiting_is_told_in_whole_days() -> None:
    for days in (1, 1, 5, 30):
        decided(days)
    with clock.at(rows.ARRIVED + timedelta(days=10)):
        rows.application(rows.coupon(), arrived_at=rows.ARRIVED)
        table = values(reports.waiting(None))

    assert table[0] == ["受付から決定まで", "ポイント（SMS）", 4, 1, 30, 30, 2, 1, 0, 0, 1]
    assert table[-1][:6] == ["処理中（受付からいままで）", "ポイント（SMS）", 1, 10, 10, 10]


def test_payouts_by_state() -> None:
    decided(1)

    origin = "申請"
    assert values(reports.by_payout(None)) == [
        [origin, "キャッシュレスポイント", "支払時期待ち", 1, 0]
    ]


@pytest.mark.parametrize("key", reports.REPORTS)
def test_every_report_opens_on_an_empty_database_and_knows_its_prefectures(key: str) -> None:
    for codes in (None, {"22"}, set()):
        table = reports.REPORTS[key](codes)
        assert table.rows == []
        assert len(table.heads) == len(set(table.heads))


def test_the_final_report_says_what_remains_until_nothing_does() -> None:
    row = decided(1)
    rows.application(rows.coupon())
    with clock.at(rows.ARRIVED):
        early = final_report.final_report(None)
    assert early.remains[:2] == [
        "受取の期限がまだ来ていません。",
        "決定していない申請が1件あります。",
    ]
    assert row.state == "decided"


def test_the_final_report_of_a_finished_scheme() -> None:
    with clock.at(NOTICE.dates.receiving_closes + timedelta(days=1)):
        found = final_report.final_report(None)

    assert found.remains == []
    titles = [table.title for table in found.tables]
    assert titles[:3] == [
        "制度の概要",
        "帳簿1・2　確定残額と支払い",
        "帳簿2・3　支払いと発行元・銀行",
    ]
    assert len(titles) == len(set(titles)) == 12
    assert isinstance(found.at, datetime)
