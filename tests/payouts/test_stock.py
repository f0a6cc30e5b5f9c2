"""Deliveries of codes: checked whole by one, taken in by another (N71)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction

from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import shelf, stock
from payouts.models import Code, Delivery
from tests.payouts import rows

pytestmark = pytest.mark.django_db
HEAD = ",".join(stock.FIELDS)


def file(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    """A delivery's bytes."""
    return "\n".join((head, *lines, "")).encode(encoding)


GOOD = file(
    "ponta,500,AAAA,M1,2024-03-31", "ponta,500,BBBB,M2,2024-03-31", "edy,100,C,M3,2024-03-31"
)


@pytest.fixture(autouse=True)
def _two_people() -> None:
    for name in ("payer", "manager"):
        rows.everywhere(name)


def submitted(raw: bytes = GOOD) -> Delivery:
    """A delivery checked by the payer."""
    row, contents = stock.submit(raw, "codes.csv", "22", by=rows.clerk("payer"))
    assert contents.faults == []
    assert row is not None
    return row


def test_a_delivery_is_counted_kept_unreadable_and_taken_in_by_another() -> None:
    row = submitted()
    assert (row.count, row.total_yen) == (3, 1100)
    assert row.counts == [["edy", 100, 1], ["ponta", 500, 2]]
    assert b"AAAA" not in bytes(row.blob)
    assert not Code.objects.exists()
    assert stock.apply(row, by=rows.clerk("manager")) == 3
    row.refresh_from_db()
    assert (row.blob, row.applied_by) == (None, rows.clerk("manager"))
    assert {shelf.opened(code).code for code in row.codes.all()} == {"AAAA", "BBBB", "C"}


def test_who_checked_does_not_take_in() -> None:
    row = submitted()
    with pytest.raises(Refused) as refused:
        stock.apply(row, by=rows.clerk("payer"))
    assert refused.value.code == "two_people"
    with pytest.raises(IntegrityError, match="delivery_two_people"), transaction.atomic():
        Delivery.objects.update(applied_at=clock.now(), applied_by=rows.clerk("payer"), blob=None)


def test_the_same_file_is_not_checked_twice_unless_dropped() -> None:
    row = submitted()
    with pytest.raises(Refused) as refused:
        submitted()
    assert refused.value.code == "again"
    stock.drop(row, by=rows.clerk("payer"))
    row.refresh_from_db()
    assert row.blob is None
    submitted()


def test_a_decided_delivery_stays() -> None:
    row = submitted()
    stock.apply(row, by=rows.clerk("manager"))
    for act in (stock.apply, stock.drop):
        with pytest.raises(Refused) as refused:
            act(row, by=rows.clerk("manager"))
        assert refused.value.code == "moved"
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        Delivery.objects.update(total_yen=1)


def test_another_offices_clerk_neither_checks_nor_takes_in() -> None:
    row = submitted()
    for act in (
        lambda: stock.submit(GOOD, "x.csv", "22", by=rows.clerk("nobody")),
        lambda: stock.apply(row, by=rows.clerk("nobody")),
        lambda: stock.drop(row, by=rows.clerk("nobody")),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "prefecture"


def test_what_came_up_since_the_check_stops_it() -> None:
    row = submitted()
    stock.store([stock.StockRow("ponta", 500, "AAAA", "M", rows.LAST_DAY)], "22")
    with pytest.raises(Refused, match="すでに在庫にあります"):
        stock.apply(row, by=rows.clerk("manager"))
    assert Code.objects.count() == 1


def test_a_postponed_end_asks_for_longer_codes_at_the_second_step() -> None:
    row = submitted(file("ponta,500,AAAA,M1,2023-07-31"))
    Postponement.objects.create(
        key="receiving_closes",
        until=NOTICE.dates.receiving_closes + timedelta(days=1),
        reason="x",
        prepared_at=clock.now(),
        prepared_by=rows.clerk("payer"),
        approved_at=NOTICE.dates.receiving_closes - timedelta(days=9),
        approved_by=rows.clerk("manager"),
    )
    with pytest.raises(Refused, match="2023-08-01 以降"):
        stock.apply(row, by=rows.clerk("manager"))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (file(head="brand,code"), "1行目: 見出しは"),
        (file(), "2行目: コードが1件もありません。"),
        (file("suica,500,A,M,2024-03-31"), "2行目: brand は amazon・ponta"),
        (file("ponta,0,A,M,2024-03-31"), "2行目: face_value は"),
        (file("ponta,５００,A,M,2024-03-31"), "2行目: face_value は"),
        (file("ponta,500,,M,2024-03-31"), "2行目: code がありません。"),
        (file("ponta,500,A,M,2024/03/31"), "2行目: expires_on は 2024-03-31 の形"),
        (file("ponta,500,A,M,2023-07-30"), "2行目: expires_on は 2023-07-31 以降"),
        (file("ponta,500,A"), "2行目: 列は5つ"),
        (file("ponta,500,A,M,2024-03-31,x"), "2行目: 列は5つ"),
        (
            file("ponta,500,A,M,2024-03-31", "ponta,500,A,N,2024-03-31"),
            "3行目: コードが2行目と同じ",
        ),
    ],
)
def test_every_fault_is_told_with_its_line(raw: bytes, told: str) -> None:
    row, contents = stock.submit(raw, "codes.csv", "22", by=rows.clerk("payer"))
    assert row is None
    assert [fault[: len(told)] for fault in contents.faults] == [told]
    assert not Delivery.objects.exists()


def test_a_known_code_is_told_with_its_line() -> None:
    stock.apply(submitted(), by=rows.clerk("manager"))
    again = stock.read(file("ponta,500,NEW,M,2024-03-31", "ponta,500,BBBB,M,2024-03-31"))
    assert again.faults == ["3行目: このコードはすでに在庫にあります。"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_encodings_of_offices(encoding: str) -> None:
    contents = stock.read(file("ponta,500,A,管理,2024-03-31", encoding=encoding))
    assert [row.management_number for row in contents.rows] == ["管理"]


def test_the_command_counts_first_and_stores_when_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(GOOD)
    call_command("import_codes", str(path))
    said = capsys.readouterr().out
    assert "合計 3件　1,100円" in said
    assert not Code.objects.exists()
    call_command("import_codes", str(path), "--apply")
    assert Code.objects.count() == 3
    with pytest.raises(SystemExit):
        call_command("import_codes", str(path), "--apply")
    assert "3行目: このコードはすでに在庫にあります。" in capsys.readouterr().err
