"""What must never happen is refused by the database, whoever asks."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from config import clock
from coupons import sealing
from coupons.models import (
    Correction,
    Coupon,
    Debit,
    DoubleCharge,
    DoubleChargeStep,
    Entry,
    Extension,
    Import,
    Seal,
    SealedItem,
)
from tests.coupons.exports import AFTER, CUT_OFF, coupon, in_app, movement, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(tmp_path: Path) -> Coupon:
    """One coupon in the app with a payment, an extension, a correction, and the seal."""
    take_in(tmp_path, [in_app()], [movement()])
    later = {"expires_at": "2023-03-31T23:59:59+09:00", "issuer": "発行施設002"}
    take_in(tmp_path, [in_app(**later)], [movement()])
    with clock.at(AFTER):
        sealing.seal()
    return Coupon.objects.get()


def refused(row: Any) -> str:
    """The constraint that refuses to store a row."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        row.save(force_insert=True)
    return caught.value.__cause__.diag.constraint_name


def entry(of: Coupon, **other: Any) -> Entry:
    values = {
        "coupon": of,
        "transaction_id": "T9",
        "kind": "payment",
        "amount": 10,
        "yen": -10,
        "occurred_at": CUT_OFF,
        "import_run": Import.objects.first(),
    }
    return Entry(**(values | other))


def item(of: Coupon, **other: Any) -> SealedItem:
    first, second = (User.objects.get_or_create(username=name)[0] for name in ("one", "two"))
    values = {
        "coupon": of,
        "edition": 1,
        "balance": 0,
        "yen": 300,
        "category": "B",
        "eligible": True,
        "in_app": True,
        "route": "app_link",
        "at": AFTER,
        "prepared_by": first,
        "approved_by": second,
    }
    return SealedItem(**(values | other))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"inquiry_number": "000000000001"}, "coupon_number_once"),
        ({"face_value": 0}, "coupon_face_value"),
        ({"travel_type": "cruise"}, "coupon_travel_type"),
        ({"travel_end": "2023-02-20"}, "coupon_travel_order"),
        ({"expires_at": CUT_OFF - timedelta(days=60)}, "coupon_expiry_never_earlier"),
        ({"expires_at": None}, "coupon_expiry_never_earlier"),
    ],
)
def test_coupon_constraint_refuses(sealed: Coupon, changes: dict, constraint: str) -> None:
    row = Coupon(**{f.name: getattr(sealed, f.name) for f in Coupon._meta.fields if f.name != "id"})
    row.inquiry_number = "000000000009"
    for name, value in changes.items():
        setattr(row, name, value)
    assert refused(row) == constraint


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"transaction_id": "T1"}, "entry_once"),
        ({"amount": 0, "yen": 0}, "entry_amount"),
        ({"kind": "refund", "yen": 10}, "entry_kind"),
        ({"yen": 10}, "entry_sign"),
        ({"yen": -11}, "entry_sign"),
        ({"revision": 2, "reversal": True}, "entry_sign"),
        ({"reversal": True, "yen": 10}, "entry_revision"),
        ({"kind": "restoration", "yen": 10}, "entry_names_restored"),
    ],
)
def test_entry_constraint_refuses(sealed: Coupon, changes: dict, constraint: str) -> None:
    assert refused(entry(sealed, **changes)) == constraint


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"edition": 0, "prepared_by": None, "approved_by": None}, "sealed_item_once"),
        ({"edition": -1}, "sealed_item_edition"),
        ({"yen": -1, "route": "none"}, "sealed_item_route"),
        ({"category": "C"}, "sealed_item_category"),
        ({"category": ""}, "sealed_item_eligible"),
        ({"eligible": False}, "sealed_item_eligible"),
        ({"route": "application"}, "sealed_item_route"),
        ({"in_app": False, "route": "application", "app_phone": "+81"}, "sealed_item_contact"),
        ({"approved_by": None}, "sealed_item_two_people"),
        ({"prepared_by": None}, "sealed_item_two_people"),
    ],
)
def test_sealed_item_constraint_refuses(sealed: Coupon, changes: dict, constraint: str) -> None:
    assert refused(item(sealed, **changes)) == constraint


def test_supplement_takes_two_different_people(sealed: Coupon) -> None:
    row = item(sealed)
    row.approved_by = row.prepared_by
    assert refused(row) == "sealed_item_two_people"
    item(sealed).save(force_insert=True)
    assert sealed.sealed_items.get(edition=1).yen == 300


def test_there_is_one_seal(sealed: Coupon) -> None:
    values = Seal.objects.values().get() | {"id": 2}
    assert refused(Seal(**values)) == "seal_single"


def test_seal_before_the_cut_off_is_refused() -> None:
    row = Seal(
        cut_off=CUT_OFF,
        sealed_at=CUT_OFF - timedelta(microseconds=1),
        coupons=0,
        eligible=0,
        total_yen=0,
        sha256="",
    )
    assert refused(row) == "seal_after_cut_off"


def test_extension_is_later_and_correction_changes_something(sealed: Coupon) -> None:
    run = Import.objects.first()
    earlier = {"old": CUT_OFF, "new": CUT_OFF - timedelta(days=1)}
    assert refused(Extension(coupon=sealed, at=AFTER, import_run=run, **earlier)) == (
        "extension_is_later"
    )
    same = Correction(coupon=sealed, field="issuer", old="a", new="a", import_run=run)
    assert refused(same) == "correction_changes"


def test_double_charge_needs_two_people_to_ask_for_money(sealed: Coupon) -> None:
    clerk = User.objects.create(username="clerk")
    values = {"case": "pressed_again", "taken_at": AFTER, "taken_by": clerk}
    for state, signed in (
        ("confirmed", {}),
        ("instructed", {"confirmed_by": clerk}),
        ("instructed", {"instructed_by": clerk}),
        ("reflected", {"confirmed_by": clerk, "instructed_by": clerk}),
    ):
        row = DoubleCharge(case_number="1", state=state, **values, **signed)
        assert refused(row) == "double_charge_two_people"


@pytest.mark.parametrize(
    "model", [Entry, Extension, Correction, Seal, SealedItem, Debit, DoubleChargeStep]
)
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_history_is_append_only_even_for_the_owner(sealed: Coupon, model: type, act: str) -> None:
    clerk = User.objects.create(username="clerk")
    case = DoubleCharge.objects.create(
        case_number="1", case="pressed_again", taken_at=AFTER, taken_by=clerk
    ).begin(by=clerk)
    Debit.objects.create(of=case, transaction_id="T1", amount=300)
    assert model.objects.exists()
    with (
        pytest.raises(IntegrityError, match="is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act.format(model._meta.db_table))


def test_sealed_item_of_a_coupon(sealed: Coupon, tmp_path: Path) -> None:
    assert sealing.is_sealed()
    assert sealed.sealed_items.get().yen == 1700
    assert coupon()["inquiry_number"] == str(sealed)
