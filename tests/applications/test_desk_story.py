"""Flow 7 from the call in March to the payout in April, through real exports and the seal."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from applications import desk, matching, review
from applications.models import Application, Claim
from config import clock
from config.clock import JST
from coupons import double_charges, give_backs, sealing
from coupons.ledger.importing import import_ledger
from coupons.models import DoubleCharge
from payouts.models import Payout
from payouts.opening import release_due
from tests.applications import rows
from tests.applications.test_desk import answers, ids, told
from tests.coupons import exports

pytestmark = pytest.mark.django_db

CALL = datetime(2023, 3, 6, 10, 30, tzinfo=JST)
# A trip of other days and another expiry: nothing but B covers it (N12).
TRIP = {
    "travel_start": "2023-02-22",
    "travel_end": "2023-02-25",
    "expires_at": "2023-02-25T23:59:59+09:00",
}


def moved(tmp_path: Path, name: str, *back: dict[str, str]) -> None:
    """An export of that moment: three presses, and what was given back."""
    presses = [
        exports.movement(f"T{n}", occurred_at=f"2023-02-24T18:00:{n * 20:02}+09:00")
        for n in (0, 1, 2)
    ]
    coupon = exports.coupon(**TRIP)
    import_ledger(exports.write(tmp_path / name, [coupon], [*presses, *back]))


def given_back(press: int) -> dict[str, str]:
    debit = exports.movement(f"T{press}")
    return exports.give_back(f"R{press}", debit, "2023-03-08T15:00:00")


def to_the_coupon_system(case: DoubleCharge, clerk: Any) -> None:
    """From the shop to the released list."""
    double_charges.ask_shop(case, clerk)
    double_charges.note(case, "3回の記録。1回分だけが正しい", clerk, "shop")
    desk.confirm(case, ["T1", "T2"], by=clerk)
    give_backs.release(give_backs.prepare("22", clerk), rows.clerk("approver"))


def test_a_call_ends_in_one_payout_of_what_was_left(tmp_path: Path) -> None:
    clerk, said = rows.clerk("call_centre"), answers(exports.NUMBER)
    with clock.at(CALL):
        moved(tmp_path, "first")
        case = desk.take(told(exports.NUMBER), said, ids(), by=clerk)
        to_the_coupon_system(case, clerk)
    with clock.at(datetime(2023, 3, 10, 9, tzinfo=JST)):
        moved(tmp_path, "second", given_back(1), given_back(2))
        matching.rematch()
    case.refresh_from_db()
    claim = Claim.objects.get()
    assert case.state == "reflected"
    assert "double_charge" not in claim.match_reasons

    row = Application.objects.get()
    with clock.at(datetime(2023, 4, 3, 11, tzinfo=JST)):
        sealing.seal()
        review.check(row, {claim.pk: ("approved", "")}, by=rows.clerk())
        review.approve(row, by=rows.clerk("approver"))
        release_due()

    payout = Payout.objects.get()
    assert (row.arrived_at, payout.state, payout.amount) == (CALL, "ready", 1700)
