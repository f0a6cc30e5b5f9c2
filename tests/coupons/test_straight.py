"""The straight way and the careful one into the ledger: the same outcome, whatever the files."""

import csv
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config import clock
from coupons.ledger import importing, shapes
from coupons.ledger.faults import Faulty
from coupons.ledger.reading import examine
from coupons.models import Coupon, Difference, Entry, Import
from tests.coupons.exports import AFTER, coupon, give_back, in_app, movement

SECOND = "000000000002"
DAYS = [
    "2023-02-24",
    "2023-02-30",
    "20230224",
    "2023-2-24",
    " 2023-02-24",
    "２０２３-02-24",
    "today",
]
YEN = ["2000", "0", "-1", "1e3", "0300", "9999999", "12345678", "１", " 5", "+5", "5 ", "1_000"]
MOMENTS = [
    "2023-02-24T18:00:00Z",
    "2023-02-24T18:00:00-11:30",
    "2023-02-24T23:59:59+09:00",
    "2023-02-24 18:00:00+09:00",
    "2023-02-24T24:00:00+09:00",
    "2023-02-24T18:00:60Z",
    "2023-02-24T18:00:00+99:00",
    "2023-02-24T18:00:00+0900",
    "2023-02-24T18:00:00",
    "2023-02-29T18:00:00Z",
    "1923-02-24T18:00:00Z",
    "infinity",
    "now",
]
TEXTS = [
    "",
    "  ",
    "宿,東京",
    'いわゆる"宿"',
    '"',
    "a\nb",
    "a\rb",
    "a\x1fb",
    "a\x1eb",
    "a\0b",
    "a\u2028b",
    "a\x85b",
    "\\.",
    "\\N",
    "NULL",
    "あ" * 64,
    "あ" * 65,
    "あ" * 200,
    "あ" * 201,
]
IDS = ["T9", "", "T 9", "T,9", 'T"9', "番号", "T" * 64, "T" * 65, "T1", "T2", "~!#$%"]
ODD_COUPONS = {
    "inquiry_number": ["000000000009", SECOND, "12345", "１２３４５６７８９０１２", " 00000000009"],
    "prefecture_code": ["13", "99", "", "22 "],
    "travel_type": ["day_trip", "泊", "Stay"],
    "travel_start": [*DAYS, "2023-02-25"],
    "travel_end": [*DAYS, "2023-02-22"],
    "face_value": YEN,
    "issued_at": ["", *MOMENTS],
    "expires_at": ["", *MOMENTS],
    "issuer": TEXTS,
    "charged_at": ["", *MOMENTS],
    "app_account": TEXTS,
    "app_phone": ["", "+81901234567", "+8190", "09012345678", "+8190123456789012", "+８１９０"],
    "app_email": ["", "a@b", "a@@b", "a b@c", "a\u3000b@c", "@", "a,b@c", 'a"b@c', "a@\xa0"]
    + ["a@" + "b" * length for length in (252, 253)],
    "app_left_at": ["", *MOMENTS],
}
ODD_MOVEMENTS = {
    "transaction_id": IDS,
    "inquiry_number": [SECOND, "000000000009", "x"],
    "kind": ["payment", "cancellation", "restoration", "refund", ""],
    "amount": YEN,
    "occurred_at": ["", *MOMENTS],
    "store_id": TEXTS,
    "store_name": TEXTS,
    "restores_transaction_id": IDS,
}


def odd(columns: dict[str, list[str]]) -> st.SearchStrategy[dict[str, str]]:
    """Up to two odd values of a row."""
    pairs = st.sampled_from([(name, value) for name in columns for value in columns[name]])
    return st.lists(pairs, max_size=2).map(dict)


forms = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "cp932"]),
        "newline": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "turned": st.booleans(),
        "tail": st.sampled_from(["", "\n", "x", "\r", "\\.\n"]),
        "cut": st.booleans(),
    }
)
CROSSING = {"kind": "restoration", "restores_transaction_id": "T1"}  # of another coupon
PLAIN = {
    "encoding": "utf-8",
    "newline": "\n",
    "quoting": csv.QUOTE_MINIMAL,
    "turned": False,
    "tail": "",
    "cut": False,
}


def write(folder: Path, name: str, rows: list[dict[str, str]], form: dict[str, Any]) -> None:
    """A file as somebody's program may have written it."""
    columns = list(rows[0])
    if form["turned"]:
        columns.reverse()
    how = {"encoding": form["encoding"], "errors": "replace", "newline": ""}
    with (folder / name).open("w", **how) as file:
        writer = csv.DictWriter(
            file, columns, lineterminator=form["newline"], quoting=form["quoting"]
        )
        writer.writeheader()
        writer.writerows(rows)
        file.write(form["tail"])
    if form["cut"]:  # no line end after the last record
        (folder / name).write_bytes((folder / name).read_bytes().rstrip(b"\r\n"))


COUPON = [field.name for field in Coupon._meta.fields if field.name != "id"]
ENTRY = [field.name for field in Entry._meta.fields if field.name not in ("id", "import_run")]
ENTRY[ENTRY.index("coupon")] = "coupon__inquiry_number"


def outcome(way: Any, folder: Path) -> Any:
    """What a way leaves in the ledger and says, or every fault; the database stays as it was."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                run = Import.objects.create(at=clock.now())
                way(run, *map(examine, (folder / "coupons.csv", folder / "transactions.csv")))
            told = [
                (run.coupons_read, run.transactions_read, run.coupons_new, run.coupons_corrected),
                (run.entries_new, run.entries_changed, run.extensions),
                list(Coupon.objects.order_by("inquiry_number").values_list(*COUPON)),
                list(Entry.objects.order_by("id").values_list(*ENTRY)),
                list(Difference.objects.order_by("kind", "key").values_list("kind", "key")),
            ]
        except Faulty as faulty:
            told = [str(fault) for fault in faulty.faults]
        transaction.set_rollback(True)
    return told


def silent(doing: str, done: int, size: int) -> None:
    pass


def straight(run: Import, *files: Any) -> None:
    importing.take_in(run, *files, silent)


def careful(run: Import, *files: Any) -> None:
    importing.stage(*files, silent)
    importing.apply(run, silent)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    odd_coupon=odd(ODD_COUPONS),
    odd_movement=odd(ODD_MOVEMENTS),
    form=forms,
    known=st.booleans(),
)
@example(odd_coupon={}, odd_movement={}, form=PLAIN, known=True)
@example(odd_coupon={"issuer": 'いわゆる"宿"'}, odd_movement={}, form=PLAIN, known=False)
@example(odd_coupon={"inquiry_number": SECOND}, odd_movement={}, form=PLAIN, known=False)
@example(odd_coupon={}, odd_movement={"inquiry_number": "000000000009"}, form=PLAIN, known=True)
@example(odd_coupon={}, odd_movement=CROSSING, form=PLAIN, known=True)
@example(odd_coupon={}, odd_movement=CROSSING, form=PLAIN, known=False)
def test_straight_and_careful_way_agree(
    odd_coupon: dict[str, str], odd_movement: dict[str, str], form: dict[str, Any], known: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        agree(Path(name), odd_coupon, odd_movement, form, known)


@pytest.mark.django_db
def test_every_odd_value_meets_one_judgement(tmp_path: Path) -> None:
    for column, values in ODD_COUPONS.items():
        for value in values:
            agree(tmp_path, {column: value}, {}, PLAIN, known=False)
    for column, values in ODD_MOVEMENTS.items():
        for value in values:
            agree(tmp_path, {}, {column: value}, PLAIN, known=False)


def agree(
    folder: Path,
    odd_coupon: dict[str, str],
    odd_movement: dict[str, str],
    form: dict[str, Any],
    known: bool,
) -> None:
    """Both ways leave the same rows, or tell the same faults."""
    with clock.at(AFTER), transaction.atomic():
        debit = movement("T1", SECOND)
        sound = [coupon(SECOND), in_app("000000000003")]
        moves = [debit, give_back("T2", debit, "2023-03-03T10:00:00")]
        if known:
            write(folder, "coupons.csv", sound, PLAIN)
            write(folder, "transactions.csv", moves[:1], PLAIN)
            importing.import_ledger(folder)
        write(folder, "coupons.csv", [*sound, in_app() | odd_coupon], form)
        write(folder, "transactions.csv", [*moves, movement("T3") | odd_movement], form)

        found, expected = outcome(straight, folder), outcome(careful, folder)
        assert found == expected, (odd_coupon, odd_movement)
        transaction.set_rollback(True)


def careful_statements(folder: Path) -> int:
    """How many tables of text an import of this folder made."""
    with CaptureQueriesContext(connection) as sent:
        importing.import_ledger(folder)
    return sum("TABLE raw_" in query["sql"] and "CREATE" in query["sql"] for query in sent)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"newline": "\r\n"},
        {"encoding": "utf-8-sig"},
        {"encoding": "cp932"},
        {"quoting": csv.QUOTE_ALL},
        {"turned": True},
        {"cut": True},
        {"encoding": "cp932", "quoting": csv.QUOTE_ALL, "turned": True, "newline": "\r\n"},
    ],
)
def test_sound_files_of_any_form_go_straight(tmp_path: Path, changes: dict[str, Any]) -> None:
    form, debit = PLAIN | changes, movement()
    comma = {"issuer": "宿,東京"} if form["quoting"] == csv.QUOTE_ALL else {}
    moves = [debit, give_back("T2", debit, "2023-03-03T10:00:00")]
    write(tmp_path, "coupons.csv", [coupon(**comma), in_app(SECOND)], form)
    write(tmp_path, "transactions.csv", moves, form)
    assert careful_statements(tmp_path) == 0
    assert (Coupon.objects.count(), Entry.objects.count()) == (2, 2)


@pytest.mark.django_db
def test_a_line_break_inside_a_value_is_taken_with_care(tmp_path: Path) -> None:
    write(tmp_path, "coupons.csv", [coupon(issuer="宿\n東京")], PLAIN)
    write(tmp_path, "transactions.csv", [movement()], PLAIN)
    assert careful_statements(tmp_path) == 2
    assert Coupon.objects.get().issuer == "宿\n東京"


def test_the_pattern_takes_whole_lines_only() -> None:
    row = ",".join(coupon().values())
    assert shapes.coupon_lines(shapes.PLAIN).fullmatch(f"{row}\n{row}\r\n")
    for broken in (f"{row}\n{row}", f"{row},\n", f"{row}\n\n", row.replace("施設", '"') + "\n"):
        assert shapes.coupon_lines(shapes.PLAIN).fullmatch(broken) is None


@pytest.mark.django_db
def test_a_value_that_looks_like_records_stays_a_value(tmp_path: Path) -> None:
    unit = shapes.APART.unit
    whole = list(coupon(SECOND).values())
    trap = f"宿{unit * 5}\n{unit.join(whole[:8])}{unit}宿"
    write(tmp_path, "coupons.csv", [coupon(issuer=trap)], PLAIN)
    write(tmp_path, "transactions.csv", [movement()], PLAIN)
    importing.import_ledger(tmp_path)
    assert [row.issuer for row in Coupon.objects.all()] == [trap]
