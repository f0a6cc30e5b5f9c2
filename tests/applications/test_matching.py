"""Claims against the ledger: each result, each reason (N60)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from applications import matching, review
from applications.models import Claim
from config import clock
from config.clock import JST
from coupons import double_charges, sealing
from coupons.models import Coupon
from tests.applications import rows

pytestmark = pytest.mark.django_db
BEFORE = datetime(2023, 3, 25, 10, tzinfo=JST)
AFTER = datetime(2023, 4, 3, 10, tzinfo=JST)


def matched(row: Any) -> tuple[str, list[str]]:
    """Result and reasons of the first claim, as stored."""
    matching.match(row.claims.select_related("application").order_by("position"))
    found = row.claims.order_by("position").first()
    return found.match, found.match_reasons


def test_a_claim_that_agrees_in_all_is_clean_and_names_its_coupon() -> None:
    coupon = rows.coupon()
    row = rows.application(coupon)

    assert matched(row) == ("clean", [])
    assert row.claims.get().coupon == coupon


def test_an_unknown_number_is_not_found() -> None:
    assert matched(rows.application("999999999999")) == ("not_found", [])


def test_a_claim_without_number_is_to_follow() -> None:
    assert matched(rows.application("")) == ("to_follow", [])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"prefecture_code": "24"}, "prefecture"),
        ({"travel_type": "day_trip"}, "travel_type"),
        ({"travel_start": rows.DAY - timedelta(days=2)}, "travel_start"),
        ({"travel_end": rows.DAY + timedelta(days=1)}, "travel_end"),
        ({"original_expires_at": BEFORE, "expires_at": BEFORE}, "expiry"),
    ],
)
def test_what_the_ledger_has_otherwise_is_named(values: dict[str, Any], reason: str) -> None:
    assert matched(rows.application(rows.coupon(**values))) == ("differs", [reason])


def test_an_unknown_expiry_differs_from_nothing() -> None:
    row = rows.application(rows.coupon(), expires_on_outage_day="unknown")

    assert matched(row) == ("clean", [])


def test_a_coupon_that_the_notice_does_not_cover_is_outside() -> None:
    trip = rows.DAY + timedelta(days=3)
    coupon = rows.coupon(travel_end=trip, original_expires_at=BEFORE, expires_at=BEFORE)
    row = rows.application(coupon, travel_end=trip, expires_on_outage_day="no")

    assert matched(row) == ("differs", ["outside"])


def test_a_coupon_spent_to_the_last_yen_has_no_balance() -> None:
    coupon = rows.coupon()
    rows.spent(coupon, 2000, datetime(2023, 3, 10, 12, tzinfo=JST))

    assert matched(rows.application(coupon)) == ("differs", ["no_balance"])


def test_a_payment_after_the_cut_off_is_held_up_for_the_office() -> None:
    coupon = rows.coupon()
    rows.spent(coupon, 500, datetime(2023, 4, 1, tzinfo=JST))

    assert matched(rows.application(coupon)) == ("differs", ["used_late"])


@pytest.mark.parametrize(
    ("use", "values", "result"),
    [
        ("paper", {}, ("app_active", ["in_app"])),
        ("left", {"app_left_at": BEFORE}, ("clean", [])),
        ("paper", {"app_left_at": BEFORE}, ("differs", ["charged_left"])),
        ("left", {}, ("app_active", ["in_app"])),
    ],
)
def test_the_app_is_asked_of_the_coupon(use: str, values: dict[str, Any], result: Any) -> None:
    row = rows.application()
    rows.claim(row, rows.charged(**values), use=use)

    assert matched(row) == result


def test_a_coupon_never_charged_though_said_so_differs() -> None:
    row = rows.application()
    rows.claim(row, rows.coupon(), use="left")

    assert matched(row) == ("differs", ["not_charged"])


def test_an_app_holder_may_choose_the_bank_with_the_registered_contact() -> None:
    row = rows.application(method="bank", app_contact="+819011112222")
    rows.claim(row, rows.charged(), use="charged")

    assert matched(row) == ("clean", [])


def test_another_contact_than_the_registered_one_differs() -> None:
    row = rows.application(method="bank", app_contact="+819099999999")
    rows.claim(row, rows.charged(), use="charged")

    assert matched(row) == ("differs", ["app_contact"])


def test_a_coupon_asked_for_twice_is_contested_in_both() -> None:
    coupon = rows.coupon()
    one, two = rows.application(coupon), rows.application(coupon)

    assert matched(one) == ("contested", ["rival"])
    assert matched(two) == ("contested", ["rival"])


def test_a_withdrawn_application_contests_nothing() -> None:
    coupon = rows.coupon()
    one, two = rows.application(coupon), rows.application(coupon)
    review.withdraw(two, by=None, reason="by_applicant")

    assert matched(one) == ("clean", [])


def test_a_coupon_in_a_live_payout_is_contested() -> None:
    coupon = rows.coupon()
    paid = rows.application(coupon)
    matched(paid)
    review.approve(review.check_clean(paid), by=rows.clerk("approver"))

    assert matched(rows.application(coupon)) == ("contested", ["rival", "in_payout"])


def test_a_case_of_category_b_under_way_is_told() -> None:
    coupon = rows.coupon()
    double_charges.take(
        case_number="B1",
        by=rows.clerk(),
        prefecture_code="22",
        inquiry_number=coupon.inquiry_number,
        case="paid_otherwise",
    )

    assert matched(rows.application(coupon)) == ("differs", ["double_charge"])


def test_after_the_seal_leaving_the_app_changes_nothing() -> None:
    coupon = rows.charged()
    row = rows.application(coupon)
    with clock.at(AFTER):
        sealing.seal()
        Coupon.objects.filter(pk=coupon.pk).update(app_left_at=AFTER)

        assert matched(row) == ("app_active", ["in_app"])


def test_a_coupon_that_appears_after_the_seal_is_told() -> None:
    rows.coupon()
    with clock.at(AFTER):
        sealing.seal()

        assert matched(rows.application(rows.coupon())) == ("differs", ["after_seal"])


def test_suggestions_are_one_digit_off_or_have_neighbours_swapped() -> None:
    off, swapped = rows.coupon("123456789013"), rows.coupon("213456789012")
    rows.coupon("123456789033")
    rows.coupon("999999999999")
    rows.coupon("123456789012")

    assert matching.suggestions("123456789012") == [off, swapped]


def test_rematch_counts_every_pending_claim_and_rewrites_only_what_changed() -> None:
    row = rows.application(rows.coupon(), "999999999999")
    with clock.at(BEFORE):
        assert matching.rematch() == {"clean": 1, "not_found": 1}
    rows.coupon("999999999999")
    with clock.at(AFTER):
        assert matching.rematch() == {"clean": 2}

    stamps = row.claims.order_by("position").values_list("match", "matched_at")
    assert list(stamps) == [("clean", BEFORE), ("clean", AFTER)]


def test_a_decided_claim_keeps_its_result() -> None:
    row = rows.application("999999999999")
    matched(row)
    Claim.objects.update(state="withdrawn")
    rows.coupon("999999999999")

    assert matched(row) == ("not_found", [])


def test_every_reason_has_its_words() -> None:
    assert matching.labels(["rival", "in_app"]) == [
        "別の申請でも請求されています",
        "アプリにチャージ済みで、退会していません",
    ]
    assert max(map(len, matching.REASONS)) <= 20
