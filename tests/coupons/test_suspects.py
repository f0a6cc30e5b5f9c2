"""Likely double debits, found in the whole ledger."""

import csv
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from config.states import Refused
from coupons import double_charges, suspects
from coupons.ledger.importing import import_ledger
from coupons.models import Coupon, DoubleCharge
from tests import ledger_export
from tests.coupons.exports import NUMBER, coupon, give_back, movement, take_in

pytestmark = pytest.mark.django_db


def press(name: str, clock: str, **other: object) -> dict[str, str]:
    return movement(name, occurred_at=f"2023-02-24T{clock}+09:00", **other)


def found(**which: object) -> list[tuple[str, int, int, list[str]]]:
    return [
        (row.inquiry_number, row.presses, row.yen, row.transactions)
        for row in suspects.suspects(**which)
    ]


def test_a_run_of_equal_payments_seconds_apart_is_suspected(tmp_path: Path) -> None:
    moves = [press("T1", "18:00:00"), press("T2", "18:00:20"), press("T3", "18:01:00")]
    take_in(tmp_path, [coupon()], moves)

    assert found() == [(NUMBER, 3, 600, ["T1", "T2", "T3"])]


@pytest.mark.parametrize(
    "second",
    [
        press("T2", "18:00:20", amount=301),
        press("T2", "18:00:20", store_id="S2"),
        press("T2", "18:02:01"),
    ],
    ids=["other sum", "other shop", "later"],
)
def test_other_pairs_are_ordinary_purchases(tmp_path: Path, second: dict[str, str]) -> None:
    take_in(tmp_path, [coupon()], [press("T1", "18:00:00"), second])

    assert found() == []


def test_outside_the_band_nothing_is_suspected(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [press("T1", "16:59:30"), press("T2", "16:59:50")])

    assert found() == []


def test_two_runs_of_one_shop_are_two(tmp_path: Path) -> None:
    moves = [
        *(press("T1", "18:00:00"), press("T2", "18:00:20")),
        *(press("T3", "20:00:00"), press("T4", "20:00:20")),
    ]
    take_in(tmp_path, [coupon()], moves)

    assert [row[3] for row in found()] == [["T1", "T2"], ["T3", "T4"]]


@pytest.mark.parametrize("kind", ["restoration", "cancellation"])
def test_what_came_back_is_suspected_no_more(tmp_path: Path, kind: str) -> None:
    moves = [press("T1", "18:00:00"), press("T2", "18:00:20"), press("T3", "18:00:40")]
    take_in(tmp_path, [coupon()], moves)
    moves.append(give_back("T8", moves[1], "2023-03-06T15:00:00", kind=kind))
    take_in(tmp_path, [coupon()], moves)
    assert [row[2] for row in found()] == [300]
    moves.append(give_back("T9", moves[2], "2023-03-06T15:00:00", kind=kind))
    take_in(tmp_path, [coupon()], moves)

    assert found() == []


def test_a_payment_put_right_by_a_newer_export_counts_as_it_is_now(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [press("T1", "18:00:00"), press("T2", "18:00:20")])
    take_in(tmp_path, [coupon()], [press("T1", "18:00:00"), press("T2", "18:00:20", amount=500)])

    assert found() == []


def test_a_prefecture_sees_its_own(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [press("T1", "18:00:00"), press("T2", "18:00:20")])

    assert (len(found(prefectures=["22"])), found(prefectures=["24"])) == (1, [])


def test_take_up_opens_one_case_and_the_suspicion_is_gone(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [press("T1", "18:00:00"), press("T2", "18:00:20")])
    clerk, row = User.objects.create_user("a", is_staff=True), Coupon.objects.get()

    case = suspects.take_up(row, "B1", clerk)

    assert (case.coupon, case.told_yen, case.case) == (row, 300, "pressed_again")
    assert list(case.steps.values_list("new", "reason")) == [("taken", "found")]
    assert found() == []
    with pytest.raises(Refused, match="すでに受付がある"):
        suspects.take_up(row, "B2", clerk)
    assert DoubleCharge.objects.count() == 1


def test_who_called_is_not_listed(tmp_path: Path) -> None:
    take_in(tmp_path, [coupon()], [press("T1", "18:00:00"), press("T2", "18:00:20")])
    double_charges.take(
        case_number="B1",
        by=User.objects.create_user("a", is_staff=True),
        case="pressed_again",
        inquiry_number=NUMBER,
        prefecture_code="22",
    )

    assert found() == []


def test_repeated_payments_of_one_coupon_are_marked_from_the_second_on(tmp_path: Path) -> None:
    moves = [press("T1", "18:00:00"), press("T2", "18:00:20"), press("T3", "19:00:00")]
    take_in(tmp_path, [coupon()], moves)
    payments = list(double_charges.payments(Coupon.objects.get().pk))

    assert suspects.doubled(payments) == {"T2"}


def test_a_whole_ledger_gives_what_a_plain_count_gives(tmp_path: Path) -> None:
    folder = ledger_export.write(tmp_path, 4000, 5)
    import_ledger(folder)
    runs, restored = {}, set()
    with (folder / "transactions.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            restored.add(row["restores_transaction_id"])
            if row["kind"] == "payment" and "2023-02-24T17:" <= row["occurred_at"] < "2023-02-25":
                key = (row["inquiry_number"], row["store_id"], row["amount"])
                runs.setdefault(key, []).append(row["transaction_id"])
    expected = {
        (number, int(amount) * (len(ids) - 1 - len(restored & set(ids))))
        for (number, _, amount), ids in runs.items()
        if len(ids) - 1 - len(restored & set(ids)) > 0
    }

    assert {(row.inquiry_number, row.yen) for row in suspects.suspects()} == expected
    assert expected
