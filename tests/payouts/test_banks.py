"""The bank master: snapshots, one after another, and the one that ships with the site."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.states import Refused
from payouts import banks
from payouts.models import Bank, Branch

pytestmark = pytest.mark.django_db
SHIZUOKA = {"code": "0149", "name": "静岡", "kana": "シズオカ"}
SHIMIZU = {"code": "0142", "name": "清水", "kana": "シミズ"}
GOFUKU = {"code": "112", "name": "呉服町", "kana": "ゴフクチヨウ"}
TAKAJO = {"code": "115", "name": "鷹匠", "kana": "タカジヨウ"}
Rows = list[dict[str, str]]


def snapshot(folder: Path, day: str, content: dict[str, tuple[dict[str, str], Rows]]) -> Path:
    """A folder in the form of zengin-code."""
    (folder / "branches").mkdir(parents=True)
    (folder / "updated_at").write_text(day + "\n")
    named = {code: bank for code, (bank, _) in content.items()}
    (folder / "banks.json").write_text(json.dumps(named, ensure_ascii=False), "utf-8")
    for code, (_, rows) in content.items():
        listed = {row["code"]: row for row in rows}
        path = folder / "branches" / f"{code}.json"
        path.write_text(json.dumps(listed, ensure_ascii=False), "utf-8")
    return folder


@pytest.fixture
def spring(tmp_path: Path) -> Path:
    both = {"0149": (SHIZUOKA, [GOFUKU, TAKAJO]), "0142": (SHIMIZU, [GOFUKU])}
    return snapshot(tmp_path / "spring", "20230401", both)


@pytest.fixture
def autumn(tmp_path: Path) -> Path:
    renamed = {**GOFUKU, "name": "呉服町中央"}
    return snapshot(tmp_path / "autumn", "20231001", {"0149": (SHIZUOKA, [renamed])})


def seen(model: type[Bank] | type[Branch]) -> list[tuple[str, str, bool, str, str]]:
    rows = model.objects.order_by("code", "pk")
    return list(rows.values_list("code", "name", "is_current", "first_seen", "last_seen"))


def test_a_newer_snapshot_deletes_nothing(spring: Path, autumn: Path) -> None:
    assert banks.load(spring) == banks.Loaded("20230401", 2, 3, 0)
    assert banks.load(autumn) == banks.Loaded("20231001", 1, 1, 3)
    assert seen(Bank) == [
        ("0142", "清水", False, "20230401", "20230401"),
        ("0149", "静岡", True, "20230401", "20231001"),
    ]
    assert sorted(seen(Branch)) == [
        ("112", "呉服町", False, "20230401", "20230401"),
        ("112", "呉服町中央", True, "20230401", "20231001"),
        ("115", "鷹匠", False, "20230401", "20230401"),
    ]
    assert banks.snapshot() == "20231001"


def test_a_branch_that_comes_back_is_current_again(spring: Path, autumn: Path) -> None:
    banks.load(spring)
    banks.load(autumn)
    again = {"0149": (SHIZUOKA, [GOFUKU, TAKAJO])}
    assert banks.load(snapshot(autumn.parent / "winter", "20231201", again)).gone == 2
    assert Branch.objects.get(code="115").is_current


def test_an_older_snapshot_is_refused_and_changes_nothing(spring: Path, autumn: Path) -> None:
    banks.load(autumn)
    before = seen(Branch)
    with pytest.raises(Refused, match=r"20231001.*より古い版（20230401）"):
        banks.load(spring)
    assert seen(Branch) == before


def test_gone_tells_what_the_newest_snapshot_lacks(spring: Path, autumn: Path) -> None:
    asked = [("0149", "112"), ("0149", "115"), ("0142", "112"), ("9998", "001")]
    assert banks.gone(asked) == set()  # nothing loaded, nothing to say
    banks.load(spring)
    assert banks.gone(asked) == {("9998", "001")}
    banks.load(autumn)
    assert banks.gone(asked) == {("0149", "115"), ("0142", "112"), ("9998", "001")}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("updated_at", "2023"),
        ("banks.json", "{"),
        ("banks.json", "[]"),
        ("banks.json", '{"0149": {"code": "0149"}}'),
        ("banks.json", "{}"),
        ("branches/0149.json", "[1]"),
    ],
)
def test_what_is_no_snapshot_is_refused(spring: Path, file: str, text: str) -> None:
    (spring / file).write_text(text)
    with pytest.raises(Refused) as refusal:
        banks.load(spring)
    assert (refusal.value.code, Bank.objects.count()) == ("folder", 0)


def test_command_loads_a_folder_and_names_what_is_wrong_with_one(spring: Path) -> None:
    out = io.StringIO()
    call_command("load_banks", "--from", str(spring), stdout=out)
    assert out.getvalue().splitlines() == [
        "20230401 の版を読み込みました。",
        "金融機関 2　支店 3",
        "いまの版にない金融機関・支店 0",
    ]
    with pytest.raises(CommandError, match="読み取れません"):
        call_command("load_banks", "--from", str(spring / "branches"), stdout=out)


def test_shipped_snapshot_loads_offline_and_again_without_change() -> None:
    shipped = banks.load()
    assert shipped.banks > 1000
    assert shipped.branches > 25_000
    assert Bank.objects.get(code="9900").name == "ゆうちょ"
    assert banks.load() == shipped
