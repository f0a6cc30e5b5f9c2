"""The seal and its table, held against the generator's own outcome."""

import hashlib
import io
import threading
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from config import clock
from config.clock import JST
from config.states import Refused
from coupons import sealing
from coupons.ledger.importing import import_ledger
from coupons.models import Difference, Import, Seal, SealedItem
from tests import ledger_export
from tests.coupons.exports import AFTER, CUT_OFF, coupon, give_back, in_app, movement, take_in

STORY = (
    datetime(2023, 2, 24, 20, tzinfo=JST),
    datetime(2023, 4, 1, 9, tzinfo=JST),
    None,
)


def table() -> str:
    out = io.StringIO()
    call_command("sealed_balances", "--csv", stdout=out)
    return out.getvalue()


def seal() -> sealing.Verdict:
    with clock.at(AFTER):
        return sealing.seal()


def lines() -> list[str]:
    return table().splitlines()[1:]


@pytest.mark.django_db
@pytest.mark.parametrize(("seed", "coupons"), [(1, 1), (2, 500), (3, 1500), (77, 400)])
def test_table_equals_the_expected_file(tmp_path: Path, seed: int, coupons: int) -> None:
    import_ledger(ledger_export.write(tmp_path, coupons, seed))
    seal()
    assert table().encode() == (tmp_path / "expected.csv").read_bytes()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [4, 5])
@pytest.mark.parametrize("sealed_after", [1, 2])
def test_table_equals_after_a_story_of_exports(
    tmp_path: Path, seed: int, sealed_after: int
) -> None:
    for place, moment in enumerate(STORY):
        import_ledger(ledger_export.write(tmp_path / str(place), 800, seed, moment))
        if place == sealed_after:
            seal()
    assert table().encode() == (tmp_path / "2" / "expected.csv").read_bytes()
    assert seal().sha256 == Seal.objects.get().sha256


@pytest.mark.django_db
def test_seal_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    hashes = set()
    for sealed_after in (1, 2):
        with transaction.atomic():
            for place, moment in enumerate(STORY[: sealed_after + 1]):
                import_ledger(ledger_export.write(tmp_path / str(place), 300, 6, moment))
            hashes.add(seal().sha256)
            transaction.set_rollback(True)
    assert len(hashes) == 1


@pytest.mark.django_db
def test_seal_hash_is_a_chain_over_the_rows_by_number(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon("000000000002"), in_app("000000000001")], [movement()])
    state = b""
    for row in ("000000000001,A1,yes,1700,in_app", "000000000002,A1,yes,2000,out"):
        state = hashlib.sha256(state + row.encode()).digest()
    made = seal().seal
    assert (made.sha256, made.coupons, made.eligible, made.total_yen) == (state.hex(), 2, 2, 3700)


@pytest.mark.django_db
def test_seal_refuses_before_the_cut_off_to_the_microsecond(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()])
    with (
        clock.at(CUT_OFF - timedelta(microseconds=1)),
        pytest.raises(Refused, match=r"2023年4月1日（土）00:00より前には確定できません"),
    ):
        sealing.seal()
    with clock.at(CUT_OFF):
        assert sealing.seal().made


@pytest.mark.django_db
def test_seal_refuses_an_empty_ledger() -> None:
    with pytest.raises(Refused, match="クーポン台帳が空です"):
        seal()


@pytest.mark.django_db
def test_table_refuses_before_the_seal(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()])
    with pytest.raises(CommandError, match="まだ確定していません"):
        table()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("occurred_at", "balance"),
    [("2023-03-31T23:59:59", 1700), ("2023-04-01T00:00:00", 2000)],
)
def test_seal_counts_what_happened_before_the_cut_off(
    tmp_path: Path, occurred_at: str, balance: int
) -> None:
    take_in(tmp_path, [coupon()], [movement(occurred_at=f"{occurred_at}+09:00")])
    seal()
    assert SealedItem.objects.get().yen == balance


@pytest.mark.django_db
def test_seal_freezes_contacts_of_those_in_the_app_only(tmp_path: Path) -> None:
    left = {"app_left_at": "2023-03-31T23:59:59+09:00"}
    stayed = {"app_left_at": "2023-04-01T00:00:00+09:00"}
    take_in(tmp_path, [in_app("000000000001", **left), in_app("000000000002", **stayed)])
    seal()
    assert list(
        SealedItem.objects.order_by("coupon__inquiry_number").values_list(
            "route", "in_app", "app_account", "app_phone", "app_email"
        )
    ) == [
        ("application", False, "", "", ""),
        ("app_link", True, "U1", "+819012345678", "a@example.jp"),
    ]


@pytest.mark.django_db
def test_late_give_back_makes_a_coupon_eligible_with_its_whole_balance(tmp_path: Path) -> None:
    other = coupon(expires_at="2023-02-27T23:59:59+09:00", travel_end="2023-02-27")
    debit = movement()
    take_in(tmp_path / "1", [other], [debit])
    seal()
    assert lines() == [f"{other['inquiry_number']},,no,0,0,none"]
    take_in(tmp_path / "2", [other], [debit, give_back("T2", debit, "2023-04-10T15:00:00")])
    assert lines() == [f"{other['inquiry_number']},B,yes,1700,300,application"]
    assert seal().count == 0


@pytest.mark.django_db
def test_coupon_without_balance_is_not_eligible_until_given_back(tmp_path: Path) -> None:
    debit = movement(amount=2000)
    take_in(tmp_path / "1", [coupon()], [debit])
    seal()
    assert lines() == [f"{coupon()['inquiry_number']},A1,no,0,0,none"]
    take_in(tmp_path / "2", [coupon()], [debit, give_back("T2", debit, "2023-04-03T15:00:00")])
    assert lines() == [f"{coupon()['inquiry_number']},A1,yes,0,2000,application"]


@pytest.mark.django_db
def test_give_back_of_a_payment_after_the_cut_off_adds_nothing(tmp_path: Path) -> None:
    late = movement(occurred_at="2023-04-01T00:00:00+09:00")
    take_in(tmp_path, [coupon()], [late, give_back("T2", late, "2023-04-10T15:00:00")])
    seal()
    assert lines() == [f"{coupon()['inquiry_number']},A1,yes,2000,0,application"]


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["2023-03-10T15:00:00", "2023-04-10T15:00:00"])
def test_give_back_told_otherwise_later_makes_no_category(tmp_path: Path, moment: str) -> None:
    other = coupon(expires_at="2023-02-27T23:59:59+09:00", travel_end="2023-02-27")
    debit = movement()
    back = give_back("T2", debit, moment)
    take_in(tmp_path / "1", [other], [debit, back])
    take_in(tmp_path / "2", [other], [debit, back | {"kind": "cancellation"}])
    seal()
    assert lines() == [f"{other['inquiry_number']},,no,0,0,none"]


@pytest.mark.django_db
def test_second_seal_tells_the_same_hash_and_changes_nothing(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [movement()])
    first, out = seal().seal, io.StringIO()
    with clock.at(AFTER + timedelta(days=1)):
        call_command("seal_balances", stdout=out)
    assert out.getvalue().splitlines()[-1] == "現在の台帳も同じSHA-256です。"
    assert list(Seal.objects.values()) == [
        {
            "id": 1,
            "cut_off": CUT_OFF,
            "sealed_at": AFTER,
            "by_id": None,
            "last_import_id": Import.objects.get().pk,
            "coupons": 1,
            "eligible": 1,
            "total_yen": 1700,
            "sha256": first.sha256,
        }
    ]


@pytest.mark.django_db
def test_late_settlement_is_a_difference_listed_once(tmp_path: Path) -> None:
    take_in(tmp_path / "1", [coupon()])
    seal()
    tally = take_in(tmp_path / "2", [coupon()], [movement(occurred_at="2023-03-31T23:58:00+09:00")])
    assert tally.differing_from_seal == 1
    out = io.StringIO()
    with (
        clock.at(AFTER),
        pytest.raises(CommandError, match="確定残額との相違が1件あります。確定は変わりません。"),
    ):
        call_command("seal_balances", stdout=out)
    assert out.getvalue().splitlines()[-1] == "000000000001: balance 2000 -> 1700"
    assert list(Difference.objects.values_list("kind", "detail")) == [
        (
            "sealed",
            {
                "sealed": {"category": "A1", "eligible": True, "balance": 2000, "in_app": False},
                "ledger": {"category": "A1", "eligible": True, "balance": 1700, "in_app": False},
            },
        )
    ]
    assert lines() == ["000000000001,A1,yes,2000,0,application"]


@pytest.mark.django_db
def test_coupon_that_appears_after_the_seal_is_listed_and_owes_nothing(tmp_path: Path) -> None:
    take_in(tmp_path / "1", [coupon()])
    seal()
    take_in(tmp_path / "2", [coupon(), coupon("000000000002")])
    verdict = seal()
    assert [str(found) for found in verdict.differences] == [
        "000000000002: 残額の確定後に現れたクーポン"
    ]
    assert lines()[1] == "000000000002,,no,0,0,none"


@pytest.mark.django_db(transaction=True)
def test_two_seals_at_once_make_one(tmp_path: Path) -> None:
    import_ledger(ledger_export.write(tmp_path, 300, 8))
    verdicts: list[sealing.Verdict] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        try:
            verdicts.append(seal())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdict.made for verdict in verdicts) == [False, True]
    assert len({verdict.sha256 for verdict in verdicts}) == 1
    assert SealedItem.objects.count() == 300


@pytest.mark.django_db(transaction=True)
def test_role_of_the_processes_never_rewrites_the_seal(
    tmp_path: Path, app_role: psycopg.Connection
) -> None:
    take_in(tmp_path, [coupon()], [movement()])
    seal()
    for table_name in ("coupons_seal", "coupons_sealeditem", "coupons_entry"):
        for act in (f"DELETE FROM {table_name}", f"TRUNCATE {table_name} CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app_role.execute(act)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role.execute("UPDATE coupons_sealeditem SET yen = 1")
