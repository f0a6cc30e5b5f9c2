"""What the ledger says later than the seal: listed once, judged by two people (N18, N41, N43)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pytest_django import Settings

from config import clock
from config.states import Refused
from coupons import double_charges, sealing, supplements
from coupons.explained import explain
from coupons.models import Coupon, DoubleCharge, LateMovement, SealedItem
from tests.coupons.exports import AFTER, coupon, give_back, in_app, movement, take_in
from tests.payouts.rows import clerk

pytestmark = pytest.mark.django_db
LATER = AFTER + timedelta(days=9)
BEFORE, BACK = "2023-03-31T23:58:00", "2023-04-05T12:00:00"
NOT_A = {"expires_at": "2023-02-27T23:59:59+09:00", "travel_end": "2023-02-27"}


def sealed(folder: Path, *files: list[dict[str, str]]) -> None:
    """The first export, imported and sealed after the cut-off."""
    with clock.at(AFTER):
        take_in(folder / "first", *files)
        sealing.seal()


def later(folder: Path, *files: list[dict[str, str]], name: str = "later") -> None:
    """A later export."""
    with clock.at(LATER):
        take_in(folder / name, *files)


def accept(row: LateMovement) -> SealedItem | None:
    """Both signatures."""
    with clock.at(LATER), transaction.atomic():
        supplements.propose(row, accepts=True, by=clerk("reviewer"))
        item = supplements.decide(row, by=clerk("approver"))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return item


def listed() -> list[tuple[str, str, int]]:
    rows = LateMovement.objects.order_by("id")
    return list(rows.values_list("kind", "transaction_id", "yen"))


def editions() -> list[tuple[int, int, str, str]]:
    rows = SealedItem.objects.order_by("edition")
    return list(rows.values_list("edition", "yen", "category", "route"))


def test_nothing_is_late_before_the_seal(tmp_path: Path) -> None:
    with clock.at(AFTER):
        take_in(tmp_path, [coupon()], [movement()])
        assert supplements.list_late(AFTER) == 0
    assert listed() == []


def test_a_give_back_after_the_cut_off_is_listed_once(tmp_path: Path) -> None:
    debit = movement()
    files = [coupon()], [debit, give_back("T2", debit, BACK)]
    sealed(tmp_path, [coupon()], [debit])
    later(tmp_path, *files)
    later(tmp_path, *files, name="again")
    assert listed() == [("give_back", "T2", 300)]
    assert LateMovement.objects.get().steps.count() == 1


def test_a_give_back_known_at_the_seal_but_booked_after_it_counts_is_listed(
    tmp_path: Path,
) -> None:
    debit = movement()
    sealed(tmp_path, [coupon()], [debit, give_back("T2", debit, "2023-04-01T00:00:00")])
    assert listed() == [("give_back", "T2", 300)]
    assert editions() == [(0, 1700, "A1", "application")]


def test_a_settlement_from_before_it_that_arrives_later_is_listed(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [movement()])
    late = movement("T2", amount=500, occurred_at=f"{BEFORE}+09:00")
    later(tmp_path, [coupon()], [movement(), late])
    assert listed() == [("late", "T2", -500)]


def test_a_correction_is_listed_by_what_it_changes(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [movement()])
    later(tmp_path, [coupon()], [movement(store_name="別の店")])
    assert listed() == []
    later(tmp_path, [coupon()], [movement(store_name="別の店", amount=200)], name="third")
    assert listed() == [("late", "T1", 100)]


def test_payments_after_the_cut_off_are_none(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    later(tmp_path, [coupon()], [movement(occurred_at=f"{BACK}+09:00")])
    assert listed() == []


def test_an_accepted_give_back_is_the_next_edition(tmp_path: Path) -> None:
    debit = movement()
    sealed(tmp_path, [coupon()], [debit])
    later(tmp_path, [coupon()], [debit, give_back("T2", debit, BACK)])
    item = accept(LateMovement.objects.get())
    assert (item.edition, item.yen, item.balance) == (1, 300, 2000)
    assert editions() == [(0, 1700, "A1", "application"), (1, 300, "A1", "application")]
    assert (item.prepared_by, item.approved_by) == (clerk("reviewer"), clerk("approver"))


def test_a_coupon_eligible_by_a_late_give_back_is_owed_its_whole_balance(tmp_path: Path) -> None:
    debit, other = movement(), in_app(**NOT_A)
    sealed(tmp_path, [other], [debit])
    assert editions() == [(0, 0, "", "none")]
    later(tmp_path, [other], [debit, give_back("T2", debit, BACK)])
    accept(LateMovement.objects.get())
    assert editions() == [(0, 0, "", "none"), (1, 2000, "B", "app_link")]
    assert SealedItem.objects.get(edition=1).app_phone == "+819012345678"


def test_an_accepted_late_settlement_takes_away(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    late = movement("T2", amount=500, occurred_at=f"{BEFORE}+09:00")
    later(tmp_path, [coupon()], [late])
    accept(LateMovement.objects.get())
    assert editions() == [(0, 2000, "A1", "application"), (1, -500, "A1", "application")]


def test_never_below_zero(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    late = movement("T2", amount=2500, occurred_at=f"{BEFORE}+09:00")
    later(tmp_path, [coupon()], [late])
    accept(LateMovement.objects.get())
    assert [yen for _, yen, _, _ in editions()] == [2000, -2000]


def test_what_is_not_covered_changes_nothing(tmp_path: Path) -> None:
    other = coupon(**NOT_A)
    sealed(tmp_path, [other], [])
    later(tmp_path, [other], [movement("T2", occurred_at=f"{BEFORE}+09:00")])
    row = LateMovement.objects.get()
    assert accept(row) is None
    assert (row.state, row.item) == ("accepted", None)


def test_a_coupon_that_the_seal_never_knew(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    new = in_app("000000000002")
    files = [coupon(), new], [movement("T9", "000000000002")]
    later(tmp_path, *files)
    later(tmp_path, *files, name="again")
    assert listed() == [("coupon", "", 1700)]
    item = accept(LateMovement.objects.get())
    assert (item.edition, item.yen, item.category, item.route) == (1, 1700, "A1", "app_link")
    assert item.app_account == "U1"
    later(
        tmp_path,
        files[0],
        [*files[1], movement("T8", "000000000002", amount=100, occurred_at=f"{BEFORE}+09:00")],
        name="third",
    )
    assert listed()[1:] == [("late", "T8", -100)]


def test_a_refusal_takes_a_reason_and_two_people(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    later(tmp_path, [coupon()], [movement("T2", occurred_at=f"{BEFORE}+09:00")])
    row = LateMovement.objects.get()
    with pytest.raises(Refused) as refused:
        supplements.propose(row, accepts=False, by=clerk("reviewer"))
    assert refused.value.code == "reason"
    supplements.propose(row, accepts=False, refusal="paid", by=clerk("reviewer"))
    with pytest.raises(Refused) as refused:
        supplements.decide(row, by=clerk("reviewer"))
    assert refused.value.code == "two_people"
    assert supplements.decide(row, by=clerk("approver")) is None
    assert (row.state, SealedItem.objects.count()) == ("refused", 1)
    assert list(row.steps.order_by("id").values_list("new", "reason")) == [
        ("listed", ""),
        ("proposed", "paid"),
        ("refused", "paid"),
    ]


def test_a_proposal_sent_back_starts_anew(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    later(tmp_path, [coupon()], [movement("T2", occurred_at=f"{BEFORE}+09:00")])
    row = LateMovement.objects.get()
    supplements.propose(row, accepts=True, by=clerk("reviewer"))
    supplements.send_back(row, by=clerk("approver"))
    row.refresh_from_db()
    assert (row.state, row.prepared_by, row.accepts) == ("listed", None, False)


@pytest.fixture
def drawn(tmp_path: Path, settings: Settings) -> LateMovement:
    """A late settlement that two people accepted and that was drawn for a third."""
    settings.SECOND_LOOK_PERCENT = 100
    sealed(tmp_path, [coupon()], [])
    later(tmp_path, [coupon()], [movement("T2", amount=500, occurred_at=f"{BEFORE}+09:00")])
    row = LateMovement.objects.get()
    supplements.propose(row, accepts=True, by=clerk("reviewer"))
    assert supplements.decide(row, by=clerk("approver")) is None
    return row


def test_a_drawn_decision_counts_once_a_third_person_agrees(drawn: LateMovement) -> None:
    assert (drawn.state, SealedItem.objects.count()) == ("drawn", 1)
    for first in (clerk("reviewer"), clerk("approver")):
        with pytest.raises(Refused) as refused:
            supplements.look(drawn, agrees=True, by=first)
        assert refused.value.code == "third_person"
    item = supplements.look(drawn, agrees=True, by=clerk("manager"))
    assert (drawn.state, drawn.looked_by, item.yen) == ("accepted", clerk("manager"), -500)
    assert (item.prepared_by, item.approved_by) == (clerk("reviewer"), clerk("approver"))
    with pytest.raises(Refused) as refused:
        supplements.look(drawn, agrees=True, by=clerk("manager"))
    assert refused.value.code == "moved"


def test_who_disagrees_sends_a_drawn_decision_back(drawn: LateMovement) -> None:
    assert supplements.look(drawn, agrees=False, by=clerk("manager")) is None
    drawn.refresh_from_db()
    assert (drawn.state, drawn.drawn, drawn.approved_by) == ("listed", False, None)
    assert drawn.steps.latest("id").reason == "second_look"
    assert SealedItem.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "accepted"},
        {"state": "accepted", "drawn": False},
        {"state": "accepted", "looked_by": "approver"},
        {"state": "accepted", "looked_by": "manager", "approved_by": "payer"},
        {"drawn": False},
    ],
)
def test_the_database_keeps_a_drawn_decision_for_the_third(
    drawn: LateMovement, changes: dict[str, object]
) -> None:
    people = {"approver", "manager", "payer"}
    values = {name: clerk(value) if value in people else value for name, value in changes.items()}
    with pytest.raises(DatabaseError), transaction.atomic():
        LateMovement.objects.filter(pk=drawn.pk).update(**values)


def test_only_a_proposal_is_sent_back_by_the_second(drawn: LateMovement) -> None:
    with pytest.raises(Refused) as refused:
        supplements.send_back(drawn, by=clerk("approver"))
    assert refused.value.code == "moved"


def test_one_signature_is_refused_by_the_database(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    later(tmp_path, [coupon()], [movement("T2", occurred_at=f"{BEFORE}+09:00")])
    same = clerk("reviewer")
    supplements.propose(LateMovement.objects.get(), accepts=True, by=same)
    with pytest.raises(IntegrityError, match="late_movement_two_people"), transaction.atomic():
        LateMovement.objects.update(state="accepted", approved_by=same)


def test_editions_below_zero_are_refused_by_the_database(tmp_path: Path) -> None:
    sealed(tmp_path, [coupon()], [])
    base = SealedItem.objects.get()
    with pytest.raises(DatabaseError, match="would owe"), transaction.atomic():
        SealedItem.objects.create(
            coupon=base.coupon,
            edition=1,
            balance=0,
            yen=-2001,
            category="A1",
            eligible=True,
            in_app=False,
            route="application",
            at=LATER,
            prepared_by=clerk("reviewer"),
            approved_by=clerk("approver"),
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def instructed(transaction_id: str) -> DoubleCharge:
    """A case that two people confirmed and instructed."""
    row = double_charges.take(
        case_number="B-1",
        by=clerk("call_centre"),
        case="pressed_again",
        prefecture_code="22",
        inquiry_number="000000000001",
    )
    double_charges.ask_shop(row, clerk("reviewer"))
    double_charges.confirm(row, clerk("reviewer"), [transaction_id])
    return row.move("instructed", by=clerk("approver"), instructed_by=clerk("approver"))


def test_our_own_give_back_and_its_later_twin_count_once(tmp_path: Path) -> None:
    debit = movement()
    sealed(tmp_path, [coupon()], [debit])
    with clock.at(LATER):
        case = instructed("T1")
        (row,) = supplements.list_own(case)
        with pytest.raises(Refused) as refused:
            supplements.list_own(case)
    assert refused.value.code == "listed"
    assert accept(row).yen == 300
    later(tmp_path, [coupon()], [debit, give_back("T2", debit, BACK)])
    row.refresh_from_db()
    assert row.twin == "T2"
    assert listed() == [("own", "", 300)]


@pytest.mark.parametrize(
    ("restored", "amount"),
    [("T9", "300"), ("T1", "299")],  # another debit of the same yen; the same debit, other yen
)
def test_another_give_back_is_no_twin_of_our_own(
    tmp_path: Path, restored: str, amount: str
) -> None:
    debits = [movement(), movement("T9", occurred_at="2023-02-24T18:30:00+09:00")]
    sealed(tmp_path, [coupon()], debits)
    with clock.at(LATER):
        supplements.list_own(instructed("T1"))
    debit = next(each for each in debits if each["transaction_id"] == restored)
    later(tmp_path, [coupon()], [*debits, give_back("T2", debit, BACK, amount=amount)])
    assert listed() == [("own", "", 300), ("give_back", "T2", int(amount))]
    assert LateMovement.objects.get(kind="own").twin == ""


def test_a_late_plus_that_is_no_give_back_makes_nothing_eligible(tmp_path: Path) -> None:
    other = coupon(**NOT_A)
    sealed(tmp_path, [other], [movement()])
    later(tmp_path, [other], [movement(amount=200)])
    assert listed() == [("late", "T1", 100)]
    assert accept(LateMovement.objects.get()) is None


def test_no_give_back_of_our_own_before_the_cut_off(tmp_path: Path) -> None:
    with clock.at(AFTER - timedelta(days=2)):
        take_in(tmp_path, [coupon()], [movement()])
        case = instructed("T1")
        with pytest.raises(Refused):
            supplements.list_own(case)


def test_the_amount_is_explained_line_by_line(tmp_path: Path) -> None:
    debit = movement(amount=660)
    sealed(tmp_path, [coupon()], [debit])
    later(
        tmp_path,
        [coupon()],
        [
            debit,
            give_back("T2", debit, BACK, amount=300),
            movement("T3", amount=50, occurred_at=f"{BACK}+09:00"),
        ],
    )
    accept(LateMovement.objects.get())
    told = explain(Coupon.objects.get())
    assert [(line.kind, line.yen, line.balance) for line in told.lines] == [
        ("face", 2000, 2000),
        ("before", -660, 1340),
        ("cut_off", 1340, 1340),
        ("after", 300, None),
        ("after", -50, None),
        ("edition", 300, None),
    ]
    assert told.lines[3].note == "基準時刻より後の戻入：採用"
    assert told.lines[4].note == "期限後利用（確定残額は変わりません）"
    assert told.owed == 1640


def test_before_the_seal_nothing_is_owed_yet(tmp_path: Path) -> None:
    with clock.at(AFTER - timedelta(days=2)):
        take_in(tmp_path, [coupon()], [movement()])
        told = explain(Coupon.objects.get())
    assert told.owed is None
    assert (told.lines[-1].kind, told.lines[-1].balance) == ("cut_off", 1700)


@pytest.mark.parametrize(
    ("imported", "at", "made"),
    [
        (AFTER - timedelta(days=1), AFTER, False),  # an export from before the cut-off
        (AFTER, AFTER, True),
        (None, AFTER, False),
        (AFTER - timedelta(days=1), AFTER - timedelta(days=1), False),
    ],
)
def test_the_job_seals_once_an_export_is_young_enough(
    tmp_path: Path, imported: object, at: object, made: bool
) -> None:
    if imported:
        with clock.at(imported):
            take_in(tmp_path, [coupon()], [])
    with clock.at(at):
        verdict: Callable[[], sealing.Verdict | None] = sealing.seal_due
        assert bool(verdict()) is made
        assert sealing.seal_due() is None
