"""Every column of an export: what is refused, where, and what was expected."""

from pathlib import Path

import pytest

from coupons.ledger.faults import SHOWN, Faulty
from coupons.ledger.importing import import_ledger
from coupons.models import Import
from tests.coupons.exports import coupon, give_back, in_app, movement, take_in, write

pytestmark = pytest.mark.django_db
DAY = "日付が必要です（例 2023-02-20）"
MOMENT = "日時が必要です（例 2023-02-20T18:05:00+09:00）"
MAYBE = "日時または空欄が必要です（例 2023-02-20T18:05:00+09:00）"
YEN = "1以上の整数が必要です（円、カンマなし）"
PAST = "2023-02-24 18:05:00"


def faults(folder: Path, coupons: list[dict], movements: list[dict] = ()) -> list[str]:
    with pytest.raises(Faulty) as caught:
        import_ledger(write(folder, coupons, movements))
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("inquiry_number", "12345678901", "お問合せ番号が必要です（形式 [0-9]{12}）"),
        ("inquiry_number", "１２３４５６７８９０１２", "お問合せ番号が必要です（形式 [0-9]{12}）"),
        ("travel_type", "泊", "day_trip または stay が必要です"),
        ("travel_start", "2023-02-30", DAY),
        ("travel_start", "23-02-01", DAY),
        ("travel_end", "2023-02-22", "旅行開始日より前です"),
        ("face_value", "0", YEN),
        ("face_value", "1,000", YEN),
        ("face_value", "-1", YEN),
        ("issued_at", "", MOMENT),
        ("issued_at", "2023-02-24T24:00:00+09:00", MOMENT),
        ("issued_at", "2023-02-29T10:00:00+09:00", MOMENT),
        ("expires_at", PAST, MAYBE),
        ("charged_at", "2023-02-24T18:05+09:00", MAYBE),
        ("app_left_at", "2023-02-24T18:05:00", MAYBE),
        ("issuer", "あ" * 201, "200文字までです"),
        ("app_account", "a" * 65, "64文字までです"),
        ("app_phone", "09012345678", "電話番号（例 +819012345678）または空欄が必要です"),
        ("app_email", "a.example.jp", "メールアドレスまたは空欄が必要です"),
    ],
)
def test_coupon_column_is_refused_with_its_line(
    tmp_path: Path, column: str, value: str, expected: str
) -> None:
    told = faults(tmp_path, [in_app(), in_app("000000000002") | {column: value}])
    assert told == [f"coupons.csv 3行目 {column}「{value[:60]}」: {expected}"]


def test_prefecture_must_be_one_of_the_notice(tmp_path: Path) -> None:
    told = faults(tmp_path, [coupon(prefecture_code="01")])
    assert [line.split("（")[0] for line in told] == [
        "coupons.csv 2行目 prefecture_code「01」: 対象の都道府県コードが必要です"
    ]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("transaction_id", "", "取引番号が必要です（半角64文字まで）"),
        ("transaction_id", "T 1", "取引番号が必要です（半角64文字まで）"),
        ("kind", "refund", "payment、cancellation、restoration のいずれかが必要です"),
        ("amount", "0", YEN),
        ("amount", "1.5", YEN),
        ("occurred_at", "", MOMENT),
        ("store_id", "S" * 65, "64文字までです"),
        ("store_name", "店" * 201, "200文字までです"),
        ("restores_transaction_id", "T1", "決済では空欄が必要です"),
        ("inquiry_number", "000000000009", "coupons.csvにもクーポン台帳にもない番号です"),
    ],
)
def test_movement_column_is_refused_with_its_line(
    tmp_path: Path, column: str, value: str, expected: str
) -> None:
    told = faults(tmp_path, [coupon()], [movement(), movement("T2") | {column: value}])
    assert told == [f"transactions.csv 3行目 {column}「{value[:60]}」: {expected}"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("", "戻入には、元の決済の取引番号が必要です"),
        ("T9", "元の決済が見つかりません"),
        ("T3", "決済の取引番号が必要です"),
        ("T2", "同じクーポンの決済が必要です"),
    ],
)
def test_restoration_names_a_payment_of_its_coupon(
    tmp_path: Path, named: str, expected: str
) -> None:
    debit = movement()
    moves = [
        debit,
        movement("T2", "000000000002"),
        give_back("T3", debit, "2023-03-03T10:00:00") | {"restores_transaction_id": named},
    ]
    assert faults(tmp_path, [coupon(), coupon("000000000002")], moves) == [
        f"transactions.csv 4行目 restores_transaction_id「{named}」: {expected}"
    ]


def test_restoration_may_name_a_payment_known_from_before(tmp_path: Path) -> None:
    debit = movement()
    take_in(tmp_path, [coupon()], [debit])
    tally = take_in(tmp_path, [coupon()], [give_back("T2", debit, "2023-03-03T10:00:00")])
    assert tally.run.entries_new == 1


def test_duplicates_are_refused_with_both_lines(tmp_path: Path) -> None:
    coupons = [coupon(), coupon("000000000002"), coupon()]
    said = "2行目と重複しています（1つだけ必要です）"
    assert faults(tmp_path, coupons, [movement(), movement()]) == [
        f"coupons.csv 4行目 inquiry_number「000000000001」: {said}",
        f"transactions.csv 3行目 transaction_id「T1」: {said}",
    ]


@pytest.mark.parametrize("which", ["coupons", "movements"])
def test_duplicates_of_what_the_ledger_knows_are_refused_too(tmp_path: Path, which: str) -> None:
    coupons, movements = [coupon()], [movement()]
    take_in(tmp_path, coupons, movements)
    said = "2行目と重複しています（1つだけ必要です）"
    if which == "coupons":
        told = [f"coupons.csv 3行目 inquiry_number「000000000001」: {said}"]
        assert faults(tmp_path, coupons * 2, movements) == told
    else:
        told = [f"transactions.csv 3行目 transaction_id「T1」: {said}"]
        assert faults(tmp_path, coupons, movements * 2) == told


def test_all_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    told = faults(
        tmp_path,
        [coupon(face_value="", travel_type=""), coupon("000000000002", issued_at="x")],
        [movement(amount="", kind="")],
    )
    assert [" ".join(line.split("「")[0].split()) for line in told] == [
        "coupons.csv 2行目 travel_type",
        "coupons.csv 2行目 face_value",
        "coupons.csv 3行目 issued_at",
        "transactions.csv 2行目 kind",
        "transactions.csv 2行目 amount",
    ]


def test_a_hundred_faults_are_shown_and_nothing_is_taken(tmp_path: Path) -> None:
    rows = [coupon(f"{i:012d}", face_value=0) for i in range(SHOWN + 50)]
    write(tmp_path, [coupon("999999999999"), *rows])
    with pytest.raises(Faulty) as caught:
        import_ledger(tmp_path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "取り込めません。何も変更していません。誤り（はじめの100件）:"
    assert len(lines) == SHOWN + 1
    assert Import.objects.count() == 0
