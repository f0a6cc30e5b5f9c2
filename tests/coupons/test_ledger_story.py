"""Any sequence of exports leaves the balances that a plain model of them has."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.facts import facts_of
from coupons.ledger.importing import import_ledger
from coupons.models import Coupon, Entry
from tests.coupons.exports import coupon, movement, write

NUMBERS = [f"{i:012d}" for i in range(3)]
NAMES = [f"T{i}" for i in range(5)]
MOMENTS = [
    "2023-02-24T18:00:00+09:00",
    "2023-02-26T23:59:59+09:00",
    "2023-03-31T23:59:59+09:00",
    "2023-04-01T00:00:00+09:00",
]
SIGNS = {"payment": -1, "cancellation": 1}

movements = st.fixed_dictionaries(
    {
        "number": st.sampled_from(NUMBERS),
        "kind": st.sampled_from(sorted(SIGNS)),
        "amount": st.integers(1, 3000),
        "occurred_at": st.sampled_from(MOMENTS),
    }
)
exports = st.tuples(
    st.dictionaries(st.sampled_from(NUMBERS), st.integers(1, 5000)),  # face values
    st.dictionaries(st.sampled_from(NAMES), movements),
)


class Model:
    """The last word of any export on each coupon and movement; nothing is ever forgotten."""

    def __init__(self) -> None:
        self.faces: dict[str, int] = {}
        self.moves: dict[str, dict[str, Any]] = {}

    def take_in(self, faces: dict[str, int], moves: dict[str, dict[str, Any]]) -> None:
        self.faces |= faces
        self.moves |= moves

    def balance(self, number: str, before: str = "9") -> int:
        return self.faces[number] + sum(
            SIGNS[move["kind"]] * move["amount"]
            for move in self.moves.values()
            if move["number"] == number and move["occurred_at"] < before
        )


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=st.lists(exports, min_size=1, max_size=4))
def test_balances_follow_any_story_of_exports(story: list[tuple[dict, dict]]) -> None:
    model = Model()
    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        for faces, moves in story:
            known = model.faces | faces
            moves = {name: move for name, move in moves.items() if move["number"] in known}
            model.take_in(faces, moves)
            write(
                Path(folder),
                [coupon(number, face_value=face) for number, face in faces.items()],
                [movement(name, **rename(move)) for name, move in moves.items()],
            )
            import_ledger(Path(folder))
            assert import_ledger(Path(folder)).unchanged
        for row in Coupon.objects.all():
            facts = facts_of(row)
            assert facts.balance == model.balance(row.inquiry_number)
            assert facts.balance_before_cut_off == model.balance(row.inquiry_number, MOMENTS[-1])
        assert set(Coupon.objects.values_list("inquiry_number", flat=True)) == set(model.faces)
        assert set(Entry.objects.values_list("transaction_id", flat=True)) == set(model.moves)
        transaction.set_rollback(True)


def rename(move: dict[str, Any]) -> dict[str, Any]:
    return {"number": move["number"]} | {k: v for k, v in move.items() if k != "number"}
