"""What an import changes in the ledger, and what it only lists."""

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coupons.ledger.importing import import_ledger
from coupons.models import Correction, Coupon, Difference, Entry, Extension, Import
from tests import ledger_export
from tests.coupons.exports import NUMBER, coupon, give_back, movement, take_in, write

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH = "2023-02-26T23:59:59+09:00", "2023-03-31T23:59:59+09:00"


def found() -> list[tuple[str, str]]:
    return list(Difference.objects.order_by("kind", "key").values_list("kind", "key"))


def entries() -> list[tuple[str, int, bool, int]]:
    rows = Entry.objects.order_by("transaction_id", "revision")
    return list(rows.values_list("transaction_id", "revision", "reversal", "yen"))


def test_import_counts_what_it_did(tmp_path: Path) -> None:
    tally = take_in(tmp_path, [coupon(), coupon("000000000002")], [movement()])
    run = Import.objects.get()
    assert tally.run == run
    assert (run.coupons_read, run.coupons_new, run.transactions_read, run.entries_new) == (
        2,
        2,
        1,
        1,
    )
    assert not tally.unchanged


def test_import_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    ledger_export.write(tmp_path, 300, 1)
    import_ledger(tmp_path)
    before = [list(model.objects.order_by("pk").values()) for model in (Coupon, Entry, Difference)]
    out = io.StringIO()
    call_command("import_ledger", str(tmp_path), stdout=out, stderr=io.StringIO())
    assert "変更はありません（同じ内容が取込済みです）。" in out.getvalue().splitlines()
    after = [list(model.objects.order_by("pk").values()) for model in (Coupon, Entry, Difference)]
    assert after == before
    assert (Correction.objects.count(), Extension.objects.count()) == (0, 0)


def test_dry_run_tells_and_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, [coupon()], [movement()])
    out = io.StringIO()
    call_command("import_ledger", str(tmp_path), "--dry-run", stdout=out, stderr=io.StringIO())
    assert out.getvalue().splitlines()[2:-2] == [
        "クーポン: 新規 1、訂正 0",
        "期限延長: 0",
        "入出金: 新規 1、訂正 0",
        "戻入の反映確認: 0",
        "新しい相違: 0",
    ]
    assert out.getvalue().splitlines()[-2] == "確認のみ: 何も変更していません。"
    assert (Import.objects.count(), Coupon.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_command_notes_who_signed(tmp_path: Path) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    write(tmp_path, [coupon()])
    call_command(
        "import_ledger", str(tmp_path), by="clerk", stdout=io.StringIO(), stderr=io.StringIO()
    )
    assert Import.objects.get().by == clerk
    with pytest.raises(CommandError, match="nobody"):
        call_command("import_ledger", str(tmp_path), by="nobody", stdout=io.StringIO())


def test_command_tells_progress_in_plain_lines_without_a_terminal(tmp_path: Path) -> None:
    write(tmp_path, [coupon()], [movement()])
    err = io.StringIO()
    call_command("import_ledger", str(tmp_path), stdout=io.StringIO(), stderr=err)
    assert [line for line in err.getvalue().splitlines() if line.endswith("100%")] == [
        "coupons.csv 100%",
        "transactions.csv 100%",
    ]


def test_later_expiry_is_an_extension_and_never_a_new_original(tmp_path: Path) -> None:
    first = Coupon.objects
    take_in(tmp_path, [coupon()])
    for shown in (FEBRUARY, MARCH, MARCH):
        take_in(tmp_path, [coupon(expires_at=shown)])
    row = first.get()
    assert row.original_expires_at.isoformat() == "2023-02-24T14:59:59+00:00"
    assert row.expires_at.isoformat() == "2023-03-31T14:59:59+00:00"
    assert [extension.new.isoformat() for extension in Extension.objects.order_by("id")] == [
        "2023-02-26T14:59:59+00:00",
        "2023-03-31T14:59:59+00:00",
    ]
    assert found() == []


def test_extension_of_a_coupon_without_expiry_leaves_its_original_empty(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon(expires_at="")])
    take_in(tmp_path, [coupon(expires_at=MARCH)])
    row = Coupon.objects.get()
    assert (row.original_expires_at, row.expires_at.isoformat()) == (
        None,
        "2023-03-31T14:59:59+00:00",
    )


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ("2023-03-15T23:59:59+09:00", f"{NUMBER}:2023-03-15T23:59:59+09:00"),
        (FEBRUARY, f"{NUMBER}:{FEBRUARY}"),  # back from the second extension to the first
        ("", f"{NUMBER}:"),
    ],
)
def test_any_other_expiry_is_listed_once_and_not_taken(
    tmp_path: Path, shown: str, key: str
) -> None:
    take_in(tmp_path, [coupon()])
    take_in(tmp_path, [coupon(expires_at=MARCH)])
    for _ in range(2):
        take_in(tmp_path, [coupon(expires_at=shown)])
    assert found() == [("expiry", key)]
    assert Coupon.objects.get().expires_at.isoformat() == "2023-03-31T14:59:59+00:00"


def test_original_expiry_shown_again_is_one_line_for_the_whole_export(tmp_path: Path) -> None:
    numbers = [f"{i:012d}" for i in range(3)]
    take_in(tmp_path, [coupon(number) for number in numbers])
    take_in(tmp_path, [coupon(number, expires_at=MARCH) for number in numbers])
    for _ in range(2):
        take_in(tmp_path, [coupon(number) for number in numbers])
    assert list(Difference.objects.values_list("kind", "detail")) == [
        ("expiry_original", {"coupons": 3, "first": numbers[0], "last": numbers[2]})
    ]


def test_coupon_first_seen_extended_is_listed_where_it_decides_the_category(
    tmp_path: Path,
) -> None:
    went_on = {"expires_at": MARCH, "travel_end": "2023-02-26"}
    until_then = {"expires_at": MARCH, "travel_end": "2023-03-31"}
    coupons = [
        coupon("000000000001", **went_on),
        coupon("000000000002", **until_then),
        coupon("000000000003", expires_at=MARCH),
    ]
    for _ in range(2):
        take_in(tmp_path, coupons)
    assert found() == [("original_unknown", "000000000001")]


def test_changed_attributes_are_corrected_with_a_row_each(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon(), coupon("000000000002")])
    tally = take_in(
        tmp_path,
        [
            coupon(
                face_value=3000,
                travel_end="2023-02-25",
                app_left_at="2023-03-05T12:00:00+09:00",
            ),
            coupon("000000000002"),
        ],
    )
    assert tally.run.coupons_corrected == 1
    assert list(Correction.objects.order_by("field").values_list("field", "old", "new")) == [
        ("app_left_at", "", "2023-03-05T12:00:00+09:00"),
        ("face_value", "2000", "3000"),
        ("travel_end", "2023-02-24", "2023-02-25"),
    ]
    assert Coupon.objects.get(inquiry_number=NUMBER).face_value == 3000


def test_prefecture_is_never_changed_by_an_import(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()])
    take_in(tmp_path, [coupon(prefecture_code="13")])
    assert Coupon.objects.get().prefecture_code == "22"
    assert found() == [("prefecture", f"{NUMBER}:13")]


def test_changed_movement_is_taken_back_and_told_anew(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [movement()])
    for amount in (500, 500, 400):
        tally = take_in(tmp_path, [coupon()], [movement(amount=amount)])
    assert entries() == [
        ("T1", 1, False, -300),
        ("T1", 2, True, 300),
        ("T1", 3, False, -500),
        ("T1", 4, True, 500),
        ("T1", 5, False, -400),
    ]
    assert tally.run.entries_changed == 1


def test_movement_that_changes_its_coupon_leaves_the_first_whole(tmp_path: Path) -> None:
    both = [coupon(), coupon("000000000002")]
    take_in(tmp_path, both, [movement()])
    take_in(tmp_path, both, [movement(number="000000000002")])
    rows = Entry.objects.order_by("id").values_list("coupon__inquiry_number", "yen")
    assert sorted(rows) == [(NUMBER, -300), (NUMBER, 300), ("000000000002", -300)]


def test_vanished_rows_are_listed_and_kept(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon(), coupon("000000000002")], [movement(), movement("T2")])
    for _ in range(2):
        take_in(tmp_path, [coupon()], [movement()])
    assert found() == [("coupon_vanished", "000000000002"), ("movement_vanished", "T2")]
    assert (Coupon.objects.count(), Entry.objects.count()) == (2, 2)


def test_payment_from_the_cut_off_on_is_listed(tmp_path: Path) -> None:
    moments = {"T1": "2023-03-31T23:59:59+09:00", "T2": "2023-04-01T00:00:00+09:00"}
    moves = [movement(name, occurred_at=at) for name, at in moments.items()]
    take_in(tmp_path, [coupon()], moves)
    assert found() == [("used_after_cut_off", "T2")]


def test_balance_below_zero_or_above_the_face_is_listed(tmp_path: Path) -> None:
    too_much = movement("T1", amount=2001)
    debit = movement("T2", "000000000002", amount=100)
    twice = [give_back(name, debit, "2023-03-03T10:00:00") for name in ("T3", "T4")]
    take_in(tmp_path, [coupon(), coupon("000000000002")], [too_much, debit, *twice])
    assert found() == [
        ("above_face", "000000000002:2100"),
        ("below_zero", f"{NUMBER}:-1"),
        ("restored_too_much", "T2:200"),
    ]


def test_movements_of_one_moment_count_together(tmp_path: Path) -> None:
    debit = movement("T2", amount=2000)
    back = give_back("T1", debit, "2023-02-24T18:00:00")
    again = movement("T3", amount=2000)
    take_in(tmp_path, [coupon()], [debit, back, again])
    assert found() == []


@pytest.mark.django_db(transaction=True)
def test_no_statement_of_an_import_compares_row_by_row(tmp_path: Path) -> None:
    """Also tables that autovacuum took for empty, after a try rolled back, are joined by hash."""
    folder = write(tmp_path, [coupon()], [movement()])
    with CaptureQueriesContext(connection) as sent:
        import_ledger(folder)
    statements = [query["sql"] for query in sent]
    first = next(n for n, text in enumerate(statements) if text.startswith("CREATE TEMP"))
    assert any(text.startswith("SET LOCAL enable_nestloop = off") for text in statements[:first])
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        assert cursor.fetchone() == ("on",)
