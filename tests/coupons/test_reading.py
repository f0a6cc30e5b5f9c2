"""Files as they come: encodings, headers, broken records."""

from pathlib import Path

import pytest

from coupons.ledger.faults import Faulty
from coupons.ledger.importing import import_ledger
from coupons.models import Coupon, Import
from tests.coupons.exports import coupon, movement, take_in, write

pytestmark = pytest.mark.django_db


def faults(folder: Path) -> list[str]:
    with pytest.raises(Faulty) as caught:
        import_ledger(folder)
    assert (Import.objects.count(), Coupon.objects.count()) == (0, 0)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_told_apart(
    tmp_path: Path, encoding: str, newline: str
) -> None:
    tally = take_in(
        tmp_path,
        [coupon(issuer="①髙島屋〜・ﾎﾃﾙ" if encoding != "cp932" else "①髙島屋・ﾎﾃﾙ")],
        [movement()],
        encoding=encoding,
        newline=newline,
    )
    assert tally.encodings[0] == ("cp932" if encoding == "cp932" else "utf-8-sig")
    assert Coupon.objects.get().issuer.startswith("①髙島屋")


def test_same_export_in_another_encoding_changes_nothing(tmp_path: Path) -> None:
    take_in(tmp_path / "1", [coupon()], [movement()])
    again = take_in(tmp_path / "2", [coupon()], [movement()], encoding="cp932", newline="\r\n")
    assert again.unchanged


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    write(tmp_path, [coupon()], [movement()])
    path = tmp_path / "coupons.csv"
    turned = [",".join(reversed(line.split(","))) for line in path.read_text("utf-8").split()]
    path.write_text("\n".join(turned), "utf-8")
    import_ledger(tmp_path)
    assert Coupon.objects.get().issuer == "発行施設001"


def test_missing_files_are_both_named(tmp_path: Path) -> None:
    assert faults(tmp_path) == [
        "coupons.csv: ファイルが読めません。フォルダの中に必要です",
        "transactions.csv: ファイルが読めません。フォルダの中に必要です",
    ]


def test_undecodable_text_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, [coupon(), coupon("000000000002")], [movement()])
    path = tmp_path / "coupons.csv"
    rows = path.read_bytes().split(b"\n")
    rows[2] = rows[2].replace("施".encode(), b"\xff\xff")
    path.write_bytes(b"\n".join(rows))
    assert faults(tmp_path) == [
        "coupons.csv 3行目: UTF-8で読めない文字があります（UTF-8またはCP932で保存）"
    ]


def test_header_faults_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, [coupon()], [movement()])
    path = tmp_path / "transactions.csv"
    text = path.read_text("utf-8").replace("amount,", "yen,").replace("store_id,", "kind,", 1)
    path.write_text(text, "utf-8")
    assert faults(tmp_path) == [
        "transactions.csv 1行目: 見出しに amount が必要です",
        "transactions.csv 1行目: 見出しに store_id が必要です",
        "transactions.csv 1行目: 見出しの kind が重複しています",
        "transactions.csv 1行目: 見出しの「yen」は決められた項目ではありません",
    ]


def test_empty_file_misses_its_header(tmp_path: Path) -> None:
    write(tmp_path, [coupon()])
    (tmp_path / "transactions.csv").write_bytes(b"")
    assert len(faults(tmp_path)) == 8


def test_records_of_wrong_length_are_told_and_blank_lines_passed(tmp_path: Path) -> None:
    write(tmp_path, [coupon(), coupon("000000000002")])
    path = tmp_path / "coupons.csv"
    first, second, third = path.read_text("utf-8").splitlines()
    path.write_text(f"{first}\n{second},x\n\n{third[:30]}\n", "utf-8")
    assert faults(tmp_path) == [
        "coupons.csv 2行目: 14項目が必要です（15項目あります）",
        "coupons.csv 4行目: 14項目が必要です（4項目あります）",
    ]


def test_quoted_line_breaks_keep_the_count_of_lines(tmp_path: Path) -> None:
    broken = [coupon(issuer="発行\n施設"), coupon("000000000002", face_value="x")]
    write(tmp_path, broken)
    assert faults(tmp_path) == [
        "coupons.csv 4行目 face_value「x」: 1以上の整数が必要です（円、カンマなし）"
    ]


def test_stray_quotes_and_nul_are_told(tmp_path: Path) -> None:
    write(tmp_path, [coupon(issuer="a\0b"), coupon("000000000002", issuer="QUOTE")])
    path = tmp_path / "coupons.csv"
    path.write_text(path.read_text("utf-8").replace("QUOTE", '"a"b'), "utf-8")
    assert [fault.split("（")[0] for fault in faults(tmp_path)] == [
        "coupons.csv 2行目: NUL文字は使えません",
        "coupons.csv 3行目: CSVとして読めません",
    ]
